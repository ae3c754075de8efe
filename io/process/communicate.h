/*
 * communicate.h - a conversation with a child, from beginning to end.
 *
 * A child that is told something and says something may stop to listen until it
 * is heard; so it is written to, and both its outputs are read, at the same
 * time.
 */
#ifndef GYRE_IO_PROCESS_COMMUNICATE_H
#define GYRE_IO_PROCESS_COMMUNICATE_H

#include <stddef.h>

#include "timers/time.h"
#include "io/buf.h"

struct gyre_process;

/* Set the first part, zero the rest. */
struct gyre_conversation {
    const void *input; /* to be written to it */
    size_t n;          /* bytes of that */
    size_t most;       /* bytes of each of its outputs; 0: as many as it says */
    gyre_time grace;   /* from SIGTERM to SIGKILL, if it is to be stopped */
    gyre_time linger;  /* how long after its end others are heard who have its
                          outputs; 0: no longer; but what is there already is
                          heard in any case */

    /* What it has said, as far as it was heard; the caller's to free. */
    struct gyre_buf output, error;
};

#pragma GCC visibility push(default)

/*
 * Write the input to those of `p->in`, `p->out` and `p->err` that are pipes,
 * read these to their ends, and wait until the child has ended.  All three are
 * closed then.  That it does not read all of its input is its own business.
 * What it has started, and left behind, may keep its outputs open for ever: all
 * that it has said itself is heard, and what these say in addition as long as
 * `linger` is.
 *
 * 0, and p->code and p->signal tell how it ended.  -EMSGSIZE if it says more
 * than `most`; -ENOMEM; or as gyre_read, gyre_write and gyre_process_wait: then
 * the child was stopped, as gyre_process_stop does, and what was heard is there
 * all the same.  A cancel point, for tasks.
 */
int gyre_process_communicate(struct gyre_process *p,
                             struct gyre_conversation *c, gyre_time deadline)
    __attribute__((warn_unused_result));

#pragma GCC visibility pop

#endif
