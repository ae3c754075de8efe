/*
 * test_fire.c - the claims of timers.h about a pass, and what a fire may do.
 */
#include <stdlib.h>

#include "tests/timers/probe.h"

TestSuite(fire, .init = set_up);

static void restart(struct probe *p)
{
    cr_expect_not(gyre_timer_started(&p->timer), "idle when fired");
    start(p, p->at);
}

Test(fire, what_a_fire_starts_waits_for_the_next_pass)
{
    static const gyre_time ats[] = {-1, GYRE_NOW, 9, 10};

    for (size_t i = 0; i < LENGTH(ats); i++) {
        memset(&q, 0, sizeof q);
        a.then = restart;
        a.at = ats[i];
        start(&a, 9);
        start(&b, 10);
        cr_expect_str_eq(pass(10), "ab", "%zu", i);
        cr_expect_eq(gyre_timers_next(&q), 10);
        start(&b, 10);
        cr_expect_str_eq(pass(10), "ab", "%zu", i);
        cr_expect_str_eq(pass(11), "a", "%zu", i);
    }
}

static void announce(struct gyre_timer_visitor *v, struct gyre_timer *t)
{
    size_t n = strlen(fired);

    (void)v;
    cr_expect_eq(gyre_timer_due(t), ((struct probe *)t)->name == 'b' ? 1 : 2);
    fired[n] = (char)(((struct probe *)t)->name - 'a' + 'A');
    fired[n + 1] = '\0';
}

Test(fire, an_observer_is_shown_each_timer_before_it_fires)
{
    struct gyre_timer_visitor observer = {.visit = announce};

    gyre_timers_observe(&q, &observer);
    start(&b, 1);
    start(&a, 2);
    cr_expect_str_eq(pass(2), "BbAa");
    gyre_timers_observe(&q, NULL);
    start(&a, 2);
    cr_expect_str_eq(pass(2), "a");
}

Test(fire, one_restarted_in_the_past_starves_nobody)
{
    a.then = restart;
    start(&a, 1);
    for (gyre_time now = 1; now < 50 * GYRE_MILLISECOND;
         now += GYRE_MILLISECOND / 4) {
        start(&b, now + 1);
        cr_expect_str_eq(pass(now + 1), "ab");
    }
}

static void stop_other(struct probe *p)
{
    gyre_timers_stop(&q, &p->other->timer);
}

Test(fire, a_fire_may_stop_another_of_its_pass)
{
    for (size_t i = 0; i < LENGTH(spans); i++) {
        memset(&q, 0, sizeof q);
        a.then = stop_other;
        a.other = &b;
        start(&a, spans[i]);
        start(&b, spans[i]);
        start(&c, spans[i]);
        cr_expect_str_eq(pass(spans[i]), "ac", "%zu", i);
        cr_expect_eq(gyre_timers_awaited(&q), 0);
    }
}

static void move_other(struct probe *p)
{
    start(p->other, p->at);
}

Test(fire, one_moved_by_a_fire_waits_for_the_next_pass)
{
    a.then = move_other;
    a.other = &b;
    a.at = 5;
    start(&a, 5);
    start(&b, 5);
    start(&c, 5);
    cr_expect_str_eq(pass(5), "ac");
    cr_expect_str_eq(pass(5), "b");
}

static void free_both(struct probe *p)
{
    stop_other(p);
    free(p->other);
    free(p);
}

Test(fire, a_fire_may_free_itself_and_another)
{
    struct probe *p = malloc(sizeof *p), *other = malloc(sizeof *other);

    cr_assert(p != NULL && other != NULL);
    *p = a;
    *other = b;
    p->then = free_both;
    p->other = other;
    start(p, 5);
    start(other, 5);
    start(&c, 5);
    cr_expect_str_eq(pass(5), "ac");
    cr_expect_eq(gyre_timers_next(&q), GYRE_FOREVER);
}

Test(fire, a_repeating_timer_keeps_its_rhythm)
{
    a.timer.every = 10 * GYRE_MILLISECOND;
    start(&a, 3);
    for (gyre_time beat = 3; beat < GYRE_SECOND; beat += a.timer.every) {
        cr_expect_str_eq(pass(beat + 77), "a");
        cr_expect_eq(gyre_timer_due(&a.timer), beat + a.timer.every);
        cr_expect_str_eq(pass(beat + a.timer.every - 1), "");
    }
    cr_expect_eq(gyre_timers_awaited(&q), 1);
}

Test(fire, missed_beats_are_skipped)
{
    a.timer.every = 10;
    start(&a, 3);
    cr_expect_str_eq(pass(13), "a"); /* due at 13 too, but not twice */
    cr_expect_eq(gyre_timer_due(&a.timer), 23);
    cr_expect_str_eq(pass(12345678), "a");
    cr_expect_eq(gyre_timer_due(&a.timer), 12345683);
    cr_expect_str_eq(pass(GYRE_FOREVER - 1), "a");
    cr_expect_eq(gyre_timer_due(&a.timer), GYRE_FOREVER);
}

static void stop_itself(struct probe *p)
{
    cr_expect(gyre_timer_started(&p->timer), "started again before it fires");
    gyre_timers_stop(&q, &p->timer);
}

Test(fire, a_repeating_timer_may_be_stopped_by_its_fire)
{
    a.timer.every = 10;
    a.then = stop_itself;
    start(&a, 10);
    cr_expect_str_eq(pass(10), "a");
    cr_expect_eq(gyre_timers_awaited(&q), 0);
    cr_expect_str_eq(pass(GYRE_FOREVER), "");
}

static void free_itself(struct probe *p)
{
    stop_itself(p);
    free(p);
}

Test(fire, a_repeating_timer_may_be_freed_by_its_fire)
{
    struct probe *p = malloc(sizeof *p);

    cr_assert_not_null(p);
    *p = a;
    p->timer.every = GYRE_SECOND;
    p->then = free_itself;
    start(p, GYRE_SECOND);
    cr_expect_str_eq(pass(GYRE_SECOND), "a");
    cr_expect_eq(gyre_timers_next(&q), GYRE_FOREVER);
}

/* Periods that add up to more than there is of time. */
Test(fire, a_period_as_long_as_time_comes_round_never)
{
    static const gyre_time periods[] = {GYRE_FOREVER, GYRE_FOREVER - 1,
                                        GYRE_FOREVER / 2 + 1};

    for (size_t i = 0; i < LENGTH(periods); i++) {
        memset(&q, 0, sizeof q);
        set_up();
        a.timer.every = periods[i];
        start(&a, 1);
        cr_expect_str_eq(pass(1), "a", "%zu", i);
        cr_expect_str_eq(pass(1000 * GYRE_SECOND), "", "%zu", i);
        cr_expect_gt(gyre_timer_due(&a.timer), GYRE_FOREVER / 2, "%zu", i);
        gyre_timers_stop(&q, &a.timer);
    }
}
