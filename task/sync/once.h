/*
 * once.h - what is done once, by whoever needs it first.
 *
 * A connection, a table, a configuration: the first task that needs it makes
 * it, and those who need it meanwhile wait.  If making it fails, or is
 * cancelled, that is the failure of the one who tried, and the next in line
 * tries.  So a client that goes away does not take the others with it.
 *
 * For the tasks of one loop.  A zeroed one is yet to be done; it allocates
 * nothing, and there is nothing to undo.  It must stay in place while anybody
 * does it or waits.
 */
#ifndef GYRE_TASK_SYNC_ONCE_H
#define GYRE_TASK_SYNC_ONCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "timers/time.h"
#include "task/sync/mutex.h"

struct gyre_once {
    /* private */
    struct gyre_mutex mutex; /* of who does it */
    bool done;
};

#pragma GCC visibility push(default)

/*
 * See to it that fn(arg) has returned 0: call it, or wait for another to.  0,
 * or what this task's own call of `fn` returned; -EDEADLK if it comes from
 * within that, for that wait could not end; -EPERM in a callback, if it is not
 * done and nobody does it.  `deadline` bounds the wait for others and not `fn`.
 * A cancel point.
 */
int gyre_once(struct gyre_once *o, int (*fn)(void *arg), void *arg,
              gyre_time deadline) __attribute__((warn_unused_result));

bool gyre_once_is_done(const struct gyre_once *o);

/* The id of the task that is doing it, or 0. */
uint64_t gyre_once_owner(const struct gyre_once *o);

/* How many wait for it to be done.  O(n). */
size_t gyre_once_waiting(const struct gyre_once *o);

#pragma GCC visibility pop

#endif
