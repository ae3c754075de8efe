/*
 * wheel.c - a wheel: timers sorted roughly, and more finely as they get near.
 *
 * Time is cut into ticks of 2^18 ns, a quarter of a millisecond.  Write the
 * tick a timer is due in, and the cursor, which is the tick reached, as numbers
 * of eight digits in base 64.  The first digit in which they differ says where
 * the timer is: the digit's place is the level, its value in the timer's tick
 * the slot.
 *
 *      cursor    0 0 0 0 3 5 9 2
 *      timer     0 0 0 0 3 7 1 4       level 2, slot 7
 *
 * Invariants:
 *   - every timer in the wheel is due in a tick after the cursor; so in the
 *     digit that differs it has the greater value, and slot 0 is never used;
 *   - so a lower level is due before a higher one, and on a level a lower slot
 *     before a higher one: the earliest timer is in the first occupied slot;
 *   - a slot's bit is set in `occupied` exactly while it holds a timer.
 *
 * While the cursor is before the first tick of the first occupied slot, no
 * digit that places a timer changes.  When it gets there, the timers in that
 * slot have one more digit in common with it, and are placed anew, lower.
 *
 * Each of them is then a wait for memory, and where the next one is stands in
 * the one before.  Hence the lanes: a slot is four lists, not one, filled and
 * emptied in turn, so that the processor waits for four timers at a time.
 */
#include "timers/internal.h"

enum { GLANCE = 16 }; /* timers a call looks at in order to be exact */

/* The first occupied slot; 0 if there is none. */
static unsigned first_slot(const struct gyre_timer_wheel *w)
{
    for (unsigned level = 0; level < LEVELS; level++) {
        uint64_t bits = w->occupied[level];

        if (bits != 0)
            return level * SLOTS + (unsigned)__builtin_ctzll(bits);
    }
    return 0;
}

/* The first tick of a slot.  Digits before the slot's are the cursor's. */
static uint64_t first_tick(const struct gyre_timer_wheel *w, unsigned slot)
{
    unsigned shift = slot / SLOTS * DIGIT_BITS;
    uint64_t digits = w->cursor >> shift;

    return (digits - digits % SLOTS + slot % SLOTS) << shift;
}

/*
 * Empty a slot whose first tick the cursor has come to: lower into the wheel,
 * or, what is due in that very tick, onto the list that is returned.
 */
static struct gyre_timer *open_slot(struct gyre_timer_wheel *w, unsigned slot)
{
    struct gyre_timer_slot s = w->slots[slot];
    struct gyre_timer *due = NULL;

    w->slots[slot] = (struct gyre_timer_slot){{NULL}};
    unmark(w, slot);
    while (!empty(&s)) {
        for (int i = 0; i < LANES; i++) {
            struct gyre_timer *t = s.lanes[i];

            if (t == NULL)
                continue;
            s.lanes[i] = t->next;
            if (!add(w, t)) {
                t->next = due;
                due = t;
            }
        }
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

/* The earliest time in a slot; -1 if there are too many to look at. */
static gyre_time glance(const struct gyre_timer_slot *s)
{
    gyre_time first = GYRE_FOREVER;
    int n = 0;

    for (int i = 0; i < LANES; i++) {
        for (const struct gyre_timer *t = s->lanes[i]; t != NULL; t = t->next) {
            if (n++ == GLANCE)
                return -1;
            first = t->at < first ? t->at : first;
        }
    }
    return first;
}

/*
 * Sleepers are few as a rule, and should be woken once, when they are due, not
 * at the border of each level as well.  So look at some before settling for
 * the border.
 */
gyre_time gyre_timer_wheel_next(const struct gyre_timer_wheel *w)
{
    unsigned slot = first_slot(w);
    gyre_time first;

    if (slot == 0 || slot == LEVELS * SLOTS - 1)
        return GYRE_FOREVER;
    first = glance(&w->slots[slot]);
    return first >= 0 ? first : (gyre_time)(first_tick(w, slot) << TICK_BITS);
}
