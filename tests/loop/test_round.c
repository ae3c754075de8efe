/*
 * test_round.c - the claims of loop.h: what a round runs, and how one ends it.
 */
#include <criterion/criterion.h>

#include "tests/loop/stage.h"

TestSuite(round, .init = open_simulated, .fini = close_stage);

/* The virtual descriptor, made ready for both, that a test may watch. */
static int open_ready(void)
{
    int fd = gyre_sim_open(sim);

    cr_assert_geq(fd, 0);
    gyre_sim_ready(sim, fd, GYRE_READ | GYRE_WRITE);
    return fd;
}

static void stop_watch(struct actor *x)
{
    gyre_watch_stop(loop, &x->watch);
}

static void stop_loop(struct actor *x)
{
    (void)x;
    gyre_loop_stop(loop);
}

Test(round, a_round_runs_jobs_then_posts_then_watches_then_timers)
{
    int fd = open_ready();

    for (int i = 0; i < 2; i++) {
        d.act = stop_watch;
        start_timer(&a, GYRE_NOW);
        start_watch(&d, fd, GYRE_READ);
        start_post(&c);
        start_job(&b);
        cr_expect_str_eq(turn(), "bcda");
    }
}

static void start_all(struct actor *x)
{
    x->act = NULL;
    start_job(&b);
    start_post(&c);
    start_timer(&d, GYRE_NOW);
}

static void start_all_once(struct actor *x)
{
    stop_watch(x);
    start_all(x);
}

/*
 * What a callback starts is not run within its own kind's turn.  Under
 * simulation the time stands still, so that a timer at once is due at once.
 */
Test(round, what_is_started_in_a_round_waits_for_its_next_turn)
{
    a.act = start_all;
    start_job(&a);
    cr_expect_str_eq(turn(), "abcd");

    a.act = start_all;
    start_post(&a);
    cr_expect_str_eq(turn(), "ad");
    cr_expect_str_eq(turn(), "bc");

    a.act = start_all_once;
    start_watch(&a, open_ready(), GYRE_READ);
    cr_expect_str_eq(turn(), "ad");
    cr_expect_str_eq(turn(), "bc");

    a.act = start_all;
    start_timer(&a, GYRE_NOW);
    cr_expect_str_eq(turn(), "a");
    cr_expect_str_eq(turn(), "bcd");
}

static void job_for_ever(struct actor *x)
{
    start_job(x);
}

static void post_for_ever(struct actor *x)
{
    start_post(x);
}

static void timer_for_ever(struct actor *x)
{
    start_timer(x, GYRE_NOW);
}

/* Each kind of callback starts itself for ever, all at once; all are called. */
Test(round, no_kind_of_callback_starves_another)
{
    a.act = job_for_ever;
    b.act = post_for_ever;
    d.act = timer_for_ever;
    start_job(&a);
    start_post(&b);
    start_watch(&c, open_ready(), GYRE_READ);
    start_timer(&d, GYRE_NOW);
    for (int i = 0; i < 10; i++) {
        const char *words = turn();

        cr_expect_eq(words[0], 'a');
        while (*words == 'a')
            words++;
        cr_expect_str_eq(words, "bcd");
    }
    b.act = NULL;
}

Test(round, a_stop_ends_the_run_with_the_round)
{
    int fd = open_ready();

    a.act = stop_loop;
    start_job(&a);
    start_job(&b);
    start_watch(&c, fd, GYRE_READ);
    start_timer(&d, GYRE_NOW);
    cr_expect_str_eq(run(), "abcd");
    cr_expect(gyre_loop_alive(loop));

    c.act = stop_loop;
    cr_expect_str_eq(run(), "c", "it may be run again");
}

Test(round, a_stopped_loop_does_not_wait)
{
    gyre_time before = gyre_loop_now(loop);

    a.act = stop_loop;
    start_job(&a);
    start_timer(&b, before + GYRE_SECOND);
    cr_expect_str_eq(run(), "a");
    cr_expect_eq(gyre_loop_now(loop), before);
}

Test(round, a_stop_before_a_run_has_no_effect)
{
    gyre_loop_stop(loop);
    cr_expect_eq(gyre_loop_deadline(loop), GYRE_FOREVER);
    start_timer(&a, gyre_loop_in(loop, GYRE_SECOND));
    cr_expect_str_eq(run(), "a");
}

Test(round, whether_a_run_was_stopped_can_be_asked)
{
    a.act = stop_loop;
    start_job(&a);
    cr_expect_str_eq(run(), "a");
    cr_expect(gyre_loop_stopped(loop));
    start_job(&b);
    cr_expect_str_eq(run(), "b");
    cr_expect(!gyre_loop_stopped(loop));
}

/* ---- steps ---- */

