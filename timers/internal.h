/*
 * internal.h - what the files in timers/ share, and nobody else may include.
 *
 * A queue keeps its timers in two places.  Those whose tick (the quarter of a
 * millisecond they are due in) has been reached are in a heap, which is exact.
 * All others are in a wheel, where they lie about in no order, and to start or
 * stop one takes a few stores.  So all in the heap are due before any in the
 * wheel.
 *
 * What starting and stopping go through is inline here.  Most timers are
 * timeouts, which are stopped long before they are due, so there is little else
 * that happens to them, and calls would be half of it.
 */
#ifndef GYRE_TIMERS_INTERNAL_H
#define GYRE_TIMERS_INTERNAL_H

#include "timers/timers.h"

/*
 * A list is a pointer to its first timer.  Each timer has the `next`, and a
 * `link` back at whatever points to it, so that any can leave without knowing
 * which list it is in.  One that is in none has no link.
 */
static inline void push(struct gyre_timer **list, struct gyre_timer *t)
{
    t->next = *list;
    if (t->next != NULL)
        t->next->link = &t->next;
    t->link = list;
    *list = t;
}

static inline void pull(struct gyre_timer *t)
{
    *t->link = t->next;
    if (t->next != NULL)
        t->next->link = t->link;
    t->link = NULL;
}

/*
 * A heap is a pointer to its earliest timer, NULL if it is empty.
 *
 * Add `t`, whose `child` is NULL.  O(1).
 */
void gyre_timer_heap_add(struct gyre_timer **heap, struct gyre_timer *t);

/* Remove `t`, the root or any other.  O(log n) amortized. */
void gyre_timer_heap_remove(struct gyre_timer **heap, struct gyre_timer *t);

/* Add the timers linked through `next` from `list`, at least one.  O(n). */
void gyre_timer_heap_fill(struct gyre_timer **heap, struct gyre_timer *list);

/* Empty the heap; return its timers, linked through `next`.  O(n). */
struct gyre_timer *gyre_timer_heap_flatten(struct gyre_timer **heap);

/* The shape of the wheel: see the head of wheel.c. */
enum {
    TICK_BITS = 18, /* of a time: those within a tick */
    DIGIT_BITS = 6,
    LEVELS = GYRE_TIMER_LEVELS,
    SLOTS = GYRE_TIMER_SLOTS, /* of a level: 1 << DIGIT_BITS */
    LANES = GYRE_TIMER_LANES  /* lists of a slot */
};

/*
 * A real time has 45 bits of tick, which leaves the last slot of the top level
 * free: the timers that never fire go there, and are in nobody's way.
 */
static inline uint64_t tick_of(gyre_time at)
{
    if (at == GYRE_FOREVER)
        return (UINT64_C(1) << LEVELS * DIGIT_BITS) - 1;
    return (uint64_t)at >> TICK_BITS;
}

/* The slot for a tick after the cursor. */
static inline unsigned place(const struct gyre_timer_wheel *w, uint64_t tick)
{
    unsigned bit = 63 - (unsigned)__builtin_clzll(tick ^ w->cursor);
    unsigned level = bit / DIGIT_BITS;

    return level * SLOTS + (tick >> level * DIGIT_BITS) % SLOTS;
}

static inline void mark(struct gyre_timer_wheel *w, unsigned slot)
{
    w->occupied[slot / SLOTS] |= UINT64_C(1) << slot % SLOTS;
}

static inline void unmark(struct gyre_timer_wheel *w, unsigned slot)
{
    w->occupied[slot / SLOTS] &= ~(UINT64_C(1) << slot % SLOTS);
}

static inline bool empty(const struct gyre_timer_slot *s)
{
    for (int i = 0; i < LANES; i++) {
        if (s->lanes[i] != NULL)
            return false;
    }
    return true;
}

/*
 * Add `t`, and set its `slot`; or return false, with `slot` 0, if its tick has
 * been reached, so that it belongs in the heap.  O(1).
 */
static inline bool add(struct gyre_timer_wheel *w, struct gyre_timer *t)
{
    uint64_t tick = tick_of(t->at);

    if (tick <= w->cursor) {
        t->slot = 0;
        return false;
    }
    t->slot = (uint16_t)place(w, tick);
    push(&w->slots[t->slot].lanes[t->order % LANES], t);
    if (t->next == NULL)
        mark(w, t->slot);
    return true;
}

/* Remove `t`, whose slot is not 0.  O(1). */
static inline void discard(struct gyre_timer_wheel *w, struct gyre_timer *t)
{
    pull(t);
    if (t->next == NULL && empty(&w->slots[t->slot]))
        unmark(w, t->slot);
}

/*
 * Go to the first tick that has timers, but no further than the tick of `now`.
 * Return the timers of the tick reached, linked through `next`, with slot 0;
 * NULL if there are none left as far as `now`.
 */
struct gyre_timer *gyre_timer_wheel_advance(struct gyre_timer_wheel *w,
                                            gyre_time now);

/* Would it get anywhere?  In most rounds of a busy loop it would not. */
static inline bool is_behind(const struct gyre_timer_wheel *w, gyre_time now)
{
    return w->cursor != (uint64_t)now >> TICK_BITS;
}

/* The contract of gyre_timers_next, but for the heap. */
gyre_time gyre_timer_wheel_next(const struct gyre_timer_wheel *w);

#endif
