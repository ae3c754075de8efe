/*
 * timer.h - a loop's timers.
 *
 * A struct gyre_timer is described in timers/timers.h: set `fire` (and `every`
 * for one that repeats, `background` for one that does not keep the loop
 * alive), zero the rest, and keep it in place while it is started.
 */
#ifndef GYRE_LOOP_TIMER_H
#define GYRE_LOOP_TIMER_H

#include "timers/timers.h"

struct gyre_loop;

#pragma GCC visibility push(default)

/*
 * Fire `t` at `at`, in nanoseconds on the loop's clock (gyre_loop_in gives such
 * times), never before; GYRE_NOW is after the next poll.  Timers for the same
 * time fire in the order they were started.  A started timer is moved.  O(1),
 * or close to it when one is moved that is due.
 */
void gyre_timer_start(struct gyre_loop *l, struct gyre_timer *t, gyre_time at);

/* Do not fire `t` after all.  An idle timer is left alone.  O(1), or close to
   it for a timer that is due. */
void gyre_timer_stop(struct gyre_loop *l, struct gyre_timer *t);

#pragma GCC visibility pop

#endif
