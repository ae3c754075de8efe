/*
 * mutex.h - one task at a time.
 *
 * Tasks take turns at cancel points and nowhere else, so code without one needs
 * no mutex.  It is for what must stay whole across a wait: a request and its
 * answer on a shared connection, say.
 *
 * A mutex has an owner, the task that has locked it; those that wait for it get
 * it in order of arrival.  It changes hands as it is unlocked: no other task
 * can take it first, and a new owner that is cancelled before it runs has it
 * all the same, and sees the cancellation at its next cancel point.
 *
 * If a task ends and has not unlocked its mutex, what that guards may be half
 * done.  So each call that waits for the mutex, or locks it from then on,
 * returns -EOWNERDEAD, until a task recovers it, which then has it, and mends
 * what it guards:
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

/* Lock it for the current task, which waits until it can.  0; -EDEADLK if it
   has it already; -EOWNERDEAD; -EPERM in a callback, which is no task and could
   not own it.  A cancel point. */
int gyre_mutex_lock(struct gyre_mutex *m, gyre_time deadline)
    __attribute__((warn_unused_result));

/* Unlock it: hand it to the next in line.  By the owner only; but once an owner
   has ended without unlocking, a call by another task has no effect, so that it
   may be made on the way out after -EOWNERDEAD.  No cancel point. */
void gyre_mutex_unlock(struct gyre_mutex *m);

/* Take it, if its owner has ended and no task has recovered it since: 0; or
   -EBUSY, if it is to be locked as usual.  By a task. */
int gyre_mutex_recover(struct gyre_mutex *m)
    __attribute__((warn_unused_result));

/* The id of the task that has it, or 0. */
uint64_t gyre_mutex_owner(const struct gyre_mutex *m);

/* How many wait for it.  O(n). */
size_t gyre_mutex_waiting(const struct gyre_mutex *m);

#pragma GCC visibility pop

#endif
