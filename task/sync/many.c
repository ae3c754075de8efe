/*
 * many.c - waiting for many futures.
 *
 * To wait for all is to wait for each in turn, in whatever order they end: one
 * that is done by then is not waited for.
 */
#include "task/sync/many.h"

#include "loop/result.h"
#include "task/future.h"

/* What a wait returns may be the result of the future, or of the wait: it is
   that of the wait if the future is not done. */
int gyre_await_all(struct gyre_future *const *futures, size_t n,
                   gyre_time deadline)
{
    int err = gyre_checkpoint(deadline);

    for (size_t i = 0; err == 0 && i < n; i++) {
        intptr_t result = gyre_await(futures[i], deadline);

        if (gyre_future_done(futures[i]))
            (void)gyre_future_result(futures[i]);
        else
            err = (int)result;
    }
    return err;
}

/* Put those that are not done into `room`, and count them; or none, once one
   has failed. */
static size_t pending(struct gyre_future *const *futures, size_t n,
                      struct gyre_case *room)
{
    size_t left = 0;

    for (size_t i = 0; i < n; i++) {
        if (!gyre_future_done(futures[i]))
            room[left++] = gyre_case_future(futures[i]);
        else if (gyre_is_error(gyre_future_result(futures[i])))
            return 0;
    }
    return left;
}

int gyre_await_failure(struct gyre_future *const *futures,
                       struct gyre_case *room, size_t n, gyre_time deadline)
{
    int err = gyre_checkpoint(deadline);

    while (err >= 0) {
        size_t left = pending(futures, n, room);

        if (left == 0)
            return 0;
        err = gyre_select(room, left, deadline);
    }
    return err;
}
