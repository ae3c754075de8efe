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
 * On a deadlock the tasks are dumped, as gyre_dump does (task/show/dump.h), to
 * standard error before they are cancelled, and the cycles among them.  What
 * comes from outside of what the loop knows, gyre_loop_hold stands for.
 *
 * While a run goes on it can be looked at from outside, as the environment says
 * (none of this keeps it going, and no handler is left behind):
 *   GYRE_DUMP    the signal that has all tasks dumped to standard error: a
 *                number, or HUP, QUIT, USR1, USR2 or WINCH; "off": none does.
 *                If it is not set, SIGUSR1.  But not if the program ignores or
 *                catches the signal when the run begins, or asks the run's loop
 *                for it (loop/signal.h);
 *   GYRE_CYCLES  a number of seconds: tells on standard error, once each, of
 *                cycles in which all have waited for so long.  Not set: does
 *                not, for that takes a timer, which wakes an idle process;
 *   GYRE_CTL     the path of a Unix socket to listen at, for its user alone: a
 *                client that writes "help" and an end of line is told what else
 *                it may ask.  A simulated run has none, and if there are many
 *                runs, the first has it.
 * What is wrong with one of them, the loop's failure hook is told.
 *
 * A task that overflows its stack is named on standard error before the process
 * dies of SIGSEGV, or SIGBUS; unless the program has a handler of its own for
 * these when its first run begins.
 *
 * A task, or a callback, that keeps the loop for a second is named on standard
 * error while it does, with its stack, and again when the loop goes on.  That
 * needs a thread, which the process has while it has runs, and which wakes four
 * times a second, and once in four seconds while all is quiet.  To learn where
 * the loop is, it sends the loop's thread SIGURG, unless the program has a use
 * for that: then a sleep or a poll that blocks the loop may end early, with
 * EINTR.
 *
 * In the environment may be
 *      GYRE_TRACE=FILE    have the run traced, into FILE (task/show/trace.h)
 *      GYRE_ACCOUNTS=1    keep accounts, and print them to standard error when
 *                         the main task has ended (task/show/accounts.h)
 *      GYRE_WATCHDOG=MS   report what keeps the loop for so many milliseconds,
 *                         0: nothing; whatever the program says
 *      GYRE_STEP=1        make the run in steps, and draw each on descriptor 1,
 *                         or another (task/show/step.h)
 */
#ifndef GYRE_TASK_RUN_H
#define GYRE_TASK_RUN_H

#include <stddef.h>
#include <stdint.h>

#include "loop/loop.h"

/* How to run; a zeroed one gives the defaults. */
struct gyre_run_options {
    struct gyre_loop *loop; /* run on this one, and leave it; NULL: make a
                               loop as `making` says, and free it */
    struct gyre_loop_options making; /* a poller in it is used up */
    size_t stack_size;               /* of every task, in bytes; 0: 64 KiB */
    unsigned threads;      /* for offloads, at most; 0: as many as there are
                              processors, and at least 4.  Those that are stuck
                              with abandoned work do not count */
    bool ignore_interrupt; /* leave SIGINT alone */
    gyre_time stall_limit; /* report a task or a callback that keeps the loop
                              for so long, while it does; 0: for a second;
                              GYRE_FOREVER: none.  Not under simulation */
    int step;              /* a descriptor, to draw the run on, step by step
                                           (task/show/step.h); 0: do not */
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
