/*
 * test_timers.c - the claims of timers.h about a queue and what is in it.
 */
#include <stdlib.h>

#include "tests/timers/probe.h"

TestSuite(timers, .init = set_up);

Test(timers, a_zeroed_queue_is_empty)
{
    cr_expect_eq(gyre_timers_next(&q), GYRE_FOREVER);
    cr_expect_eq(gyre_timers_awaited(&q), 0);
    cr_expect_str_eq(pass(0), "");
    cr_expect_str_eq(pass(GYRE_FOREVER), "");
}

Test(timers, a_zeroed_timer_is_idle)
{
    struct gyre_timer idle = {0};

    cr_expect_not(gyre_timer_started(&idle));
    cr_expect_eq(gyre_timer_due(&idle), GYRE_FOREVER);
    gyre_timers_stop(&q, &idle);
    cr_expect_not(gyre_timer_started(&idle));
    cr_expect_eq(gyre_timers_awaited(&q), 0);
}

Test(timers, a_timer_is_small)
{
    cr_expect_leq(sizeof(struct gyre_timer), 80);
}

Test(timers, never_early_never_missed)
{
    for (size_t i = 0; i < LENGTH(spans); i++) {
        memset(&q, 0, sizeof q);
        start(&a, spans[i]);
        cr_expect(gyre_timer_started(&a.timer));
        cr_expect_eq(gyre_timer_due(&a.timer), spans[i]);
        cr_expect_eq(gyre_timers_next(&q), spans[i]);
        cr_expect_str_eq(pass(spans[i] - 1), "", "%zu: early", i);
        cr_expect_eq(gyre_timers_next(&q), spans[i]);
        cr_expect_str_eq(pass(spans[i]), "a", "%zu: missed", i);
        cr_expect_not(gyre_timer_started(&a.timer));
        cr_expect_eq(gyre_timer_due(&a.timer), GYRE_FOREVER);
        cr_expect_str_eq(pass(GYRE_FOREVER), "", "%zu: twice", i);
    }
}

Test(timers, a_late_pass_fires_what_it_passed_over)
{
    for (size_t i = 0; i < LENGTH(spans); i++) {
        memset(&q, 0, sizeof q);
        start(&a, spans[i]);
        cr_expect_str_eq(pass(GYRE_FOREVER), "a", "%zu", i);
    }
}

Test(timers, fire_in_the_order_they_are_due)
{
    for (size_t i = 0; i < LENGTH(spans); i++) {
        for (size_t j = 0; j < LENGTH(spans); j++) {
            memset(&q, 0, sizeof q);
            start(&a, spans[i]);
            start(&b, spans[j]);
            cr_expect_eq(gyre_timers_next(&q), spans[i < j ? i : j]);
            cr_expect_str_eq(pass(GYRE_FOREVER), i <= j ? "ab" : "ba",
                             "%zu %zu", i, j);
        }
    }
}

Test(timers, same_time_fires_in_start_order)
{
    for (size_t i = 0; i < LENGTH(spans); i++) {
        memset(&q, 0, sizeof q);
        start(&b, spans[i]);
        start(&c, spans[i]);
        start(&a, spans[i]);
        cr_expect_str_eq(pass(spans[i]), "bca", "%zu", i);
    }
}

static struct gyre_timer *previous;
static size_t fires;

static void follow(struct gyre_timer *t)
{
    if (previous != NULL &&
        (previous->at > t->at || (previous->at == t->at && previous > t)))
        cr_assert_fail("%zu: out of order", fires);
    previous = t;
    fires++;
}

Test(timers, a_million_fire_in_order)
{
    const size_t n = 1000000;
    struct gyre_timer *t = calloc(n, sizeof *t);
    uint64_t random = 1;

    cr_assert_not_null(t);
    for (size_t i = 0; i < n; i++) {
        random = random * UINT64_C(6364136223846793005) + 1;
        t[i].fire = follow;
        gyre_timers_start(&q, &t[i], (gyre_time)(random >> 40) * 1000);
    }
    cr_expect_eq(gyre_timers_awaited(&q), n);
    for (size_t i = 0; i < n; i += 3)
        gyre_timers_stop(&q, &t[i]);
    for (gyre_time now = 0; now < 9 * GYRE_SECOND; now += 7 * GYRE_MILLISECOND)
        gyre_timers_fire(&q, now);
    cr_expect_gt(fires, n / 4);
    gyre_timers_fire(&q, GYRE_FOREVER);
    cr_expect_eq(fires, n - (n + 2) / 3);
    cr_expect_eq(gyre_timers_awaited(&q), 0);
    free(t);
}

