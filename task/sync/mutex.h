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
 * -EOWNERDEAD, until somebody recovers it, who has it then, and mends that:
 *
 *      while ((err = gyre_mutex_lock(&m, deadline)) == -EOWNERDEAD) {
 *          if (gyre_mutex_recover(&m) == 0) {
 *              mend();
 *              err = 0;
 *              break;
 *          }
 *      }
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
    bool bereaved; /* one ever has */
};

#pragma GCC visibility push(default)

/* Wait until it is the current task's.  0; -EDEADLK if it is already, for that
   wait could not end; -EOWNERDEAD; -EPERM in a callback, which is no task and
   could not own it if it was free.  A cancel point. */
int gyre_mutex_lock(struct gyre_mutex *m, gyre_time deadline)
    __attribute__((warn_unused_result));

/* Hand it to the next in line.  By the owner only; but if an owner has ever
   ended without, it has no effect for others, so that it may be done on the way
   out of whatever failed with -EOWNERDEAD. */
void gyre_mutex_unlock(struct gyre_mutex *m);

/* Have it, if its owner has ended and nobody has recovered it since: 0; or
   -EBUSY, if it is to be locked as ever.  By a task. */
int gyre_mutex_recover(struct gyre_mutex *m)
    __attribute__((warn_unused_result));

/* The id of the task that has it, or 0. */
uint64_t gyre_mutex_owner(const struct gyre_mutex *m);

/* How many wait for it.  O(n). */
size_t gyre_mutex_waiting(const struct gyre_mutex *m);

#pragma GCC visibility pop

#endif
