/*
 * test_slice.c - the claims of task.h about loops that compute.
 */
#include <errno.h>

#include "task/scope.h"
#include "task/task.h"
#include "tests/task/world.h"

static intptr_t count(void *n)
{
    ++*(int *)n;
    return 0;
}

/* Another task that is ready, and says when it has run. */
static int others;

static void open_with_another(struct gyre_scope *s)
{
    others = 0;
    gyre_scope_open(s, GYRE_FOREVER);
    gyre_spawn(s, NULL, count, &others);
}

/* Compute for `span`, and yield if due, until the other task has run.  How long
   that took. */
static gyre_time compute(gyre_time span)
{
    gyre_time began = elapsed();

    do {
        gyre_sim_advance(world->sim, span);
        must(gyre_yield_if_due() == 0);
    } while (others == 0);
    return elapsed() - began;
}

/* A call that takes a thousandth of the slice, or many times that. */
CLAIM(slice, ends_when_it_is_over_however_often_one_asks, .init = in_order)
{
    static const gyre_time spans[] = {MS / 1000, MS / 100, MS / 10,
                                      MS / 2,    MS,       7 * MS};

    for (size_t i = 0; i < sizeof spans / sizeof spans[0]; i++) {
        struct gyre_scope s;
        gyre_time took;

        open_with_another(&s);
        took = compute(spans[i]);
        cr_expect_geq(took, MS);
        cr_expect_leq(took, MS + MS / 2 + 2 * spans[i], "%zu", i);
        cr_expect_eq(gyre_scope_close(&s, 0), 0);
    }
}

/* Fast work, of which many calls go by without a look at the clock, and then
   slow: it is found out soon. */
CLAIM(slice, ends_soon_when_the_work_becomes_slower)
{
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    for (int i = 0; i < 700; i++) {
        gyre_sim_advance(world->sim, 1000);
        must(gyre_yield_if_due() == 0);
    }
    others = 0;
    gyre_spawn(&s, NULL, count, &others);
    cr_expect_leq(compute(10 * GYRE_MICROSECOND), 4 * MS);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

CLAIM(slice, ends_in_a_simulation_though_no_time_passes, .init = in_order)
{
    struct gyre_scope s;
    int n = 0;

    open_with_another(&s);
    while (others == 0 && n < 20000) {
        must(gyre_yield_if_due() == 0);
        n++;
    }
    cr_expect_eq(others, 1);
    cr_expect_gt(n, 1000, "but not at once");
    cr_expect_eq(elapsed(), 0);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

static intptr_t ask_often(void *name)
{
    for (int i = 0; i < 20000; i++) {
        if (i % 4000 == 0)
            note(*(char *)name);
        must(gyre_yield_if_due() == 0);
    }
    return 0;
}

CLAIM(slice, takes_turns_with_others_that_compute)
{
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, ask_often, "a");
    gyre_spawn(&s, NULL, ask_often, "b");
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect(notes[1] != notes[0] || notes[2] != notes[0], "%s", notes);
    notes[0] = '\0';
}

CLAIM(slice, is_asked_for_in_a_cancel_point)
{
    struct gyre_scope s;

    for (int asked = 0; asked < 300; asked += 7) {
        gyre_scope_open(&s, GYRE_FOREVER);
        for (int i = 0; i < asked; i++)
            must(gyre_yield_if_due() == 0);
        gyre_scope_cancel(&s);
        must(gyre_yield_if_due() == -ECANCELED);
        must(gyre_scope_close(&s, -ECANCELED) == 0);
    }
}

CLAIM(slice, ends_for_who_ignores_that_he_is_cancelled)
{
    struct gyre_scope s;
    int n = 0;

    open_with_another(&s);
    gyre_scope_cancel(&s);
    while (others == 0 && n < 1000) {
        must(gyre_yield_if_due() == -ECANCELED);
        n++;
    }
    cr_expect_eq(others, 1);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}
