/*
 * accepting.h - connections, told of as they come: for callbacks.
 *
 * As gyre_accept (io/tcp.h), which waits in a task: what is said there of
 * running out of descriptors holds here too.  Nothing is allocated but the
 * streams.
 */
#ifndef GYRE_IO_ACCEPTING_H
#define GYRE_IO_ACCEPTING_H

#include <stdbool.h>

#include "loop/job.h"
#include "loop/timer.h"
#include "io/line.h"

struct gyre_listener;
struct gyre_stream;

/* Set `accepted`, and `background`; zero the rest.  Keep it in place while it
   is started. */
struct gyre_accepting {
    /*
     * A connection, and 0: it is the callee's to close.  Or NULL, and why there
     * will be no more, which is no peer's doing; then it is idle.  Called from
     * the loop, at most once a pass; may stop and free `a`, or close the
     * listener.
     */
    void (*accepted)(struct gyre_accepting *a, struct gyre_stream *s, int err);
    bool background; /* does not keep the loop alive; read when started */

    /* private */
    struct gyre_listener *listener; /* NULL when idle */
    struct gyre_caller caller;      /* in listener->inside */
    bool awaited;                   /* counted by the loop */
    int err;                        /* to be told yet, or 0 */
    bool *gone; /* to be set when it is idle, while it accepts; or NULL */
    struct gyre_job job;
    struct gyre_timer timer; /* the end of a pause */
};

#pragma GCC visibility push(default)

/* Accept from `l`, again and again.  0; -EBUSY if a task waits to accept, or
   another accepting is started; or why the descriptor cannot be watched, and
   then nothing is started. */
int gyre_accepting_start(struct gyre_accepting *a, struct gyre_listener *l);

/* Accept no more: who comes waits in the system's queue.  An idle one is left
   alone.  O(1), without a system call; gyre_accepting_start goes on. */
void gyre_accepting_stop(struct gyre_accepting *a);

/* True from gyre_accepting_start until it is stopped, has told of an error, or
   the listener is closed. */
bool gyre_accepting_started(const struct gyre_accepting *a);

#pragma GCC visibility pop

#endif
