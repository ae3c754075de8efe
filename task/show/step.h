/*
 * step.h - a loop, one job at a time, drawn after each: for lessons.
 *
 * A drawing says in plain text what the loop has been doing, which jobs are
 * ready, which timers are started, which tasks are parked, what they wait for,
 * and who must act for that, if it is known:
 *
 *      > #1 main runs
 *      ready   #2 kid
 *      timers  in 1.000 s, to wake #3 clock
 *      parked  #1 main, for an event
 *
 * What the program has printed to stdout comes before what is drawn there after
 * it.  Under simulation (loop/sim.h) the same program is always drawn in the
 * same way.  Under gyre_run, GYRE_STEP=1 in the environment has the run made in
 * steps and drawn on descriptor 1; so does an option (task/run/run.h).
 */
#ifndef GYRE_TASK_SHOW_STEP_H
#define GYRE_TASK_SHOW_STEP_H

#include "timers/time.h"

struct gyre_loop;

#pragma GCC visibility push(default)

/*
 * Draw to `fd` what is ready, started and parked in `l`, on its own thread.  Of
 * tasks those are drawn that belong to the current run, so it is called in a
 * run, or without one there are none.  0, or as write.  O(n) and more: for few.
 */
int gyre_draw(struct gyre_loop *l, int fd);

/* Make one step, as gyre_loop_step does, and return as that: say what runs
   before it does, and draw the loop then. */
int gyre_step(struct gyre_loop *l, gyre_time until, int fd);

/* As gyre_loop_run, step by step; but gyre_loop_stop ends it at once, where a
   run finishes its round. */
int gyre_step_through(struct gyre_loop *l, int fd);

#pragma GCC visibility pop

#endif
