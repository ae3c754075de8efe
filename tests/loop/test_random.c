/*
 * test_random.c - the claims of random.h.
 */
#include <criterion/criterion.h>

#include <string.h>

#include "loop/list.h"
#include "loop/loop.h"
#include "loop/random.h"
#include "tests/loop/stage.h"

/* A stage whose loop has a seed. */
static void open_seeded(uint64_t seed)
{
    struct gyre_loop_options options = {.seed = seed};

    open_simulated();
    gyre_loop_free(loop);
    cr_assert_eq(gyre_sim_new(&sim), 0);
    options.poller = gyre_sim_poller(sim);
    cr_assert_eq(gyre_loop_new_with(&loop, &options), 0);
}

Test(random, numbers_are_the_same_everywhere)
{
    static const struct {
        uint64_t seed, numbers[2];
    } cases[] = {
        {0, {0xe220a8397b1dcdaf, 0x6e789e6aa1b965f4}},
        {1234567, {6457827717110365317u, 3203168211198807973u}},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        open_seeded(cases[i].seed);
        cr_expect_eq(gyre_loop_seed(loop), cases[i].seed);
        cr_expect_eq(gyre_loop_random(loop), cases[i].numbers[0]);
        cr_expect_eq(gyre_loop_random(loop), cases[i].numbers[1]);
        close_stage();
    }
}

/* The order in which a seed has four jobs run, each once. */
static const char *order(uint64_t seed)
{
    const char *said_now;

    open_seeded(seed);
    start_job(&a);
    start_job(&b);
    start_job(&c);
    start_job(&d);
    said_now = run();
    cr_assert_eq(strlen(said_now), 4);
    cr_assert_eq(strspn(said_now, "abcd"), 4);
    close_stage();
    return said_now;
}

static int index_of(const char *order_of_four)
{
    int n = 0;

    for (int i = 0; i < 4; i++)
        n = 4 * n + order_of_four[i] - 'a';
    return n;
}

Test(random, every_order_comes_about_as_often)
{
    int times[256] = {0}, orders = 0;

    for (uint64_t seed = 1; seed <= 1200; seed++)
        times[index_of(order(seed))]++;
    for (int i = 0; i < 256; i++) {
        orders += times[i] > 0;
        cr_expect(times[i] == 0 || (times[i] > 25 && times[i] < 80), "%d times",
                  times[i]);
    }
    cr_expect_eq(orders, 24);
}

Test(random, a_seed_stands_for_one_order)
{
    char first[8];

    for (uint64_t seed = 1; seed < 20; seed++) {
        strcpy(first, order(seed));
        cr_expect_str_eq(order(seed), first);
    }
}

static void start_four_and_take(struct actor *x)
{
    struct gyre_job *j;

    (void)x;
    start_job(&a);
    start_job(&b);
    start_job(&c);
    start_job(&d);
    while ((j = gyre_loop_take(loop)) != NULL)
        j->run(j);
}

Test(random, a_seed_decides_in_what_order_jobs_are_taken)
{
    int in_order = 0;

    for (uint64_t seed = 1; seed <= 100; seed++) {
        struct actor taker = new_actor('t');

        open_seeded(seed);
        taker.act = start_four_and_take;
        start_job(&taker);
        in_order += strcmp(run(), "tabcd") == 0;
        close_stage();
    }
    cr_expect_lt(in_order, 20);
}

static void start_other(struct actor *x)
{
    start_job(x->other);
}

Test(random, what_a_job_starts_waits_for_the_next_pass_under_every_seed)
{
    for (uint64_t seed = 1; seed < 50; seed++) {
        open_seeded(seed);
        a.act = start_other;
        a.other = &d;
        start_job(&a);
        start_job(&b);
        start_job(&c);
        cr_expect_eq(run()[3], 'd');
        close_stage();
    }
}

/* A job among many. */
struct extra {
    struct gyre_job job;
    int run;
};

static void count(struct gyre_job *j)
{
    GYRE_OWNER(j, struct extra, job)->run++;
}

Test(random, many_jobs_run_once_each)
{
    static struct extra many[1000];

    open_seeded(5);
    for (int i = 0; i < 1000; i++) {
        many[i].job.run = count;
        gyre_job_start(loop, &many[i].job);
    }
    gyre_job_stop(loop, &many[500].job);
    cr_expect_eq(gyre_loop_run(loop), 0);
    for (int i = 0; i < 1000; i++)
        cr_expect_eq(many[i].run, i != 500);
    close_stage();
}

/* ---- steps ---- */

/* One of many, on its way for some passes: in each it asks for the next, for
   another job to run next, or for a timer, by what the loop draws. */
struct walker {
    struct gyre_job job, next;
    struct gyre_timer timer;
    int name, left;
};

static uint64_t trail;

static void leave_mark(int what)
{
    trail = (trail ^ (uint64_t)what) * UINT64_C(0x100000001b3);
}

static void walk(struct gyre_job *j)
{
    struct walker *w = GYRE_OWNER(j, struct walker, job);

    leave_mark(w->name);
    leave_mark((int)gyre_loop_stats(loop).polls);
    if (w->left-- == 0)
        return;
    switch (gyre_loop_random(loop) % 4) {
    case 0: gyre_job_start_next(loop, &w->next); break;
    case 1: gyre_timer_start(loop, &w->timer, gyre_loop_in(loop, 1)); break;
    default: gyre_job_start(loop, j);
    }
}

static void walk_next(struct gyre_job *j)
{
    struct walker *w = GYRE_OWNER(j, struct walker, next);

    leave_mark(-w->name);
    gyre_job_start(loop, &w->job);
}

static void walk_later(struct gyre_timer *t)
{
    struct walker *w = GYRE_OWNER(t, struct walker, timer);

    leave_mark(1000 + w->name);
    gyre_job_start(loop, &w->job);
    gyre_job_start_next(loop, &w->next);
}

/* Where `n` walkers came by, and after how many polls. */
static uint64_t trail_of(uint64_t seed, int n, bool in_steps)
{
    static struct walker walkers[150];

    open_seeded(seed);
    trail = 0;
    for (int i = 0; i < n; i++) {
        walkers[i] = (struct walker){.job.run = walk,
                                     .next.run = walk_next,
                                     .timer.fire = walk_later,
                                     .name = i + 1,
                                     .left = 5};
        gyre_job_start(loop, &walkers[i].job);
    }
    if (!in_steps)
        cr_expect_eq(gyre_loop_run(loop), 0);
    while (in_steps && gyre_loop_alive(loop))
        cr_assert_eq(gyre_loop_step(loop, GYRE_FOREVER), 0);
    close_stage();
    return trail;
}

Test(random, steps_go_where_a_run_does_under_every_seed)
{
    static const int many[] = {1, 4, 61, 62, 150};

    for (uint64_t seed = 0; seed < 20; seed++)
        for (size_t i = 0; i < sizeof many / sizeof *many; i++)
            cr_expect_eq(trail_of(seed, many[i], true),
                         trail_of(seed, many[i], false), "seed %d, %d walkers",
                         (int)seed, many[i]);
}

/* A few steps, and the rest in a run: which is finished as it was begun. */
Test(random, a_run_after_steps_ends_the_pass_they_are_in)
{
    for (uint64_t seed = 1; seed < 50; seed++) {
        open_seeded(seed);
        a.act = b.act = c.act = start_other;
        a.other = b.other = c.other = &d;
        start_job(&a);
        start_job(&b);
        start_job(&c);
        cr_assert_eq(gyre_loop_step(loop, GYRE_FOREVER), 0);
        cr_expect_eq(run()[3], 'd');
        close_stage();
    }
}