Test(timers, a_past_time_counts_as_the_latest_pass)
{
    pass(GYRE_SECOND);
    start(&a, GYRE_SECOND);
    start(&b, GYRE_NOW);
    start(&c, -GYRE_SECOND);
    cr_expect_eq(gyre_timer_due(&b.timer), GYRE_SECOND);
    cr_expect_eq(gyre_timer_due(&c.timer), GYRE_SECOND);
    cr_expect_eq(gyre_timers_next(&q), GYRE_SECOND);
    cr_expect_str_eq(pass(GYRE_SECOND), "abc");
}

Test(timers, starting_again_moves)
{
    for (size_t i = 0; i < LENGTH(spans); i++) {
        for (size_t j = 0; j < LENGTH(spans); j++) {
            memset(&q, 0, sizeof q);
            start(&a, spans[i]);
            start(&b, spans[j]);
            start(&a, spans[j]);
            cr_expect_eq(gyre_timers_awaited(&q), 2);
            cr_expect_eq(gyre_timer_due(&a.timer), spans[j]);
            cr_expect_str_eq(pass(spans[j] - 1), "", "%zu %zu", i, j);
            cr_expect_str_eq(pass(GYRE_FOREVER), "ba", "%zu %zu", i, j);
        }
    }
}

Test(timers, a_stopped_timer_does_not_fire)
{
    for (size_t i = 0; i < LENGTH(spans); i++) {
        memset(&q, 0, sizeof q);
        start(&a, spans[i]);
        start(&b, spans[i]);
        gyre_timers_stop(&q, &a.timer);
        cr_expect_not(gyre_timer_started(&a.timer));
        cr_expect_eq(gyre_timers_awaited(&q), 1);
        gyre_timers_stop(&q, &a.timer);
        cr_expect_eq(gyre_timers_awaited(&q), 1);
        cr_expect_str_eq(pass(spans[i]), "b", "%zu", i);
    }
}

Test(timers, stopping_the_last_leaves_the_queue_empty)
{
    for (size_t i = 0; i < LENGTH(spans); i++) {
        memset(&q, 0, sizeof q);
        start(&a, spans[i]);
        gyre_timers_stop(&q, &a.timer);
        memset(&a.timer, 0x55, sizeof a.timer); /* it is ours again */
        cr_expect_eq(gyre_timers_next(&q), GYRE_FOREVER);
        cr_expect_str_eq(pass(GYRE_FOREVER), "");
        set_up();
    }
}

Test(timers, all_are_stopped_at_once)
{
    struct probe crowd[LENGTH(spans)];

    start(&a, GYRE_NOW);
    start(&b, 1);
    pass(0);
    start(&a, GYRE_FOREVER);
    for (size_t i = 0; i < LENGTH(spans); i++) {
        crowd[i] = (struct probe){.timer.fire = note, .name = (char)i};
        start(&crowd[i], spans[i]);
    }
    gyre_timers_stop_all(&q);
    cr_expect_not(gyre_timer_started(&a.timer));
    cr_expect_not(gyre_timer_started(&b.timer));
    for (size_t i = 0; i < LENGTH(spans); i++)
        cr_expect_not(gyre_timer_started(&crowd[i].timer), "%zu", i);
    cr_expect_eq(gyre_timers_awaited(&q), 0);
    cr_expect_eq(gyre_timers_next(&q), GYRE_FOREVER);

    start(&b, 2);
    start(&a, 2);
    cr_expect_str_eq(pass(2), "ba", "and may be started again");
    cr_expect_str_eq(pass(GYRE_FOREVER), "");
}

