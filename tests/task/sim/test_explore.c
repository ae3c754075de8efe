/*
 * test_explore.c - the claims of explore.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "loop/allocator.h"
#include "loop/job.h"
#include "loop/loop.h"
#include "loop/timer.h"
#include "task/scope.h"
#include "task/sim/explore.h"
#include "task/task.h"
#include "tests/support/faults.h"
#include "tests/task/world.h"

/* What is claimed here is of all seeds, whatever the environment says. */
static void leave_seed(void)
{
    unsetenv("GYRE_SEED");
}

TestSuite(explore, .init = leave_seed);

/* Two deposits into one account.  The first task reads the balance, gives way,
   and writes; that nobody writes meanwhile is so only if it goes first again.
 */
static int balance, runs;

static intptr_t deposit_in_two_steps(void *arg)
{
    int seen = balance;

    (void)arg;
    if (gyre_yield() == 0)
        balance = seen + 1;
    return 0;
}

static intptr_t deposit_later(void *arg)
{
    (void)arg;
    if (gyre_yield() == 0)
        balance++;
    return 0;
}

static intptr_t deposit_both(void *arg)
{
    struct gyre_scope s;

    (void)arg;
    runs++;
    balance = 0;
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, deposit_in_two_steps, NULL);
    gyre_spawn(&s, NULL, deposit_later, NULL);
    (void)gyre_scope_close(&s, 0);
    return balance == 2 ? 0 : -EILSEQ;
}

Test(explore, finds_a_lost_update_that_needs_another_order)
{
    struct gyre_exploration e = {0};

    cr_expect_eq(simulate(deposit_both, NULL), 0, "in order it works");
    cr_expect_eq(gyre_explore(&e, deposit_both, NULL), -EILSEQ);
    cr_expect_lt(e.seed, 20);
    cr_expect_eq(e.tried, e.seed);
}

Test(explore, replays_a_failure_from_its_seed)
{
    struct gyre_exploration found = {0}, again = {0};
    char seed[24];

    cr_expect_eq(gyre_explore(&found, deposit_both, NULL), -EILSEQ);
    again.first = found.seed;
    again.runs = 1;
    for (int i = 0; i < 3; i++)
        cr_expect_eq(gyre_explore(&again, deposit_both, NULL), -EILSEQ);

    /* Or by the environment, whatever was asked for. */
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)found.seed);
    setenv("GYRE_SEED", seed, 1);
    again = (struct gyre_exploration){.runs = 1000};
    runs = 0;
    cr_expect_eq(gyre_explore(&again, deposit_both, NULL), -EILSEQ);
    cr_expect_eq(again.seed, found.seed);
    cr_expect_eq(runs, 1);
}

Test(explore, takes_nothing_for_a_seed_that_is_none)
{
    static const char *const none[] = {"", "-1", "two", "2nd", " 2"};

    runs = 0;
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        struct gyre_exploration e = {0};

        setenv("GYRE_SEED", none[i], 1);
        cr_expect_eq(gyre_explore(&e, deposit_both, NULL), -EINVAL);
    }
    cr_expect_eq(runs, 0);
}

Test(explore, leaves_what_it_was_asked_for_as_it_was)
{
    struct gyre_exploration e = {.first = 5, .runs = 3}, usual = {0};

    cr_expect_eq(gyre_explore(&usual, deposit_later, NULL), 0);
    cr_expect(usual.first == 0 && usual.runs == 0);
    setenv("GYRE_SEED", "2", 1);
    cr_expect_eq(gyre_explore(&e, deposit_later, NULL), 0);
    cr_expect_eq(e.tried, 1);
    cr_expect(e.first == 5 && e.runs == 3);
}

static intptr_t play_four(void *arg)
{
    struct gyre_scope s;

    (void)arg;
    runs++;
    gyre_scope_open(&s, GYRE_FOREVER);
    for (int i = 0; i < 4; i++)
        gyre_spawn(&s, NULL, nap, NULL);
    return gyre_scope_close(&s, 0);
}

