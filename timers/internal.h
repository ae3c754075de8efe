/*
 * internal.h - what the files in timers/ share, and nobody else may include.
 *
 * A queue keeps its timers in two places: those whose tick (the millisecond or
 * so they are due in) has been reached, in a heap, which is exact; all others
 * in a wheel, where they lie about in no order, and starting and stopping is a
 * matter of a few stores.  So everything in the heap is due before everything
 * in the wheel.
 */
#ifndef GYRE_TIMERS_INTERNAL_H
#define GYRE_TIMERS_INTERNAL_H

#include "timers/timers.h"

/*
 * A list of timers: a head that points to the first, each to the `next`, and
 * each `link` back at whatever points to it, so that any member can leave
 * without knowing which list it is in.
 */
static inline void push(struct gyre_timer **head, struct gyre_timer *t)
{
    t->next = *head;
    if (t->next != NULL)
        t->next->link = &t->next;
    t->link = head;
    *head = t;
}

static inline void pull(struct gyre_timer *t)
{
    *t->link = t->next;
    if (t->next != NULL)
        t->next->link = t->link;
}

/* ---- heap.c: a heap is a pointer to its earliest timer, NULL if empty ---- */

/* Add `t`, whose `child` is NULL.  O(1). */
void gyre_timer_heap_add(struct gyre_timer **heap, struct gyre_timer *t);

/* Remove `t`, the root or any other.  O(log n) amortized. */
void gyre_timer_heap_remove(struct gyre_timer **heap, struct gyre_timer *t);

/*
 * Make the timers linked through `next` from `list`, with their children if
 * they have any, the contents of the empty `heap`.  O(n).
 */
void gyre_timer_heap_fill(struct gyre_timer **heap, struct gyre_timer *list);

/* Empty the heap into a list linked through `next`, which is returned.  O(n). */
struct gyre_timer *gyre_timer_heap_flatten(struct gyre_timer **heap);

/* ---- wheel.c ------------------------------------------------------------- */

/*
 * Add `t`, and set its `slot`; or return false, with `slot` 0, if its tick has
 * been reached, so that it belongs into the heap.  O(1).
 */
bool gyre_timer_wheel_add(struct gyre_timer_wheel *w, struct gyre_timer *t);

/* Remove `t`, whose slot is not 0.  O(1). */
void gyre_timer_wheel_remove(struct gyre_timer_wheel *w, struct gyre_timer *t);

/*
 * Go to the first tick that has timers, but no further than the tick of `now`.
 * Return the timers of the tick reached, linked through `next`, with slot 0;
 * NULL if there are none left as far as `now`.
 */
struct gyre_timer *gyre_timer_wheel_advance(struct gyre_timer_wheel *w,
                                            gyre_time now);

/* The contract of gyre_timers_next, but for the heap. */
gyre_time gyre_timer_wheel_next(const struct gyre_timer_wheel *w);

#endif