Test(timers, forever_is_started_but_never_fires)
{
    struct probe crowd[MANY];

    for (size_t i = 0; i < LENGTH(crowd); i++) {
        crowd[i] = a;
        start(&crowd[i], GYRE_FOREVER);
        cr_expect(gyre_timer_started(&crowd[i].timer));
    }
    start(&b, GYRE_FOREVER - 1);
    cr_expect_eq(gyre_timers_awaited(&q), MANY + 1);
    cr_expect_eq(gyre_timers_next(&q), GYRE_FOREVER - 1);
    cr_expect_str_eq(pass(GYRE_FOREVER), "b");
    cr_expect_eq(gyre_timers_next(&q), GYRE_FOREVER);
    cr_expect_eq(gyre_timers_awaited(&q), MANY);
    for (size_t i = 0; i < LENGTH(crowd); i++)
        gyre_timers_stop(&q, &crowd[i].timer);
    cr_expect_eq(gyre_timers_awaited(&q), 0);
}

Test(timers, background_is_not_awaited)
{
    a.timer.background = true;
    start(&a, 5);
    start(&b, 6);
    cr_expect_eq(gyre_timers_awaited(&q), 1);
    start(&a, 7);
    cr_expect_eq(gyre_timers_awaited(&q), 1);
    b.timer.background = true; /* read when started, not when stopped */
    gyre_timers_stop(&q, &b.timer);
    cr_expect_eq(gyre_timers_awaited(&q), 0);
    a.timer.background = false;
    cr_expect_str_eq(pass(7), "a");
    cr_expect_eq(gyre_timers_awaited(&q), 0);
}

/* The lower bounds a crowd at `at` gives; the last must be `at`. */
static void approach(gyre_time at)
{
    gyre_time bound = 0;
    int passes = 0;

    while ((bound = gyre_timers_next(&q)) < at) {
        cr_assert_str_eq(pass(bound), "");
        cr_assert_gt(gyre_timers_next(&q), bound, "no progress");
        passes++;
    }
    cr_expect_eq(bound, at);
    cr_expect_leq(passes, 8);
}

Test(timers, next_is_never_late_and_soon_exact)
{
    struct probe crowd[MANY];

    for (size_t i = 0; i < LENGTH(spans) - 1; i++) {
        memset(&q, 0, sizeof q);
        for (size_t j = 0; j < LENGTH(crowd); j++) {
            crowd[j] = a;
            start(&crowd[j], spans[i] + (gyre_time)j);
        }
        approach(spans[i]);
        cr_expect_eq(strlen(pass(spans[i] + MANY)), MANY);
    }
}

Test(timers, next_is_exact_for_sixteen)
{
    struct probe few[16];

    for (size_t i = 0; i < LENGTH(spans); i++) {
        memset(&q, 0, sizeof q);
        for (size_t j = 0; j < LENGTH(few); j++) {
            few[j] = a;
            start(&few[j], gyre_time_after(spans[i], (gyre_time)(j + 7) % 16));
        }
        cr_expect_eq(gyre_timers_next(&q), spans[i]);
    }
}

struct counter {
    struct gyre_timer_visitor visitor;
    int seen[256]; /* by name */
};

static void count(struct gyre_timer_visitor *v, struct gyre_timer *t)
{
    struct counter *n = (struct counter *)v;

    n->seen[(unsigned char)((struct probe *)t)->name]++;
}

Test(timers, a_walk_shows_each_started_timer_once)
{
    struct probe crowd[200];
    struct counter n = {.visitor.visit = count};

    pass(3);
    for (size_t i = 0; i < LENGTH(crowd); i++) {
        crowd[i] = (struct probe){.timer.fire = note, .name = (char)i};
        start(&crowd[i], i % 2 ? (gyre_time)i : spans[i / 2 % 16]);
    }
    start(&crowd[0], GYRE_FOREVER);
    gyre_timers_stop(&q, &crowd[199].timer);

    gyre_timers_walk(&q, &n.visitor);
    for (int i = 0; i < 256; i++)
        cr_expect_eq(n.seen[i], i < 199, "%d", i);
}

Test(timers, a_walk_changes_nothing)
{
    struct counter n = {.visitor.visit = count};

    gyre_timers_walk(&q, &n.visitor);
    for (size_t i = 0; i < LENGTH(spans); i++) {
        memset(&q, 0, sizeof q);
        start(&c, spans[i]);
        start(&a, 1);
        start(&b, 1);
        gyre_timers_walk(&q, &n.visitor);
        cr_expect_eq(gyre_timers_next(&q), 1);
        gyre_timers_stop(&q, &b.timer);
        cr_expect_str_eq(pass(GYRE_FOREVER), spans[i] == 1 ? "ca" : "ac");
    }
}
