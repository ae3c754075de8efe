/*
 * test_job.c - the claims of job.h.
 */
#include <criterion/criterion.h>

#include <stdlib.h>

#include "tests/loop/stage.h"

enum { JOBS_PER_ROUND = 61 };

TestSuite(job, .init = open_simulated, .fini = close_stage);

static void start_other(struct actor *x)
{
    start_job(x->other);
}

static void stop_other(struct actor *x)
{
    gyre_job_stop(loop, &x->other->job);
}

static void again_while_left(struct actor *x)
{
    if (--x->left > 0)
        start_job(x);
}

static void again_for_ever(struct actor *x)
{
    start_job(x);
}

Test(job, jobs_run_in_the_order_they_were_started)
{
    start_job(&b);
    start_job(&a);
    start_job(&c);
    cr_expect_str_eq(run(), "bac");
    cr_expect_str_eq(run(), "", "each runs once");
}

Test(job, a_started_job_stays_where_it_is)
{
    start_job(&a);
    start_job(&b);
    start_job(&a);
    cr_expect_str_eq(run(), "ab");
}

static void expect_idle(struct actor *x)
{
    cr_expect(!gyre_job_started(&x->job));
}

Test(job, a_job_is_idle_until_started_and_again_when_it_runs)
{
    expect_idle(&a);
    a.act = expect_idle;
    start_job(&a);
    cr_expect(gyre_job_started(&a.job));
    cr_expect_str_eq(run(), "a");
}

Test(job, a_job_started_meanwhile_waits_for_the_next_pass)
{
    a.act = again_while_left;
    a.left = 3;
    start_job(&a);
    start_job(&b);
    start_job(&c);
    cr_expect_str_eq(run(), "abcaa");

    a.act = start_other;
    a.other = &d;
    start_job(&a);
    start_job(&b);
    cr_expect_str_eq(run(), "abd");
}

static void start_other_next(struct actor *x)
{
    gyre_job_start_next(loop, &x->other->job);
}

Test(job, a_job_started_to_run_next_goes_before_the_rest_of_the_pass)
{
    a.act = start_other_next;
    a.other = &d;
    start_job(&a);
    start_job(&b);
    start_job(&c);
    cr_expect_str_eq(run(), "adbc");

    a.other = &c;
    start_job(&a);
    start_job(&b);
    start_job(&c);
    cr_expect_str_eq(run(), "abc", "a started job stays where it is");
}

static void start_two_next(struct actor *x)
{
    start_other_next(x);
    gyre_job_start_next(loop, &b.job);
}

Test(job, what_is_started_last_to_run_next_is_first)
{
    a.act = start_two_next;
    a.other = &d;
    start_job(&a);
    start_job(&c);
    cr_expect_str_eq(run(), "abdc");
}

Test(job, outside_of_jobs_next_is_first_of_all)
{
    start_job(&a);
    gyre_job_start_next(loop, &b.job);
    cr_expect(gyre_loop_alive(loop));
    cr_expect_eq(gyre_loop_deadline(loop), GYRE_NOW);
    cr_expect_str_eq(run(), "ba");

    a.act = start_other_next;
    a.other = &c;
    start_timer(&a, GYRE_NOW);
    start_timer(&b, GYRE_NOW);
    cr_expect_str_eq(run(), "abc");

    gyre_job_start_next(loop, &d.job);
    gyre_job_stop(loop, &d.job);
    cr_expect_str_eq(run(), "");
}

/* Those of one poll have nothing to do with each other. */
Test(job, outside_of_jobs_what_is_started_first_to_run_next_is_first)
{
    a.act = b.act = start_other_next;
    a.other = &c;
    b.other = &d;
    start_timer(&a, GYRE_NOW);
    start_timer(&b, GYRE_NOW);
    cr_expect_str_eq(run(), "abcd");
}

Test(job, a_stopped_job_does_not_run)
{
    start_job(&a);
    start_job(&b);
    start_job(&c);
    gyre_job_stop(loop, &b.job);
    gyre_job_stop(loop, &b.job);
    cr_expect(!gyre_job_started(&b.job));
    cr_expect_str_eq(run(), "ac");
}

Test(job, a_job_of_the_pass_under_way_can_be_stopped)
{
    struct actor *victims[] = {&a, &b, &c, &d};
    const char *expected[] = {"abcd", "acd", "abd", "abc"};

    for (int i = 0; i < 4; i++) {
        a.act = stop_other;
        a.other = victims[i];
        for (int k = 0; k < 4; k++)
            start_job(victims[k]);
        cr_expect_str_eq(run(), expected[i]);
    }
}

static void move_other_back(struct actor *x)
{
    stop_other(x);
    start_other(x);
}

Test(job, stopped_and_started_anew_it_goes_to_the_end)
{
    start_job(&a);
    start_job(&b);
    start_job(&c);
    gyre_job_stop(loop, &a.job);
    start_job(&a);
    cr_expect_str_eq(run(), "bca");

    a.act = move_other_back;
    a.other = &b;
    start_job(&a);
    start_job(&b);
    start_job(&c);
    cr_expect_str_eq(run(), "acb");
}

static void free_self(struct actor *x)
{
    free(x);
}

static void stop_and_free_other(struct actor *x)
{
    stop_other(x);
    free(x->other);
}

Test(job, a_job_may_free_itself_and_what_it_stopped)
{
    struct actor *x = malloc(sizeof *x);

    *x = new_actor('x');
    x->act = free_self;
    start_job(x);
    cr_expect_str_eq(run(), "x");

    x = malloc(sizeof *x);
    *x = new_actor('x');
    a.act = stop_and_free_other;
    a.other = x;
    start_job(&a);
    start_job(x);
    start_job(&b);
    cr_expect_str_eq(run(), "ab");
}

