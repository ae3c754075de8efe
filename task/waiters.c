/*
 * waiters.c - those who wait for one thing, in the order they came.
 */
#include "task/waiters.h"

intptr_t gyre_waiters_park(struct gyre_waiters *q, struct gyre_wait *w,
                           gyre_time deadline)
{
    gyre_waiters_add(q, w);
    return gyre_wait_park(w, deadline);
}

bool gyre_waiters_wake(struct gyre_waiters *q, intptr_t result)
{
    struct gyre_wait *w = gyre_waiters_first(q);

    if (w == NULL)
        return false;
    gyre_list_remove(&w->link);
    gyre_wait_wake(w, result);
    return true;
}

size_t gyre_waiters_wake_all(struct gyre_waiters *q, intptr_t result)
{
    size_t n = 0;

    while (gyre_waiters_wake(q, result))
        n++;
    return n;
}

size_t gyre_waiters_count(const struct gyre_waiters *q)
{
    size_t n = 0;

    if (gyre_waiters_first(q) == NULL)
        return 0;
    for (struct gyre_list *i = q->list.next; i != &q->list; i = i->next)
        n++;
    return n;
}
