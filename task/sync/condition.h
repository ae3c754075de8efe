/*
 * condition.h - wait until what a mutex guards has changed.
 *
 * A condition goes with a mutex and with something that the mutex guards.  Wait
 * for that in a loop, since another task may have the mutex first and change it
 * back:
 *
 *      int err = gyre_mutex_lock(&m, deadline);
 *      if (err)
 *          return err;
 *      while (err == 0 && !ready)
 *          err = gyre_condition_wait(&c, &m, deadline);
 *      ...
 *      gyre_mutex_unlock(&m);
 *
 * or, if `ready` is a function, gyre_condition_wait_for.  Waiters are notified
 * in order of arrival.  A notification is not lost: a task that is notified and
 * then cancelled returns 0, and sees the cancellation at its next cancel point.
 *
 * For the tasks of one loop, and callbacks, which may notify.  A zeroed
 * condition is one nobody waits for; it allocates nothing, and there is nothing
 * to undo.  It must stay in place while anybody waits.
 */
#ifndef GYRE_TASK_SYNC_CONDITION_H
#define GYRE_TASK_SYNC_CONDITION_H

#include <stdbool.h>
#include <stddef.h>

#include "timers/time.h"
#include "task/sync/mutex.h"
#include "task/waiters.h"

struct gyre_condition {
    /* private */
    struct gyre_waiters waiters;
};

#pragma GCC visibility push(default)

/*
 * Unlock `m`, which is the current task's, wait to be notified, and lock `m`
 * again, whatever ended the wait: that second wait is in order of arrival, and
 * neither `deadline` nor a cancellation ends it.  0; a cancel point.
 *
 * On return `m` is the current task's, but for -EOWNERDEAD: the task that had
 * it meanwhile has ended, and this one has it no more, so that to unlock it has
 * no effect.  That is found out when `m` is to be locked again, and so not by
 * who is yet to be notified.
 */
int gyre_condition_wait(struct gyre_condition *c, struct gyre_mutex *m,
                        gyre_time deadline) __attribute__((warn_unused_result));

/*
 * Wait until is_so(arg), which is asked while `m` is the current task's: at
 * once, and after each notification.  Otherwise as gyre_condition_wait; but if
 * it has become so by the time that a deadline lets `m` be locked again, that
 * is in time.
 */
int gyre_condition_wait_for(struct gyre_condition *c, struct gyre_mutex *m,
                            bool (*is_so)(void *arg), void *arg,
                            gyre_time deadline)
    __attribute__((warn_unused_result));

/* Notify the task that has waited longest, if any does; or all that wait.  The
   mutex need not be locked.  From any task, or a callback. */
void gyre_condition_notify(struct gyre_condition *c);
void gyre_condition_notify_all(struct gyre_condition *c);

/* How many wait to be notified.  O(n). */
size_t gyre_condition_waiting(const struct gyre_condition *c);

#pragma GCC visibility pop

#endif