/* Passes of `n` jobs are begun until 61 have run; what is begun is ended. */
Test(job, a_round_runs_whole_passes_until_61_jobs_have_run)
{
    static struct actor crowd[2 * JOBS_PER_ROUND];
    unsigned sizes[] = {1, 2, 10, 60, 61, 62, 122};

    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        unsigned n = sizes[k];
        uint64_t before = gyre_loop_stats(loop).jobs;
        unsigned passes = (JOBS_PER_ROUND + n - 1) / n;

        for (unsigned i = 0; i < n; i++) {
            crowd[i] = new_actor('.');
            crowd[i].act = again_for_ever;
            start_job(&crowd[i]);
        }
        turn();
        cr_expect_eq(gyre_loop_stats(loop).jobs - before, passes * n);
        for (unsigned i = 0; i < n; i++)
            gyre_job_stop(loop, &crowd[i].job);
    }
}

static void be_slow(struct actor *x)
{
    while (gyre_loop_in(loop, 0) - gyre_loop_now(loop) < 50 * GYRE_MICROSECOND)
        continue;
    start_job(x);
}

/* How many jobs a round of a loop on the system runs, of one that starts itself
   for ever. */
static uint64_t jobs_of_a_round(void (*act)(struct actor *x))
{
    uint64_t jobs;

    close_stage();
    open_real();
    a.act = act;
    turn();
    start_job(&a);
    turn();
    jobs = gyre_loop_stats(loop).jobs;
    gyre_job_stop(loop, &a.job);
    return jobs;
}

/* A machine that is busy may find every round old, but not a thousand. */
Test(job, a_round_goes_on_only_while_it_is_young)
{
    int tries = 0;

    while (tries < 1000 && jobs_of_a_round(again_for_ever) == JOBS_PER_ROUND)
        tries++;
    cr_expect_lt(tries, 1000);
    cr_expect_eq(jobs_of_a_round(be_slow), JOBS_PER_ROUND);
}

/* ---- on a clock that stands still, and is not simulated ---- */

static int wait_for_nothing(struct gyre_poller *p, struct gyre_poll_event *ev,
                            int n, gyre_time until)
{
    (void)p, (void)ev, (void)n, (void)until;
    return 0;
}

static void do_nothing(struct gyre_poller *p)
{
    (void)p;
}

static gyre_time stand_still(struct gyre_poller *p)
{
    (void)p;
    return GYRE_SECOND;
}

static const struct gyre_poller_ops still_ops = {
    .name = "still",
    .wait = wait_for_nothing,
    .wake = do_nothing,
    .now = stand_still,
    .free = do_nothing,
};

static uint64_t jobs_of_a_round_that_stays_young(void (*act)(struct actor *x))
{
    static struct gyre_poller still = {.ops = &still_ops};
    struct gyre_loop_options options = {.poller = &still};
    uint64_t jobs;

    close_stage();
    cr_assert_eq(gyre_loop_new_with(&loop, &options), 0);
    a.act = act;
    start_job(&a);
    cr_expect_eq(gyre_loop_once(loop, GYRE_NOW), 0);
    jobs = gyre_loop_stats(loop).jobs;
    gyre_job_stop(loop, &a.job);
    return jobs;
}

Test(job, a_round_goes_on_64_times_at_most)
{
    cr_expect_eq(jobs_of_a_round_that_stays_young(again_for_ever),
                 65 * JOBS_PER_ROUND);
}

static void stop_loop(struct actor *x)
{
    (void)x;
    gyre_loop_stop(loop);
}

static void stop_loop_and_go_on(struct actor *x)
{
    stop_loop(x);
    start_job(x);
}

Test(job, no_round_of_a_stopped_loop_goes_on_however_young)
{
    cr_expect_eq(jobs_of_a_round_that_stays_young(stop_loop_and_go_on), 1);
}

Test(job, a_stopped_loop_ends_the_pass_and_begins_no_other)
{
    a.act = stop_loop;
    b.act = again_while_left;
    b.left = 2;
    start_job(&a);
    start_job(&b);
    start_job(&c);
    cr_expect_str_eq(run(), "abc");
    cr_expect_str_eq(run(), "b", "what was ready runs in the next run");
}

static void take_all(struct actor *x)
{
    struct gyre_job *j;

    (void)x;
    say('(');
    while ((j = gyre_loop_take(loop)) != NULL) {
        cr_expect(!gyre_job_started(j));
        j->run(j);
    }
    say(')');
}

Test(job, what_is_taken_is_what_the_loop_would_have_run)
{
    a.act = take_all;
    b.act = again_while_left;
    b.left = 3;
    start_job(&a);
    start_job(&b);
    start_job(&c);
    cr_expect_str_eq(run(), "a(bcbb)");
}

Test(job, taking_ends_when_the_budget_is_spent)
{
    a.act = take_all;
    b.act = again_for_ever;
    start_job(&a);
    start_job(&b);
    turn();
    cr_expect_eq(gyre_loop_stats(loop).jobs, JOBS_PER_ROUND);
    gyre_job_stop(loop, &b.job);
}

Test(job, nothing_is_taken_outside_of_a_job)
{
    a.act = take_all;
    b.act = start_other;
    b.other = &c;
    start_timer(&b, GYRE_NOW);
    start_timer(&a, GYRE_NOW);
    cr_expect_eq(gyre_loop_take(loop), NULL);
    cr_expect_str_eq(run(), "ba()c");
}
