/*
 * inject.h - a program cancelled at each of its cancel points in turn.
 *
 * Whoever may be cancelled must, at every point where that can happen, have
 * what it holds in hand.  Here the program runs again and again, in a simulated
 * world of its own each time, and is cancelled at its first cancel point, then
 * at its second, and so on until a run has no further one.  After each run all
 * must have been given back: see below.
 *
 * A cancel point counts up to three times, for a cancellation may come
 *   - before anything was attempted: then nothing may have happened;
 *   - while the task is parked: then it must have left whatever it stood in;
 *   - after it was woken, and before it runs: then what it waited for is its.
 *
 *      struct gyre_injection i = {.check = all_connections_are_back};
 *      int err = gyre_inject(&i, use_the_pool, &pool);
 *
 * Inside a shield a point counts, but the cancellation is not seen there: it
 * is told of where the shield has been left, as any that comes from outside.
 *
 * It takes as many runs as there are points.  To be called outside of tasks.
 */
#ifndef GYRE_TASK_SIM_INJECT_H
#define GYRE_TASK_SIM_INJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Set what you like, and zero the rest. */
struct gyre_injection {
    bool only_task;          /* cancel the task that is at the point, as
                                gyre_future_cancel does; else the whole run */
    int (*check)(void *arg); /* called after each run, outside of it: 0, or why
                                something is lost; or NULL */
    uint64_t seed;           /* of the order (loop/random.h); 0: as it comes */
    size_t stack_size;       /* of every task; 0: as gyre_run */

    /* Set by it. */
    uint64_t points; /* cancelled at so far: the latest, if it failed there */
};

#pragma GCC visibility push(default)

/*
 * Run fn(arg), as gyre_run does, once for every cancel point and once without
 * being cancelled.  What it returns is its own business, as it is cancelled,
 * but for -EDEADLK, and for the last time.  The rest is as in gyre_explore: a
 * run may leave nothing behind.
 *
 * 0; -EDEADLK, if tasks were left that waited for ever (for the task that was
 * cancelled alone, say: see that its end reaches them); -ENOTEMPTY, if
 * something is left; what `check` says; what the last run returned, if that is
 * an error; or an error of gyre_loop_new.  Of a failure it says on standard
 * error what it was, and at which point: its number, which task was there, for
 * what it waited, and who had called whom.
 *
 * With GYRE_POINT=n in the environment it cancels at that point alone: they
 * count from 1; -EINVAL if that is no such number.
 */
int gyre_inject(struct gyre_injection *i, intptr_t (*fn)(void *arg), void *arg);

#pragma GCC visibility pop

#endif
