/*
 * hold.c - what a task holds, and must give back before it ends.
 *
 * Invariant: h->task is the task in whose list `h` is, or NULL if in none.
 */
#include "task/hold.h"

#include <assert.h>

#include "task/breach.h"
#include "task/internal.h"

/* The list is prepared when it is first needed: most tasks hold nothing. */
static void enter(struct gyre_hold *h, struct gyre_task *t,
                  void (*orphan)(struct gyre_hold *h))
{
    if (t->holds.next == NULL)
        gyre_list_init(&t->holds);
    gyre_list_append(&t->holds, &h->link);
    h->task = t;
    h->orphan = orphan;
}

void gyre_hold_take(struct gyre_hold *h, void (*orphan)(struct gyre_hold *h))
{
    assert(gyre_current != NULL && h->task == NULL);
    enter(h, gyre_current, orphan);
}

void gyre_hold_give(struct gyre_hold *h, const struct gyre_wait *w,
                    void (*orphan)(struct gyre_hold *h))
{
    gyre_list_remove(&h->link);
    enter(h, w->task, orphan);
}

void gyre_hold_drop(struct gyre_hold *h)
{
    gyre_list_remove(&h->link);
    h->task = NULL;
}

bool gyre_hold_is_mine(const struct gyre_hold *h)
{
    return gyre_current != NULL && h->task == gyre_current;
}

uint64_t gyre_hold_owner(const struct gyre_hold *h)
{
    return h->task != NULL ? h->task->id : 0;
}

/* No frame of the task's is alive any more, and a neighbour is written to. */
static void check(const struct gyre_task *t, const struct gyre_list *link)
{
    if (gyre_task_below(t, link, t))
        gyre_task_breach(t, "task spawned", t->spawned_at,
                         "has ended with a lock held that was on its stack");
}

void gyre_task_orphan(struct gyre_task *t)
{
    while (!gyre_list_empty(&t->holds)) {
        struct gyre_list *first = t->holds.next;
        struct gyre_hold *h = GYRE_OWNER(first, struct gyre_hold, link);

        check(t, first);
        check(t, first->next);
        gyre_hold_drop(h);
        h->orphan(h);
    }
}
