/*
 * quiet.h - writing without SIGPIPE, to what knows no MSG_NOSIGNAL; nor
 * SIGXFSZ, which comes of a file that may grow no more (ulimit -f).
 *
 * Private to io/, installed nowhere.
 */
#ifndef GYRE_IO_QUIET_H
#define GYRE_IO_QUIET_H

#include <signal.h>

/* What the thread blocked before. */
struct gyre_quiet {
    sigset_t before;
};

/* From here on a write makes no signal; two system calls in all, or more when
   it would have. */
void gyre_quiet_begin(struct gyre_quiet *q);

/* To here; `err` is what the write came to, if that was an error: -EPIPE and
   -EFBIG come with signals. */
void gyre_quiet_end(const struct gyre_quiet *q, int err);

#endif
