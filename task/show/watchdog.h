/*
 * watchdog.h - what keeps a loop is named while it does.
 *
 * Private to task/ and what is above it; installed nowhere.  One thread watches
 * the loops of all runs of the process, from the first that is started until
 * the last is stopped.  A loop that has not gone on (task/show/stall.h) for its
 * limit is reported on standard error, with the task that has its turn and
 * where that is; and again when it goes on.
 *
 * The thread looks four times in the least limit while any loop is awake.
 * While all sleep it looks ever less often, down to once in four limits: so a
 * stall is reported when it has lasted from one to one and a quarter limits, or
 * up to five if the loops had slept for long.
 *
 * To learn where the loop's thread is, that is sent SIGURG, which nobody minds;
 * but where it has a handler, or is ignored, it is the program's, and there is
 * a report without a place.  A call that blocks the thread may be interrupted
 * by it: most go on, but sleep and poll return early, with EINTR.
 *
 * The handler needs 8 KiB of stack, and takes them from the thread's alternate
 * one, if it has one when it starts to be watched.  If that has less than
 * 16 KiB, there is no place either: it may be the least that sigaltstack takes,
 * and what lies below it is the program's.  One that is put in its place later
 * should not be smaller, for nobody but the thread itself can look.
 */
#ifndef GYRE_TASK_SHOW_WATCHDOG_H
#define GYRE_TASK_SHOW_WATCHDOG_H

#include <pthread.h>
#include <stdbool.h>

#include "loop/list.h"
#include "task/show/stall.h"

struct gyre_loop;
struct gyre_task;

/* A loop that is watched.  In place from start to stop; zeroed it is not. */
struct gyre_watched {
    /* private */
    struct gyre_list link;            /* in watchdog.loops */
    const struct gyre_loop *loop;     /* NULL while it is not watched */
    struct gyre_task *const *current; /* who has a turn on its thread */
    pthread_t thread;
    bool cramped; /* it has no room for a handler of ours */
    struct gyre_stall stall;
    char who[256]; /* kept it when that was reported */
};

/*
 * Watch `l`, which this thread is about to run, and report when it has not gone
 * on for `limit`.  Cannot fail: without memory for a thread nobody watches.  In
 * the child of a fork nobody watches what the parent ran.
 */
void gyre_watchdog_start(struct gyre_watched *w, const struct gyre_loop *l,
                         gyre_time limit);

/* Watch it no more.  On the same thread; one that is not watched is left
   alone. */
void gyre_watchdog_stop(struct gyre_watched *w);

#endif
