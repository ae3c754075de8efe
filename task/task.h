/*
 * task.h - what a task may ask of itself, and of the time.
 *
 * For tasks only: a call from elsewhere is asserted against.
 *
 * errno and the floating-point environment (rounding, exception masks) belong
 * to the thread: at any cancel point another task may change errno, and a task
 * that changes the environment restores it before the next one.  No C++
 * exception may leave a task.  A frame of over 16 KiB may step over the guard
 * below a stack, unless it was compiled with -fstack-clash-protection.
 */
#ifndef GYRE_TASK_TASK_H
#define GYRE_TASK_TASK_H

#include <stdbool.h>

#include "timers/time.h"

struct gyre_loop;

#pragma GCC visibility push(default)

/* The time `span` nanoseconds from now, for use as a deadline; saturates at
   GYRE_FOREVER.  Reads the clock. */
gyre_time gyre_in(gyre_time span);

/* The loop this task runs on. */
struct gyre_loop *gyre_loop_current(void);

/* Is this a task?  From anywhere. */
bool gyre_in_task(void);

/* The nearest of the limits that hold here, or GYRE_FOREVER.  O(depth). */
gyre_time gyre_current_limit(void);

/* Let every other task that is ready run first; in a loop with a seed, those of
   this pass (loop/random.h).  0, or -ECANCELED.  A cancel point. */
int gyre_yield(void) __attribute__((warn_unused_result));

/*
 * The same, but only if this task has had its turn: it has run for 1 ms, or has
 * no credits left (wait.h), of which one is spent now and then.  For loops that
 * compute; it can be called at each step: some 3 ns, as a rule.  0, or
 * -ECANCELED at once.  A cancel point.
 */
int gyre_yield_if_due(void) __attribute__((warn_unused_result));

/* Wait for `deadline` to pass.  0, or -ECANCELED.  A cancel point. */
int gyre_sleep(gyre_time deadline) __attribute__((warn_unused_result));

#pragma GCC visibility pop

#endif
