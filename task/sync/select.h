/*
 * select.h - the first of several things, of different kinds.
 *
 * What might happen stands in an array of cases, in the caller's frame; each
 * thing says in its own header how to make a case of it.
 *
 *      struct gyre_case cases[] = {
 *          gyre_case_take(&requests, &request),
 *          gyre_case_put(&replies, &reply),
 *          gyre_case_event(&stopping),
 *      };
 *
 *      switch (gyre_select(cases, 3, deadline)) {
 *      case 0: ... `request` was taken, and `reply` is still ours
 *
 * Exactly one of them happens, and the others leave no trace: what was not
 * taken is still there, what was not put is still the caller's.  If the call
 * returns an error none has happened.
 */
#ifndef GYRE_TASK_SYNC_SELECT_H
#define GYRE_TASK_SYNC_SELECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "timers/time.h"
#include "task/future.h"
#include "task/wait.h"
#include "task/waiters.h"

/*
 * One thing that might happen.  It may be waited for again, whether it has
 * happened or not.
 *
 * To add a new kind of case, fill in what is below the line, and zero the rest.
 * A wait stands in `line`; the code that makes the thing happen wakes the wait
 * that is first there, as always, and finds the case around it with GYRE_OWNER.
 * Its `abandon`, if it has one, may not refuse, and may find it out of the line
 * already.
 */
struct gyre_case {
    intptr_t result; /* of the one that happened: what the call that waits for
                        it alone would have returned */

    /* for who makes cases */
    bool (*attempt)(struct gyre_case *c); /* let it happen now, set `result`,
                                             and return true; or false */
    struct gyre_waiters *line;
    struct gyre_wait wait; /* its `kind`, and what it is `on` */
    void *item;            /* for the use of `attempt` and the waker */
};

#pragma GCC visibility push(default)

/* `f` is done; this reads its result, as gyre_await does. */
struct gyre_case gyre_case_future(struct gyre_future *f);

/*
 * Wait until one of the `n` cases can happen, and let it.  Returns its index.
 * If several can happen at once any of them may, each as often as the others;
 * but in a callback it is the first in the array.  A cancel point.  O(n).
 */
int gyre_select(struct gyre_case *cases, size_t n, gyre_time deadline)
    __attribute__((warn_unused_result));

/* The same, but of several that can happen at once it is always the first in
   the array: so those behind may wait for ever. */
int gyre_select_in_order(struct gyre_case *cases, size_t n, gyre_time deadline)
    __attribute__((warn_unused_result));

/* Wait for `c` alone, and return its result.  This is what the calls that wait
   for one thing are made of.  A cancel point. */
intptr_t gyre_case_await(struct gyre_case *c, gyre_time deadline)
    __attribute__((warn_unused_result));

#pragma GCC visibility pop

#endif
