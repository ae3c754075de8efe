/*
 * waiters.h - those who wait for one thing, in the order they came.
 *
 * The one list that futures, and all that tasks share (task/sync/), keep their
 * waiters in.  A zeroed one is empty, so what embeds it needs no preparation.
 * While anybody waits it must stay in place.
 *
 * To wait is
 *
 *      struct gyre_wait w = {.kind = &kind, .on = thing};
 *      ... after the checkpoint, and if the thing is not to be had at once:
 *      err = gyre_waiters_park(&thing->waiters, &w, deadline);
 *
 * and whoever has the thing to give hands it to gyre_waiters_wake.
 */
#ifndef GYRE_TASK_WAITERS_H
#define GYRE_TASK_WAITERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "timers/time.h"
#include "loop/list.h"
#include "task/wait.h"

struct gyre_waiters {
    /* private */
    struct gyre_list list; /* gyre_wait.link; not initialized while nobody has
                              ever waited */
};

/* Who has waited longest, or NULL. */
static inline struct gyre_wait *gyre_waiters_first(const struct gyre_waiters *q)
{
    if (q->list.next == NULL || gyre_list_empty(&q->list))
        return NULL;
    return GYRE_OWNER(q->list.next, struct gyre_wait, link);
}

/* Put `w`, which is about to park, last. */
static inline void gyre_waiters_add(struct gyre_waiters *q, struct gyre_wait *w)
{
    if (q->list.next == NULL)
        gyre_list_init(&q->list);
    gyre_list_append(&q->list, &w->link);
}

/* Wait in `q`, last of all: as gyre_wait_park. */
static inline __attribute__((always_inline, warn_unused_result)) intptr_t
gyre_waiters_park(struct gyre_waiters *q, struct gyre_wait *w,
                  gyre_time deadline)
{
    gyre_waiters_add(q, w);
    return gyre_wait_park(w, deadline);
}

#pragma GCC visibility push(default)

/* End the wait of the first, if there is one, with `result`.  Was there? */
bool gyre_waiters_wake(struct gyre_waiters *q, intptr_t result);

/* End all of them so, in order.  Returns how many. */
size_t gyre_waiters_wake_all(struct gyre_waiters *q, intptr_t result);

/* How many wait.  O(n). */
size_t gyre_waiters_count(const struct gyre_waiters *q);

#pragma GCC visibility pop

#endif
