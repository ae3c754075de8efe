/*
 * hold.h - what a task holds, and must give back before it ends.
 *
 * A lock has an owner.  If that ends without having given it back, who waits
 * for the lock would wait for ever.  So what a task holds stands in a list of
 * the task's, and when it ends `orphan` is called for all that is left there:
 * whose it was then says so to those who wait.  The owner is also what reports
 * of deadlocks go by.
 *
 * This is for those who write locks of their own; see task/sync/mutex.c.  A
 * struct gyre_hold is embedded in the lock.  A zeroed one is held by nobody,
 * and while it is held it must stay in place.  O(1), no call can fail.
 */
#ifndef GYRE_TASK_HOLD_H
#define GYRE_TASK_HOLD_H

#include <stdbool.h>
#include <stdint.h>

#include "loop/list.h"

struct gyre_task;
struct gyre_wait;

struct gyre_hold {
    struct gyre_task *task; /* who holds it, or NULL; to be looked at only */

    /* private */
    struct gyre_list link; /* in gyre_task.holds */
    void (*orphan)(struct gyre_hold *h);
};

#pragma GCC visibility push(default)

/* From now on the current task holds `h`, which nobody does.  If it ends so,
   `orphan` is called once nobody holds it any more; it may not switch tasks. */
void gyre_hold_take(struct gyre_hold *h, void (*orphan)(struct gyre_hold *h));

/* The same for the task that is parked on `w` and about to be woken; and if
   somebody holds `h`, he does no longer. */
void gyre_hold_give(struct gyre_hold *h, const struct gyre_wait *w,
                    void (*orphan)(struct gyre_hold *h));

/* Nobody holds it any more. */
void gyre_hold_drop(struct gyre_hold *h);

/* Does the current task hold it? */
bool gyre_hold_is_mine(const struct gyre_hold *h);

/* The id of the task that holds it, or 0. */
uint64_t gyre_hold_owner(const struct gyre_hold *h);

#pragma GCC visibility pop

#endif
