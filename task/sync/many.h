/*
 * many.h - waiting for many futures.
 *
 * These wait and do nothing else: whatever the futures are of goes on when the
 * wait ends early, and nobody is cancelled.  They are asyncio.wait:
 * ALL_COMPLETED is gyre_await_all, FIRST_EXCEPTION gyre_await_failure, and
 * FIRST_COMPLETED gyre_select (task/sync/select.h).  Who wants tasks run and
 * waited for has gyre_gather (task/gather.h), and for those of one scope there
 * are gyre_scope_wait and gyre_scope_next (task/scope.h).
 */
#ifndef GYRE_TASK_SYNC_MANY_H
#define GYRE_TASK_SYNC_MANY_H

#include <stddef.h>

#include "timers/time.h"
#include "task/sync/select.h"

struct gyre_future;

#pragma GCC visibility push(default)

/*
 * Wait until each of the `n` futures is done; all of them stay until this has
 * returned.  Returns 0 whatever is in them, and their results count as read.
 * -ETIMEDOUT and -ECANCELED mean that this wait ended, and then
 * gyre_future_done tells which are done.  A cancel point.
 */
int gyre_await_all(struct gyre_future *const *futures, size_t n,
                   gyre_time deadline) __attribute__((warn_unused_result));

/*
 * The same, but until one of them has failed, if any does: whether its result
 * is an error is asked for with gyre_future_result.  `room` is for as many
 * cases, and of no interest afterwards.  Only the results of those that were
 * looked at, up to the first failure, count as read.  O(n) for each future that
 * ends meanwhile.
 */
int gyre_await_failure(struct gyre_future *const *futures,
                       struct gyre_case *room, size_t n, gyre_time deadline)
    __attribute__((warn_unused_result));

#pragma GCC visibility pop

#endif
