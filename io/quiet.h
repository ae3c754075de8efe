/*
 * quiet.h - writing without SIGPIPE, to what knows no MSG_NOSIGNAL.
 *
 * Private to io/, installed nowhere.
 */
#ifndef GYRE_IO_QUIET_H
#define GYRE_IO_QUIET_H

#include <signal.h>
#include <stdbool.h>

/* What the thread blocked before. */
struct gyre_quiet {
    sigset_t before;
};

/* From here on a write makes no signal; two system calls in all, or three when
   it would have. */
void gyre_quiet_begin(struct gyre_quiet *q);

/* To here; `broken` if the write said EPIPE. */
void gyre_quiet_end(const struct gyre_quiet *q, bool broken);

#endif
