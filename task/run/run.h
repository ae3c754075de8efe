/*
 * run.h - running a program of tasks, from the outside.
 *
 * For callers that are no tasks.  A run has one main task, in the root scope;
 * it ends when that task and all others have ended, for they live in scopes.
 *
 * What stops a run from outside cancels the root scope, and the tasks unwind:
 * gyre_loop_stop, a first SIGINT, unless the process ignores it, an error of
 * the poller, and a deadlock, when nothing that is awaited can happen any more.
 *
 * From the first SIGINT on the next is whose it was before the run, so as a
 * rule it ends the process, even if the tasks never look up; and one that came
 * too late to stop anything is raised again when the run is over.
 *
 * A task that overflows its stack is named on standard error before the process
 * dies of SIGSEGV, or SIGBUS; unless the program has a handler of its own for
 * these when its first run begins.
 */
#ifndef GYRE_TASK_RUN_H
#define GYRE_TASK_RUN_H

#include <stddef.h>
#include <stdint.h>

#include "loop/loop.h"
#include "task/pool.h"

/* How to run; a zeroed one gives the defaults. */
struct gyre_run_options {
    struct gyre_loop *loop; /* run on this one, and leave it; NULL: make a
                               loop as `making` says, and free it */
    struct gyre_loop_options making; /* a poller in it is used up */
    size_t stack_size;               /* of every task, in bytes; 0: 64 KiB */
    unsigned threads[GYRE_POOLS]; /* for offloads, at most, by pool; 0: as many
                                     as the environment says (task/pool.h), or
                                     else 16 for names, and for the others as
                                     many as there are processors, and at least
                                     4 */
    bool ignore_interrupt;        /* leave SIGINT alone */
};

#pragma GCC visibility push(default)

/*
 * Run fn(arg) as the main task, and return its result.  -ENOMEM and what
 * gyre_loop_new and gyre_signal_start return, if it could not be started;
 * -EDEADLK on a deadlock; the poller's error, if it failed.  These two are
 * reported on standard error.  Any number of threads may be in a run, each in
 * one of its own.  `options` may be NULL.
 *
 * It aborts, saying so, if the poller has failed and tasks are left that can
 * neither go on nor be cancelled.
 */
intptr_t gyre_run(intptr_t (*fn)(void *arg), void *arg);
intptr_t gyre_run_with(const struct gyre_run_options *options,
                       intptr_t (*fn)(void *arg), void *arg);

/*
 * The same in a simulated world (loop/sim.h), whose clock jumps to the next
 * deadline when there is nothing else to do: for examples and tests.
 */
intptr_t gyre_simulate(intptr_t (*fn)(void *arg), void *arg);

/*
 * Leave, in the child of a fork made in a task, the run of the parent: as
 * gyre_loop_forget for its loop.  After that the child may begin a run of its
 * own, but it must not return from the task, whose run is the parent's: it ends
 * with _exit or exec.
 */
void gyre_run_forget(void);

#pragma GCC visibility pop

#endif