Test(explore, tries_the_seeds_it_was_asked_for_and_counts_orders)
{
    struct gyre_exploration few = {.first = 7, .runs = 3}, many = {.runs = 400};
    struct gyre_exploration usual = {0};

    runs = 0;
    cr_expect_eq(gyre_explore(&few, play_four, NULL), 0);
    cr_expect_eq(runs, 3);
    cr_expect_eq(few.tried, 3);
    cr_expect_eq(few.seed, 9);
    cr_expect_eq(gyre_explore(&usual, play_four, NULL), 0);
    cr_expect_eq(usual.tried, 100);
    cr_expect_eq(gyre_explore(&many, play_four, NULL), 0);
    cr_expect_gt(many.schedules, 24);
    cr_expect_gt(many.schedules, usual.schedules);
}

/* ---- what is left behind ---- */

static struct gyre_timer timer;
static struct gyre_job job;
static int descriptor;

static void never(struct gyre_timer *t)
{
    (void)t;
}

static void nor_this(struct gyre_job *j)
{
    (void)j;
}

static void leave_timer(struct gyre_loop *l)
{
    timer = (struct gyre_timer){.fire = never};
    gyre_timer_start(l, &timer, GYRE_FOREVER);
}

static void leave_job(struct gyre_loop *l)
{
    job = (struct gyre_job){.run = nor_this};
    gyre_job_start(l, &job);
}

static void leave_hold(struct gyre_loop *l)
{
    gyre_loop_hold(l);
}

/* What was left, for us to free: the world it was of has gone. */
static void *memory;

static void leave_memory(struct gyre_loop *l)
{
    memory = gyre_resize(gyre_loop_allocator(l), NULL, 0, 16);
}

static void leave_descriptor(struct gyre_loop *l)
{
    (void)l;
    descriptor = open("/dev/null", O_RDONLY);
}

static intptr_t leave(void *what)
{
    (*(void (**)(struct gyre_loop *))what)(gyre_loop_current());
    return 7;
}

Test(explore, fails_when_something_is_left_behind)
{
    static void (*const ways[])(struct gyre_loop *) = {
        leave_timer, leave_job, leave_hold, leave_memory, leave_descriptor};

    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        struct gyre_exploration e = {0};
        void (*way)(struct gyre_loop *) = ways[i];

        cr_expect_eq(gyre_explore(&e, leave, &way), -ENOTEMPTY, "way %zu", i);
        cr_expect_eq(e.seed, 1);
    }
    close(descriptor);
    free(memory);
}

static intptr_t close_it(void *fd)
{
    return close(*(int *)fd);
}

Test(explore, fails_when_a_descriptor_of_others_is_closed)
{
    struct gyre_exploration e = {.runs = 1};
    int fd = open("/dev/null", O_RDONLY);

    cr_expect_eq(gyre_explore(&e, close_it, &fd), -ENOTEMPTY);
}

static intptr_t wait_for_ever(void *arg)
{
    (void)arg;
    return gyre_sleep(GYRE_FOREVER);
}

Test(explore, fails_when_the_run_deadlocks)
{
    struct gyre_exploration e = {0};

    cr_expect_eq(gyre_explore(&e, wait_for_ever, NULL), -EDEADLK);
}

static intptr_t return_number(void *arg)
{
    (void)arg;
    return 12;
}

Test(explore, takes_a_number_for_success)
{
    struct gyre_exploration e = {.runs = 2};

    cr_expect_eq(gyre_explore(&e, return_number, NULL), 0);
}

static int scenario(void)
{
    struct gyre_exploration e = {.runs = 1};

    return gyre_explore(&e, play_four, NULL);
}

Test(explore, survives_the_nth_allocation_failing)
{
    cr_expect_gt(faults_in_memory(scenario), 3);
}
