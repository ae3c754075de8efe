/*
 * waiters.c - those who wait for one thing, in the order they came.
 */
#include "task/waiters.h"

bool gyre_waiters_wake(struct gyre_waiters *q, intptr_t result)
{
    if (gyre_waiters_first(q) == NULL)
        return false;
    gyre_wait_wake(GYRE_OWNER(gyre_list_take(&q->list), struct gyre_wait, link),
                   result);
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
