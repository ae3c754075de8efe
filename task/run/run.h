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
 * A run tells of what goes wrong with it, on standard error; to places in these
 * reports gyre-lines, which is installed with the library, adds file and line:
 *   - on a deadlock, of all tasks, as gyre_dump does (task/show/dump.h), and of
 *     the cycles among them, before they are cancelled.  What comes from
 *     outside of what the loop knows, gyre_loop_hold stands for;
 *   - of a task that overflows its stack, before the process dies of SIGSEGV or
 *     SIGBUS; unless the program has a handler of its own for these when its
 *     first run begins;
 *   - of a task, or a callback, that keeps the loop for a second, while it
 *     does, with its stack, and again when the loop goes on.  That needs a
 *     thread, which the process has while it has runs, and which wakes four
 *     times a second, and once in four seconds while all is quiet.  To learn
 *     where the loop is, it sends the loop's thread SIGURG, unless the program
 *     has a use for that: then a sleep or a poll that blocks the loop may end
 *     early.
 *
 * The environment may ask for more.  None of it keeps a run going, and no
 * handler is left behind; what is wrong with it, the loop's failure hook is
 * told.  A variable that is empty or 0 turns off what it is about.  A process
 * that has rights which its starter has not, by setuid say, looks at none.
 *
 *   GYRE_ACCOUNTS  1: keeps accounts, and prints them to standard error when
 *                  the main task has ended (task/show/accounts.h)
 *   GYRE_CTL       the path of a Unix socket to listen at, for its user alone:
 *                  a client that writes "help" and an end of line is told what
 *                  else it may ask.  A simulated run has none, and if there are
 *                  many runs, the first has it
 *   GYRE_CYCLES    seconds: tells, once each, of cycles in which all have
 *                  waited for so long.  That takes a timer, which wakes an idle
 *                  process
 *   GYRE_DEBUG     1: prints what is still started when the run's own loop is
 *                  freed, and where it was started (loop/look.h), for which
 *                  each start is noted, in 2 us
 *   GYRE_DUMP      the signal that has all tasks dumped to standard error: a
 *                  number, or HUP, QUIT, USR1, USR2 or WINCH.  If it is not
 *                  set, SIGUSR1.  But not if the program ignores or catches the
 *                  signal when the run begins, or asks the run's loop for it
 *                  (loop/signal.h)
 *   GYRE_STACKS    1: measures stacks, as the option does
 *   GYRE_STEP      1, or another descriptor: makes the run in steps, and draws
 *                  each there (task/show/step.h)
 *   GYRE_TRACE     a file: traces the run into it (task/show/trace.h)
 *   GYRE_WATCHDOG  milliseconds: tells of what keeps the loop for so long; 0:
 *                  of nothing.  Whatever the program says
 *   GYRE_WORK_THREADS, GYRE_FILES_THREADS, GYRE_NAMES_THREADS
 *                  how many threads a pool may have (task/pool.h)
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
    bool measure_stacks;          /* and report: see show/stacks.h */
    gyre_time stall_limit;        /* report a task or a callback that keeps the
                                     loop for so long, while it does; 0: for a
                                     second; GYRE_FOREVER: none.  Not under
                                     simulation */
    int step;                     /* a descriptor, to draw the run on, step by
                                     step (task/show/step.h); 0: do not */
};

#pragma GCC visibility push(default)

/*
 * Run fn(arg) as the main task, and return its result.  -ENOMEM and what
 * gyre_loop_new and gyre_signal_start return, if it could not be started;
 * -EDEADLK on a deadlock; the poller's error, if it failed.  These two are
 * reported on standard error.  Any number of threads may be in a run, each in
 * one of its own.  `options` may be NULL.
 *
 * With a poller that fails, tasks that cannot be cancelled are waited for:
 * until the limit of their shields.  It aborts, saying so, on a deadlock that a
 * cancellation does not resolve.
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
 * gyre_loop_forget for its loop.  Until then every cancel point says -ECANCELED
 * there, and so does a spawn; none lets another task run, and what is closed is
 * closed in the child alone.  After that the child may begin a run of its
 * own, but it must not return from the task, whose run is the parent's: it ends
 * with _exit or exec.
 */
void gyre_run_forget(void);

#pragma GCC visibility pop

#endif
