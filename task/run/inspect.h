/*
 * inspect.h - how a run is looked at from outside, while it goes on.
 *
 * Private to task/, installed nowhere.  A signal has all tasks dumped, a timer
 * looks for those that wait for each other, and a socket answers questions; as
 * the environment says: see run.h.  None of it keeps the loop alive.
 */
#ifndef GYRE_TASK_RUN_INSPECT_H
#define GYRE_TASK_RUN_INSPECT_H

#include "loop/signal.h"
#include "task/internal.h"
#include "task/run/control.h"

/* What a run has for it; zeroed, it is stopped. */
struct gyre_inspect {
    struct gyre_runtime *runtime;
    struct gyre_signal dumping;
    struct gyre_timer checking; /* for cycles */
    struct gyre_control *control;
};

/* Let `rt` be looked at.  Cannot fail: what does not work is told as a failure
   of the loop, and done without. */
void gyre_inspect_start(struct gyre_inspect *in, struct gyre_runtime *rt);
void gyre_inspect_stop(struct gyre_inspect *in);

/* In the child of a fork: let go of what the parent goes on with. */
void gyre_inspect_forget(struct gyre_inspect *in);

#endif
