/*
 * explore.h - the same program in many orders.
 *
 * What tasks do between two cancel points nobody interrupts, but which of them
 * goes next is nobody's promise.  So a program that works may do so because of
 * an order.  Here it runs again and again, each time in a simulated world of
 * its own with a seed of its own (loop/random.h), which decides that order; and
 * a seed with which it fails is told, so that it can be watched failing.
 *
 * A run fails if it returns an error, -EDEADLK among them, or if it leaves
 * anything behind: a job, watch, timer or hold on its loop, memory of the
 * loop's allocator, an open descriptor; or if it closes one that was open
 * before.  Other claims the program makes itself, and returns an error.
 *
 *      struct gyre_exploration e = {.runs = 1000};
 *      int err = gyre_explore(&e, transfer_both_ways, &accounts);
 *
 * To be called outside of tasks.
 */
#ifndef GYRE_TASK_SIM_EXPLORE_H
#define GYRE_TASK_SIM_EXPLORE_H

#include <stddef.h>
#include <stdint.h>

/* Set what you like, and zero the rest. */
struct gyre_exploration {
    uint64_t first;    /* seed; 0: 1 */
    uint64_t runs;     /* each with the next seed; 0: 100 */
    size_t stack_size; /* of every task; 0: as gyre_run */

    /* Set by it. */
    uint64_t seed;      /* the latest tried: that it failed with, if it did */
    uint64_t tried;     /* how many were */
    uint64_t schedules; /* in how many orders tasks took turns, among these */
};

#pragma GCC visibility push(default)

/*
 * Run fn(arg), as gyre_run does, with each seed until it fails.  0; what the
 * failing run returned; -ENOTEMPTY if that was no error, but something is left;
 * or an error of gyre_loop_new.  Of a failure it says on standard error what it
 * was and with which seed.
 *
 * With GYRE_SEED=n in the environment it tries that seed alone, whatever was
 * asked for, and 0 is the order of the queue; -EINVAL if that is no number.
 */
int gyre_explore(struct gyre_exploration *e, intptr_t (*fn)(void *arg),
                 void *arg);

#pragma GCC visibility pop

#endif
