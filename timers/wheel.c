/*
 * wheel.c - a wheel: timers sorted roughly, and more finely as they get near.
 *
 * Time is cut into ticks of 2^20 ns, a little over a millisecond.  Write the
 * tick a timer is due in, and the cursor, as numbers of eight digits in base
 * 64.  The first digit in which they differ says where the timer is: its place
 * is the level, and its value in the timer's tick the slot.
 *
 *      cursor    0 0 0 0 3 5 9 2
 *      timer     0 0 0 0 3 7 1 4       level 2, slot 7
 *
 * Invariants:
 *   - every timer in the wheel is due in a tick after the cursor; so in a digit
 *     that differs it has the greater value, and slot 0 of no level is ever used;
 *   - so a lower level is due before a higher one, and on a level a lower slot
 *     before a higher one: the earliest timer is in the first occupied slot;
 *   - a slot's bit is set in `occupied`, and its level's in `levels`, exactly
 *     while it holds a timer.
 *
 * While the cursor is before the first tick of the first occupied slot, no digit
 * that places a timer changes.  When it gets there, the timers in that slot have
 * one more digit in common with it, and are placed anew, lower.
 */
#include "timers/internal.h"

enum {
    TICK_BITS = 20,
    DIGIT_BITS = 6,
    SLOTS = 1 << DIGIT_BITS,    /* of a level */
    LEVELS = 8,
    NEVER = LEVELS * SLOTS - 1, /* the slot for GYRE_FOREVER */
    GLANCE = 16                 /* timers a call looks at to be exact */
};

/*
 * A real time has 43 bits of tick, which leaves the last slot of the top level
 * free: the timers that never fire go there, and are in nobody's way.
 */
static uint64_t tick_of(gyre_time at)
{
    if (at == GYRE_FOREVER)
        return (UINT64_C(1) << LEVELS * DIGIT_BITS) - 1;
    return (uint64_t)at >> TICK_BITS;
}

/* The slot for a tick after the cursor. */
static unsigned place(const struct gyre_timer_wheel *w, uint64_t tick)
{
    unsigned bit = 63 - (unsigned)__builtin_clzll(tick ^ w->cursor);
    unsigned level = bit / DIGIT_BITS;

    return level * SLOTS + (tick >> level * DIGIT_BITS) % SLOTS;
}

/* The first tick of a slot.  Digits before the slot's are the cursor's. */
static uint64_t first_tick(const struct gyre_timer_wheel *w, unsigned slot)
{
    unsigned shift = slot / SLOTS * DIGIT_BITS;
    uint64_t digits = w->cursor >> shift;

    return (digits - digits % SLOTS + slot % SLOTS) << shift;
}

/* The first occupied slot; 0 if there is none. */
static unsigned first_slot(const struct gyre_timer_wheel *w)
{
    unsigned level;

    if (w->levels == 0)
        return 0;
    level = (unsigned)__builtin_ctzll(w->levels);
    return level * SLOTS + (unsigned)__builtin_ctzll(w->occupied[level]);
}

static void mark(struct gyre_timer_wheel *w, unsigned slot)
{
    w->occupied[slot / SLOTS] |= UINT64_C(1) << slot % SLOTS;
    w->levels |= UINT64_C(1) << slot / SLOTS;
}

static void unmark(struct gyre_timer_wheel *w, unsigned slot)
{
    unsigned level = slot / SLOTS;

    w->occupied[level] &= ~(UINT64_C(1) << slot % SLOTS);
    if (w->occupied[level] == 0)
        w->levels &= ~(UINT64_C(1) << level);
}

bool gyre_timer_wheel_add(struct gyre_timer_wheel *w, struct gyre_timer *t)
{
    uint64_t tick = tick_of(t->at);

    if (tick <= w->cursor) {
        t->slot = 0;
        return false;
    }
    t->slot = (uint16_t)place(w, tick);
    if (w->slots[t->slot] == NULL)
        mark(w, t->slot);
    push(&w->slots[t->slot], t);
    return true;
}

void gyre_timer_wheel_remove(struct gyre_timer_wheel *w, struct gyre_timer *t)
{
    pull(t);
    if (w->slots[t->slot] == NULL)
        unmark(w, t->slot);
}

/*
 * Empty a slot whose first tick the cursor has come to: lower into the wheel,
 * and what is due in that very tick onto the list that is returned.
 */
static struct gyre_timer *open_slot(struct gyre_timer_wheel *w, unsigned slot)
{
    struct gyre_timer *t = w->slots[slot];
    struct gyre_timer *due = NULL;

    w->slots[slot] = NULL;
    unmark(w, slot);
    while (t != NULL) {
        struct gyre_timer *next = t->next;

        if (!gyre_timer_wheel_add(w, t)) {
            t->next = due;
            due = t;
        }
        t = next;
    }
    return due;
}

struct gyre_timer *gyre_timer_wheel_advance(struct gyre_timer_wheel *w,
                                            gyre_time now)
{
    uint64_t limit = (uint64_t)now >> TICK_BITS;
    struct gyre_timer *due = NULL;

    while (due == NULL) {
        unsigned slot = first_slot(w);
        uint64_t tick = slot != 0 ? first_tick(w, slot) : UINT64_MAX;

        if (tick > limit) {
            w->cursor = limit;
            break;
        }
        w->cursor = tick;
        due = open_slot(w, slot);
    }
    return due;
}

/*
 * Sleepers are few as a rule, and should be woken once, when they are due, not
 * at the border of each level as well.  So look at some before settling for
 * the border.
 */
gyre_time gyre_timer_wheel_next(const struct gyre_timer_wheel *w)
{
    unsigned slot = first_slot(w);
    gyre_time next = GYRE_FOREVER;
    const struct gyre_timer *t;
    int n = 0;

    if (slot == 0 || slot == NEVER)
        return GYRE_FOREVER;
    for (t = w->slots[slot]; t != NULL && n < GLANCE; t = t->next, n++)
        next = t->at < next ? t->at : next;
    if (t != NULL)
        return (gyre_time)(first_tick(w, slot) << TICK_BITS);
    return next;
}
