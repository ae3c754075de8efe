/*
 * test_timers.c - the claims of timers.h, one by one.
 */
#include "timers/timers.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { MANY = 64 };

/* A timer that writes its name into a log, and does what else it is told. */
struct probe {
    struct gyre_timer timer;        /* first, so that a cast finds the probe */
    char              name;
    void            (*then)(struct probe *p);
    struct probe     *other;        /* for `then` */
    gyre_time         at;           /* for `then` */
};

static struct gyre_timers q;
static struct probe a, b, c;
static char fired[MANY + 1];        /* a string of names */

static void note(struct gyre_timer *t)
{
    struct probe *p = (struct probe *)t;
    size_t n = strlen(fired);

    cr_assert_lt(n, MANY);
    fired[n] = p->name;
    fired[n + 1] = '\0';
    if (p->then != NULL)
        p->then(p);
}

/* Fire at `now`; the names of those fired. */
static const char *pass(gyre_time now)
{
    fired[0] = '\0';
    gyre_timers_fire(&q, now);
    return fired;
}

static void start(struct probe *p, gyre_time at)
{
    gyre_timers_start(&q, &p->timer, at);
}

static void set_up(void)
{
    a = (struct probe){.timer = {.fire = note}, .name = 'a'};
    b = (struct probe){.timer = {.fire = note}, .name = 'b'};
    c = (struct probe){.timer = {.fire = note}, .name = 'c'};
}

TestSuite(timers, .init = set_up, .timeout = 60);

/* Spans from within a tick to all of time, about and on the borders. */
static const gyre_time spans[] = {
    1, 2, 1000, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 1 << 26,
    INT64_C(1) << 32, (INT64_C(1) << 32) + 1, 30 * GYRE_SECOND,
    INT64_C(1) << 38, INT64_C(1) << 44, INT64_C(1) << 50, INT64_C(1) << 56,
    INT64_C(1) << 62, GYRE_FOREVER - 1,
};

#define EACH(i, array) \
    size_t i = 0; i < sizeof (array) / sizeof *(array); i++

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
    for (EACH(i, spans)) {
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
    for (EACH(i, spans)) {
        memset(&q, 0, sizeof q);
        start(&a, spans[i]);
        cr_expect_str_eq(pass(GYRE_FOREVER), "a", "%zu", i);
    }
}

Test(timers, fire_in_the_order_they_are_due)
{
    for (EACH(i, spans)) {
        for (EACH(j, spans)) {
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
    for (EACH(i, spans)) {
        memset(&q, 0, sizeof q);
        start(&b, spans[i]);
        start(&c, spans[i]);
        start(&a, spans[i]);
        cr_expect_str_eq(pass(spans[i]), "bca", "%zu", i);
    }
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
    for (EACH(i, spans)) {
        for (EACH(j, spans)) {
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
    for (EACH(i, spans)) {
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
    for (EACH(i, spans)) {
        memset(&q, 0, sizeof q);
        start(&a, spans[i]);
        gyre_timers_stop(&q, &a.timer);
        memset(&a.timer, 0x55, sizeof a.timer);     /* it is ours again */
        cr_expect_eq(gyre_timers_next(&q), GYRE_FOREVER);
        cr_expect_str_eq(pass(GYRE_FOREVER), "");
        set_up();
    }
}

Test(timers, forever_is_started_but_never_fires)
{
    struct probe crowd[MANY];

    for (EACH(i, crowd)) {
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
    for (EACH(i, crowd))
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
    b.timer.background = true;          /* read when started, not when stopped */
    gyre_timers_stop(&q, &b.timer);
    cr_expect_eq(gyre_timers_awaited(&q), 0);
    a.timer.background = false;
    cr_expect_str_eq(pass(7), "a");
    cr_expect_eq(gyre_timers_awaited(&q), 0);
}

/* ---- next ---------------------------------------------------------------- */

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

    for (EACH(i, spans)) {
        memset(&q, 0, sizeof q);
        for (EACH(j, crowd)) {
            crowd[j] = a;
            start(&crowd[j], spans[i]);
        }
        approach(spans[i]);
        cr_expect_eq(strlen(pass(spans[i])), MANY);
    }
}

Test(timers, next_is_exact_for_sixteen)
{
    struct probe few[16];

    for (EACH(i, spans)) {
        memset(&q, 0, sizeof q);
        for (EACH(j, few)) {
            few[j] = a;
            start(&few[j], gyre_time_after(spans[i], (gyre_time)(j + 7) % 16));
        }
        cr_expect_eq(gyre_timers_next(&q), spans[i]);
    }
}

/* ---- what a fire may do --------------------------------------------------- */

static void restart(struct probe *p)
{
    cr_expect_not(gyre_timer_started(&p->timer), "idle when fired");
    start(p, p->at);
}

Test(timers, what_a_fire_starts_waits_for_the_next_pass)
{
    static const gyre_time ats[] = {-1, GYRE_NOW, 9, 10};

    for (EACH(i, ats)) {
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

Test(timers, one_restarted_in_the_past_starves_nobody)
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

Test(timers, a_fire_may_stop_another_of_its_pass)
{
    for (EACH(i, spans)) {
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

Test(timers, one_moved_by_a_fire_waits_for_the_next_pass)
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

Test(timers, a_fire_may_free_itself_and_another)
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

/* ---- repeating ------------------------------------------------------------ */

Test(timers, a_repeating_timer_keeps_its_rhythm)
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

Test(timers, missed_beats_are_skipped)
{
    a.timer.every = 10;
    start(&a, 3);
    cr_expect_str_eq(pass(13), "a");        /* due at 13 too, but not twice */
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

Test(timers, a_repeating_timer_may_be_stopped_by_its_fire)
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

Test(timers, a_repeating_timer_may_be_freed_by_its_fire)
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

/* ---- walking -------------------------------------------------------------- */

struct counter {
    struct gyre_timer_visitor visitor;
    int                       seen[256];    /* by name */
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
    for (EACH(i, crowd)) {
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
    for (EACH(i, spans)) {
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
