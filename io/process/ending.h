/*
 * ending.h - the end of a child, that is told of: for callbacks.
 *
 * As gyre_process_wait (io/process/process.h), which waits in a task.  Any
 * number may be started on one child.  Nothing is allocated.
 */
#ifndef GYRE_IO_PROCESS_ENDING_H
#define GYRE_IO_PROCESS_ENDING_H

#include <stdbool.h>

#include "loop/job.h"
#include "io/line.h"

struct gyre_process;

/* Set `ended`, and `background`; zero the rest.  Keep it in place while it is
   started. */
struct gyre_ending {
    /* 0, and the child's `code` and `signal` tell how; or -ECHILD.  Called from
       the loop, and never inside of another call; `e` is idle, and may be
       freed, and the child closed. */
    void (*ended)(struct gyre_ending *e, int err);
    bool background; /* does not keep the loop alive; read when started */

    /* private */
    struct gyre_process *process; /* NULL when idle */
    struct gyre_caller caller;    /* in process->waiting, then process->told */
    bool awaited;                 /* counted by the loop */
    int err;
    struct gyre_job job;
};

#pragma GCC visibility push(default)

/* Tell when `p` has ended, which it may have.  Cannot fail. */
void gyre_ending_start(struct gyre_ending *e, struct gyre_process *p);

/* Do not tell.  An idle one is left alone.  O(1). */
void gyre_ending_stop(struct gyre_ending *e);

/* True from gyre_ending_start until it is stopped or about to be told, or the
   child is closed. */
bool gyre_ending_started(const struct gyre_ending *e);

#pragma GCC visibility pop

#endif
