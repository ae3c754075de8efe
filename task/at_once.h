/*
 * at_once.h - a checkpoint at which nobody else runs.
 *
 * Private to task/ and what is above it, installed nowhere.
 */
#ifndef GYRE_TASK_AT_ONCE_H
#define GYRE_TASK_AT_ONCE_H

#include "timers/time.h"

struct gyre_loop;

/*
 * As gyre_checkpoint, if that would not let others run: then the caller may go
 * on to use what nobody can have closed or freed meanwhile.  1 if it would, and
 * nothing was done: so the caller guards what it uses, and makes it.
 */
int gyre_checkpoint_at_once(gyre_time deadline)
    __attribute__((warn_unused_result));

/* As gyre_checkpoint with GYRE_NOW, of a task or a callback that is about to
   use what is the loop's: -ECANCELED, too, if that is a parent's. */
int gyre_checkpoint_now(const struct gyre_loop *l)
    __attribute__((warn_unused_result));

#endif
