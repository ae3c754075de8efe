/*
 * test_timer.c - the claims of timer.h.  What timers/timers.h claims is tested
 * there.
 */
#include <criterion/criterion.h>

#include <stdlib.h>

#include "tests/loop/stage.h"

TestSuite(timer, .init = open_simulated, .fini = close_stage);

static gyre_time fired_at;

static void note_time(struct actor *x)
{
    (void)x;
    fired_at = gyre_loop_now(loop);
}

Test(timer, it_fires_at_its_time)
{
    gyre_time spans[] = {1,
                         999,
                         GYRE_MILLISECOND - 1,
                         GYRE_MILLISECOND,
                         GYRE_SECOND + 1,
                         3600 * GYRE_SECOND};

    a.act = note_time;
    for (size_t i = 0; i < sizeof spans / sizeof *spans; i++) {
        gyre_time due = gyre_loop_in(loop, spans[i]);

        start_timer(&a, due);
        cr_expect_eq(gyre_timer_due(&a.timer), due);
        cr_expect_str_eq(run(), "a");
        cr_expect_eq(fired_at, due);
    }
}

/* On the system's clock, which only has to be late enough. */
Test(timer, on_the_system_it_is_never_early)
{
    close_stage();
    open_real();
    a.act = note_time;
    for (gyre_time span = 1; span < 3 * GYRE_MILLISECOND; span = span * 3 + 1) {
        gyre_time due = gyre_loop_in(loop, span);

        start_timer(&a, due);
        cr_expect_str_eq(run(), "a");
        cr_expect_geq(fired_at, due);
        cr_expect_geq(gyre_loop_in(loop, 0), due);
    }
}

Test(timer, timers_fire_by_time_and_then_by_order_of_starting)
{
    gyre_time now = gyre_loop_now(loop);

    start_timer(&d, now + 2);
    start_timer(&b, now + 1);
    start_timer(&c, now + 2);
    start_timer(&a, now + 1);
    cr_expect_str_eq(run(), "badc");

    start_timer(&a, now + 10);
    start_timer(&b, now + 10);
    start_timer(&a, now + 10);
    cr_expect_str_eq(run(), "ba", "one started again is moved");
}

static void stop_other(struct actor *x)
{
    gyre_timer_stop(loop, &x->other->timer);
}

static void free_self(struct actor *x)
{
    free(x);
}

Test(timer, a_stopped_timer_does_not_fire)
{
    gyre_time now = gyre_loop_now(loop);

    start_timer(&a, now + 1);
    gyre_timer_stop(loop, &a.timer);
    gyre_timer_stop(loop, &a.timer);
    cr_expect_str_eq(run(), "");

    a.act = stop_other;
    a.other = &b;
    start_timer(&a, now + 1);
    start_timer(&b, now + 1);
    start_timer(&c, now + 1);
    cr_expect_str_eq(run(), "ac", "not even one that is due already");
}

Test(timer, a_timer_may_free_itself)
{
    struct actor *x = malloc(sizeof *x);

    *x = new_actor('x');
    x->act = free_self;
    start_timer(x, gyre_loop_in(loop, 5));
    cr_expect_str_eq(run(), "x");
}

static void stop_at_three(struct actor *x)
{
    if (++x->left == 3)
        gyre_timer_stop(loop, &x->timer);
}

Test(timer, a_repeating_one_keeps_the_loop_alive_until_stopped)
{
    gyre_time start = gyre_loop_now(loop);

    a.timer.every = GYRE_SECOND;
    a.act = stop_at_three;
    start_timer(&a, start + GYRE_SECOND);
    cr_expect_str_eq(run(), "aaa");
    cr_expect_eq(gyre_loop_now(loop), start + 3 * GYRE_SECOND);
}

/* Guards against a round that waits for a timer and leaves it to the next. */
Test(timer, it_is_fired_by_the_round_that_waited_for_it)
{
    close_stage();
    open_real();
    for (gyre_time span = 0; span < 5 * GYRE_MILLISECOND;
         span += GYRE_MILLISECOND) {
        start_timer(&a, gyre_loop_in(loop, span));
        cr_expect_eq(gyre_loop_once(loop, GYRE_FOREVER), 0);
        cr_expect_str_eq(heard(), "a");
    }
}

static void be_slow(struct actor *x)
{
    (void)x;
    gyre_sim_advance(sim, 10 * GYRE_SECOND);
}

Test(timer, a_repeating_one_fires_once_a_round_however_slow_it_is)
{
    a.timer.every = GYRE_SECOND;
    a.act = be_slow;
    start_timer(&a, GYRE_NOW);
    for (int i = 0; i < 5; i++)
        cr_expect_str_eq(turn(), "a");
}
