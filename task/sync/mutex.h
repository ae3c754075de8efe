/*
 * mutex.h - one task at a time.
 *
 * Tasks take turns at cancel points and nowhere else, so what has none inside
 * needs no mutex.  It is for what must stay whole across a wait: a request and
 * its answer on a shared connection, say.
 *
 * A mutex has an owner, the task that has locked it; those who wait for it get
 * it in order of arrival.  It changes hands as it is unlocked: nobody can take
 * it from under the next in line, and if he is cancelled before he runs he has
 * it all the same, and sees the cancellation at his next cancel point.
 *
 * If a task ends and has not unlocked its mutex, what that guards may be half
 * done.  So whoever waits for the mutex, or wants to lock it from then on, gets
 * -EOWNERDEAD, until it is made anew: `m = (struct gyre_mutex){0}`.
 *
 * For the tasks of one loop.  A zeroed mutex is unlocked; it allocates nothing,
 * and there is nothing to undo.  It must stay in place while it is locked.
 */
#ifndef GYRE_TASK_SYNC_MUTEX_H
#define GYRE_TASK_SYNC_MUTEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "timers/time.h"
#include "task/hold.h"
#include "task/waiters.h"

struct gyre_mutex {
    /* private */
    struct gyre_hold hold; /* of the owner */
    struct gyre_waiters waiters;
    bool orphaned; /* the owner has ended */
};

#pragma GCC visibility push(default)

/* Wait until it is the current task's.  0; -EDEADLK if it is already, for that
   wait could not end; -EOWNERDEAD.  A cancel point. */
int gyre_mutex_lock(struct gyre_mutex *m, gyre_time deadline)
    __attribute__((warn_unused_result));

/* Hand it to the next in line.  By the owner only; but to unlock one whose
   owner has ended has no effect, so that it may be done on the way out of
   whatever failed. */
void gyre_mutex_unlock(struct gyre_mutex *m);

/* The id of the task that has it, or 0. */
uint64_t gyre_mutex_owner(const struct gyre_mutex *m);

/* How many wait for it.  O(n). */
size_t gyre_mutex_waiting(const struct gyre_mutex *m);

#pragma GCC visibility pop

#endif