/* What one step says; it ends well. */
static const char *step(void)
{
    cr_assert_eq(gyre_loop_step(loop, GYRE_FOREVER), 0);
    return heard();
}

static int jobs_seen;

static void see_job(struct gyre_loop_visitor *v, struct gyre_job *j)
{
    (void)v;
    (void)j;
    jobs_seen++;
}

static void take_more(struct actor *x)
{
    (void)x;
    cr_expect_eq(gyre_loop_take(loop), NULL);
}

Test(round, a_step_runs_one_job_and_what_it_starts_waits)
{
    a.act = start_all;
    c.act = d.act = take_more;
    start_job(&a);
    start_job(&d);
    cr_expect_str_eq(step(), "a");
    cr_expect_str_eq(step(), "d");
    cr_expect_str_eq(step(), "b");
    cr_expect_str_eq(step(), "cd", "posts and timers, of one poll");
    start_timer(&b, gyre_loop_in(loop, GYRE_SECOND));
    cr_expect_str_eq(step(), "b", "it waits as long as it takes");
    cr_expect_str_eq(step(), "");
    cr_expect(!gyre_loop_alive(loop));
}

static void start_other_next(struct actor *x)
{
    gyre_job_start_next(loop, &x->other->job);
}

Test(round, a_step_runs_one_of_those_that_are_to_run_next)
{
    a.act = b.act = start_other_next;
    a.other = b.other = &c;
    c.act = take_more;
    start_job(&a);
    start_job(&d);
    cr_expect_str_eq(step(), "a");
    cr_expect_str_eq(step(), "c");
    cr_expect_str_eq(step(), "d");
    start_timer(&b, GYRE_NOW);
    cr_expect_str_eq(step(), "b");
    cr_expect_str_eq(step(), "c", "started by no job, and alone");
    cr_expect(!gyre_loop_alive(loop));

    gyre_job_start_next(loop, &c.job);
    gyre_job_start_next(loop, &d.job);
    cr_expect_str_eq(step(), "c");
    cr_expect_str_eq(step(), "d");
}

static void start_other_next_and_take(struct actor *x)
{
    start_other_next(x);
    take_more(x);
}

Test(round, what_the_job_of_a_step_starts_next_is_another_step)
{
    a.act = start_other_next_and_take;
    a.other = &c;
    start_job(&a);
    start_job(&b);
    cr_expect_str_eq(step(), "a");
    cr_expect_str_eq(step(), "c");
    cr_expect_str_eq(step(), "b");
}

static void look_around(struct actor *x)
{
    struct gyre_loop_visitor v = {.job = see_job};

    (void)x;
    jobs_seen = 0;
    gyre_loop_walk(loop, &v);
    cr_expect(gyre_loop_alive(loop));
    cr_expect_eq(gyre_loop_deadline(loop), GYRE_NOW);
}

Test(round, what_a_step_leaves_of_its_pass_is_still_started)
{
    a.act = look_around;
    start_job(&a);
    start_job(&b);
    start_job(&c);
    cr_expect_str_eq(step(), "a");
    cr_expect_eq(jobs_seen, 2);
    gyre_job_stop(loop, &b.job);
    cr_expect_str_eq(step(), "c");
    cr_expect_str_eq(step(), "");
    cr_expect(!gyre_loop_alive(loop));
}

static void start_again(struct actor *x)
{
    start_job(x);
}

Test(round, a_step_polls_after_61_that_did_not)
{
    int fd = open_ready();

    a.act = start_again;
    b.act = stop_watch;
    start_job(&a);
    start_watch(&b, fd, GYRE_READ);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 61; i++)
            cr_assert_str_eq(step(), "a");
        cr_expect_str_eq(step(), round == 0 ? "b" : "");
    }
    gyre_job_stop(loop, &a.job);
}

Test(round, a_step_polls_after_61_from_whatever_poll)
{
    a.act = start_again;
    start_job(&a);
    for (int i = 0; i < 60; i++)
        cr_assert_str_eq(step(), "a");
    turn();
    for (int i = 0; i < 61; i++)
        cr_assert_str_eq(step(), "a");
    cr_expect_str_eq(step(), "");
    gyre_job_stop(loop, &a.job);
}

Test(round, a_step_can_be_told_not_to_wait_and_to_stop)
{
    start_timer(&a, gyre_loop_in(loop, GYRE_SECOND));
    cr_expect_eq(gyre_loop_step(loop, GYRE_NOW), 0);
    cr_expect_str_eq(heard(), "");
    b.act = stop_loop;
    start_job(&b);
    cr_expect_str_eq(step(), "b");
    cr_expect(gyre_loop_stopped(loop));
    cr_expect_str_eq(step(), "a");
    cr_expect(!gyre_loop_stopped(loop));
    cr_expect_eq(gyre_loop_step(loop, GYRE_FOREVER), 0, "nothing to wait for");
}
