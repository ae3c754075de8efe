/*
 * accounts.h - what the tasks of a run cost, and how its loop keeps up.
 *
 * While accounts are kept, each task has one (task/account.h): how often and
 * how long it ran, and how long it was ready and had to wait for its turn.  Of
 * the loop they say how long its rounds were, between polls, and how late its
 * timers fired.  All by the clock of the loop's poller, which is read at every
 * turn and call.  While none are kept, they cost a test at the beginning and
 * the end of a task.
 *
 * Under gyre_run, GYRE_ACCOUNTS=1 in the environment has them kept, and printed
 * to standard error when the main task has ended (task/run/run.h).
 */
#ifndef GYRE_TASK_SHOW_ACCOUNTS_H
#define GYRE_TASK_SHOW_ACCOUNTS_H

#include <stddef.h>

#include "loop/probe.h"
#include "task/account.h"
#include "task/show/histogram.h"
#include "task/tasks.h"

struct gyre_runtime;
struct gyre_task;

/* The books.  Embed them; in place while they are kept. */
struct gyre_accounts {
    uint64_t ended;                 /* tasks that have */
    struct gyre_task_account spent; /* by them, in all */
    struct gyre_histogram rounds;   /* of the loop */
    struct gyre_histogram late;     /* the timers */

    /* private */
    struct gyre_probes probes;
    struct gyre_task_hook hook;
    struct gyre_runtime *runtime; /* NULL while they are not kept */
    struct gyre_task *running;    /* or NULL */
    gyre_time turn;               /* began then */
    gyre_time counted;            /* as far as that */
    gyre_time round;              /* began then; -1: between runs */
};

/* Shown tasks and their accounts by gyre_accounts_walk. */
struct gyre_account_visitor {
    void (*task)(struct gyre_account_visitor *v,
                 const struct gyre_task_info *info,
                 const struct gyre_task_account *account);
};

#pragma GCC visibility push(default)

/*
 * Keep accounts of the tasks of the current run, from now on, all beginning at
 * 0: in a task, or in a callback on the thread of a run.  One at a time for a
 * run: -EBUSY if there are some.  Cannot fail otherwise.  To be stopped before
 * the run ends.  O(tasks).
 */
int gyre_accounts_start(struct gyre_accounts *a);

/* Keep them no more.  What was counted of single tasks is gone; the rest stays.
   Stopping twice is harmless. */
void gyre_accounts_stop(struct gyre_accounts *a);

/* Show `v` every task of the run and its account, up to now, each once.  It
   must not spawn or park.  Returns how many.  O(tasks). */
size_t gyre_accounts_walk(struct gyre_accounts *a,
                          struct gyre_account_visitor *v);

/* Write the 32 tasks that ran longest to `fd`, as a table, and the histograms
   of the loop, while they are kept.  0, or as write.  O(tasks). */
int gyre_accounts_print(struct gyre_accounts *a, int fd);

#pragma GCC visibility pop

#endif
