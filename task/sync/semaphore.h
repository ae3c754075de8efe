/*
 * semaphore.h - so many at once.
 *
 * A semaphore has permits.  A task that wants some waits until they are there,
 * in order of arrival, and gets all that it asked for at once: one that asks
 * for many is not overtaken by those that ask for few.  Permits change hands as
 * they are released, so a new owner that is cancelled before it runs has them
 * all the same, and sees the cancellation at its next cancel point.
 *
 * Permits are not tied to tasks: one may acquire what another releases.  For
 * the tasks of one loop, and callbacks, which may release, and acquire with
 * GYRE_NOW.
 *
 * Say how many there are, and zero the rest: `{.permits = 3}`; or, if there are
 * never to be more, `{.permits = 3, .limit = 3}`.  It allocates nothing, and
 * there is nothing to undo.  It must stay in place while anybody waits.
 */
#ifndef GYRE_TASK_SYNC_SEMAPHORE_H
#define GYRE_TASK_SYNC_SEMAPHORE_H

#include <stddef.h>

#include "timers/time.h"
#include "task/waiters.h"

struct gyre_semaphore {
    size_t permits; /* at first; from then on private */
    size_t limit;   /* there are never more; 0: no limit */

    /* private */
    struct gyre_waiters waiters;
};

#pragma GCC visibility push(default)

/* Wait for `n` permits, and take them.  0; -EDEADLK if `n` is over the limit,
   for that wait could not end.  A cancel point. */
int gyre_semaphore_acquire(struct gyre_semaphore *s, size_t n,
                           gyre_time deadline)
    __attribute__((warn_unused_result));

/* Give `n` permits back, or add so many; not beyond the limit. */
void gyre_semaphore_release(struct gyre_semaphore *s, size_t n);

/* How many permits are there to be taken.  Somebody may be waiting for more. */
size_t gyre_semaphore_available(const struct gyre_semaphore *s);

/* How many wait.  O(n). */
size_t gyre_semaphore_waiting(const struct gyre_semaphore *s);

#pragma GCC visibility pop

#endif
