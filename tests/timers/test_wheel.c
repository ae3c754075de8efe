/*
 * test_wheel.c - the wheel alone: where timers lie, and when they come out.
 */
#include <criterion/criterion.h>

#include <string.h>

#include "timers/internal.h"

#define TICK (INT64_C(1) << TICK_BITS)

enum { N = 2000 };

static struct gyre_timer_wheel w;
static struct gyre_timer timers[N];

static uint64_t rnd(void)
{
    static uint64_t state = 1;

    state = state * UINT64_C(6364136223846793005) + 1442695040888963407;
    return state >> 1;
}

/* Add timer `i` at a random distance from the cursor, of any magnitude. */
static bool scatter(int i)
{
    gyre_time now = (gyre_time)w.cursor * TICK;

    timers[i] = (struct gyre_timer){
        .at = gyre_time_after(now, (gyre_time)(rnd() >> rnd() % 62)),
        .order = (uint64_t)i,
    };
    return add(&w, &timers[i]);
}

/* Check every invariant at the head of wheel.c; return how many are in it. */
static int inspect(void)
{
    uint64_t before = w.cursor;
    int n = 0;

    for (unsigned slot = 0; slot < LEVELS * SLOTS; slot++) {
        uint64_t last = before;
        bool bit = w.occupied[slot / SLOTS] >> slot % SLOTS & 1;

        cr_expect_eq(bit, !empty(&w.slots[slot]), "slot %u", slot);
        cr_expect(slot % SLOTS != 0 || !bit, "slot %u is used", slot);
        for (int i = 0; i < LANES; i++) {
            for (struct gyre_timer *t = w.slots[slot].lanes[i]; t != NULL;
                 t = t->next, n++) {
                uint64_t tick = tick_of(t->at);

                cr_expect_eq(t->slot, slot);
                cr_expect_eq(place(&w, tick), slot, "misplaced by the cursor");
                cr_expect_gt(tick, before, "slots overlap");
                cr_expect_eq(*t->link, t);
                last = tick > last ? tick : last;
            }
        }
        before = last;
    }
    return n;
}

Test(wheel, invariants_hold_as_timers_come_and_go)
{
    for (int round = 0; round < 20; round++) {
        int in = 0;

        memset(&w, 0, sizeof w);
        w.cursor = rnd() >> TICK_BITS >> rnd() % 20;
        for (int i = 0; i < N; i++)
            in += scatter(i);
        cr_expect_eq(inspect(), in);
        for (int i = 0; i < N; i++) {
            if (timers[i].slot != 0 && rnd() % 3 == 0) {
                discard(&w, &timers[i]);
                in--;
            }
        }
        cr_expect_eq(inspect(), in);
    }
}

Test(wheel, is_empty_again_when_all_have_left)
{
    static const struct gyre_timer_slot none;

    for (int i = 0; i < N; i++)
        (void)scatter(i);
    for (int i = 0; i < N; i++) {
        if (timers[i].slot != 0)
            discard(&w, &timers[i]);
    }
    cr_expect_eq(inspect(), 0);
    for (int slot = 0; slot < LEVELS * SLOTS; slot++)
        cr_expect_eq(memcmp(&w.slots[slot], &none, sizeof none), 0);
    cr_expect_eq(gyre_timer_wheel_next(&w), GYRE_FOREVER);
}

Test(wheel, advances_tick_by_tick_and_loses_none)
{
    const struct gyre_timer *t;
    int in = 0, out = 0;

    for (int i = 0; i < N; i++)
        in += scatter(i);
    while ((t = gyre_timer_wheel_advance(&w, GYRE_FOREVER - 1)) != NULL) {
        for (; t != NULL; t = t->next, out++) {
            cr_expect_eq(tick_of(t->at), w.cursor);
            cr_expect_eq(t->slot, 0);
        }
        cr_expect_eq(inspect(), in - out);
    }
    cr_expect_eq(out, in);
}

Test(wheel, goes_no_further_than_now)
{
    for (int bits = 0; bits < 63 - TICK_BITS; bits++) {
        gyre_time at = (INT64_C(1) << bits) * TICK + 5;

        memset(&w, 0, sizeof w);
        timers[0] = (struct gyre_timer){.at = at};
        cr_assert(add(&w, &timers[0]));
        cr_expect_null(gyre_timer_wheel_advance(&w, at - 6));
        cr_expect_eq(w.cursor, tick_of(at) - 1);
        cr_expect_eq(inspect(), 1);
        cr_expect_eq(gyre_timer_wheel_advance(&w, at - 5), &timers[0]);
        cr_expect_eq(w.cursor, tick_of(at));
    }
}

Test(wheel, what_is_due_in_a_tick_reached_is_not_for_the_wheel)
{
    struct gyre_timer t = {.at = 7 * TICK - 1};

    w.cursor = 7;
    cr_expect_not(add(&w, &t));
    t.at = 8 * TICK - 1;
    cr_expect_not(add(&w, &t));
    cr_expect_eq(t.slot, 0);
    t.at = 8 * TICK;
    cr_expect(add(&w, &t));
    cr_expect_neq(t.slot, 0);
}
