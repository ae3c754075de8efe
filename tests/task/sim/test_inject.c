/*
 * test_inject.c - the claims of inject.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loop/allocator.h"
#include "loop/loop.h"
#include "task/scope.h"
#include "task/sim/inject.h"
#include "task/sync/event.h"
#include "task/task.h"
#include "task/waiters.h"
#include "tests/support/faults.h"
#include "tests/task/world.h"

static void leave_environment(void)
{
    unsetenv("GYRE_SEED");
    unsetenv("GYRE_POINT");
}

TestSuite(inject, .init = leave_environment);

/* What came of each call, over all runs: '.' it did what it is for, 'c' it was
   cancelled. */
static char outcomes[256];

static void write_down(int err)
{
    size_t n = strlen(outcomes);

    cr_expect_lt(n, sizeof outcomes - 1);
    outcomes[n] = err == 0 ? '.' : err == -ECANCELED ? 'c' : '?';
    outcomes[n + 1] = '\0';
}

static int next_run(void *arg)
{
    (void)arg;
    strcat(outcomes, " ");
    return 0;
}

static intptr_t yield_twice(void *arg)
{
    (void)arg;
    write_down(gyre_yield());
    write_down(gyre_yield());
    return 0;
}

Test(inject, cancels_at_each_point_and_once_at_none)
{
    struct gyre_injection i = {.check = next_run};

    outcomes[0] = '\0';
    cr_expect_eq(gyre_inject(&i, yield_twice, NULL), 0);
    cr_expect_eq(i.points, 2);
    cr_expect_str_eq(outcomes, "cc .c .. ");
}

static intptr_t compute_for_a_while(void *arg)
{
    int err = 0;

    (void)arg;
    for (int i = 0; err == 0 && i < 3; i++)
        err = gyre_yield_if_due();
    write_down(err);
    return err;
}

Test(inject, cancels_who_computes_and_looks_whether_he_is_due)
{
    struct gyre_injection i = {.check = next_run};

    outcomes[0] = '\0';
    cr_expect_eq(gyre_inject(&i, compute_for_a_while, NULL), 0);
    cr_expect_eq(i.points, 3);
    cr_expect_str_eq(outcomes, "c c c . ");
}

/* ---- the moments of one point ---- */

static struct gyre_waiters hatch; /* where tokens are handed out */
static int tokens;

static intptr_t take_token(void *arg)
{
    static const struct gyre_wait_kind kind = {.name = "for a token"};
    struct gyre_wait w = {.kind = &kind};
    int err = gyre_checkpoint(GYRE_FOREVER);

    (void)arg;
    if (err == 0)
        err = (int)gyre_waiters_park(&hatch, &w, GYRE_FOREVER);
    write_down(err);
    tokens += err == 0;
    return err;
}

/* Hands out one token, if there is somebody to take it; or keeps it. */
static intptr_t hand_out(void *arg)
{
    struct gyre_future taker;
    struct gyre_scope s;

    (void)arg;
    tokens = 0;
    gyre_scope_open_tolerant(&s, GYRE_FOREVER);
    gyre_spawn(&s, &taker, take_token, NULL);
    for (int i = 0; i < 2; i++)
        cr_expect_neq(gyre_yield(), 1);
    if (!gyre_waiters_wake(&hatch, 0))
        tokens++;
    return gyre_scope_close(&s, 0);
}

/* There is one, wherever it was cancelled, and nobody stands in line. */
static int one_token(void *arg)
{
    (void)arg;
    strcat(outcomes, " ");
    return tokens == 1 && gyre_waiters_count(&hatch) == 0 ? 0 : -EILSEQ;
}

Test(inject, comes_before_in_and_after_a_wait)
{
    struct gyre_injection i = {.check = one_token, .only_task = true};

    outcomes[0] = '\0';
    cr_expect_eq(gyre_inject(&i, hand_out, NULL), 0);

    /* In turn: the main task yields, and cancelled it takes the other along;
       that attempts to wait, is parked; the main task yields once more, waits
       for the other, which is woken, and is woken itself. */
    cr_expect_eq(i.points, 7);
    cr_expect_str_eq(outcomes, "c c c c . . . . ");
}

/* The same with all of the run cancelled, at the same points. */
Test(inject, cancels_the_whole_run_unless_told_otherwise)
{
    struct gyre_injection i = {.check = one_token};

    outcomes[0] = '\0';
    cr_expect_eq(gyre_inject(&i, hand_out, NULL), 0);
    cr_expect_eq(i.points, 7);
    cr_expect_str_eq(outcomes, "c c c c . . . . ");
}

/* ---- what it finds ---- */

/* When cancelled it leaves the block, to `arg`. */
static intptr_t forget_to_free(void *arg)
{
    struct gyre_allocator *a = gyre_loop_allocator(gyre_loop_current());
    void **left = arg, *block;
    int err = gyre_yield();

    block = gyre_resize(a, NULL, 0, 100);
    if (err == 0)
        err = gyre_yield();
    if (err == 0)
        err = gyre_yield();
    if (err == 0)
        gyre_resize(a, block, 100, 0);
    else
        *left = block;
    return 0;
}

Test(inject, finds_what_only_a_cancelled_task_leaves)
{
    struct gyre_injection i = {0};
    void *left = NULL;

    cr_expect_eq(simulate(forget_to_free, &left), 0, "else it is clean");
    cr_expect_eq(gyre_inject(&i, forget_to_free, &left), -ENOTEMPTY);
    cr_expect_eq(i.points, 1);
    free(left);
}

static intptr_t set_event(void *event)
{
    int err = gyre_yield();

    if (err == 0)
        gyre_event_set(event);
    return err;
}

static intptr_t wait_for_other(void *arg)
{
    struct gyre_event e = {0};
    struct gyre_future other;
    struct gyre_scope s;

    (void)arg;
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, &other, set_event, &e);
    return gyre_scope_close(&s, gyre_event_wait(&e, GYRE_FOREVER));
}

Test(inject, finds_who_waits_for_ever_for_the_one_that_was_cancelled)
{
    struct gyre_injection all = {0}, one = {.only_task = true};

    cr_expect_eq(gyre_inject(&all, wait_for_other, NULL), 0);
    cr_expect_eq(gyre_inject(&one, wait_for_other, NULL), -EDEADLK);
    cr_expect_eq(one.points, 3);
}

static int complain_third_time(void *times)
{
    return ++*(int *)times == 3 ? -EILSEQ : 0;
}

static intptr_t yield_often(void *arg)
{
    int err = 0;

    (void)arg;
    for (int i = 0; i < 9 && err == 0; i++)
        err = gyre_yield();
    return err;
}

Test(inject, asks_the_caller_after_each_run)
{
    struct gyre_injection i = {.check = complain_third_time};
    int times = 0;

    cr_expect_eq(gyre_inject(&i, yield_often, &times), -EILSEQ);
    cr_expect_eq(times, 3);
    cr_expect_eq(i.points, 3);
}

static intptr_t fail(void *arg)
{
    (void)arg;
    (void)!gyre_yield();
    return -EIO;
}

Test(inject, replays_one_point)
{
    struct gyre_injection i = {.check = complain_third_time};
    int times = 2;

    setenv("GYRE_POINT", "5", 1);
    cr_expect_eq(gyre_inject(&i, yield_often, &times), -EILSEQ);
    cr_expect_eq(i.points, 5);
    setenv("GYRE_POINT", "10", 1);
    cr_expect_eq(gyre_inject(&i, yield_often, &times), 0);
    cr_expect_eq(i.points, 0, "there is none");
}

Test(inject, takes_nothing_for_a_point_that_is_none)
{
    static const char *const none[] = {
        "", "0", "0x0", "-1", "five", "5th", "99999999999999999999"};

    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        struct gyre_injection injection = {.check = complain_third_time};
        int times = 2;

        setenv("GYRE_POINT", none[i], 1);
        cr_expect_eq(gyre_inject(&injection, yield_often, &times), -EINVAL);
        cr_expect_eq(times, 2, "\"%s\" is not run", none[i]);
    }
}

Test(inject, lets_nobody_fail_for_a_point_that_is_not_reached)
{
    struct gyre_injection i = {0};

    setenv("GYRE_POINT", "2", 1);
    cr_expect_eq(gyre_inject(&i, fail, NULL), -EIO);
    cr_expect_eq(i.points, 0);
}

static intptr_t yield_in_shield(void *arg)
{
    struct gyre_scope s;

    (void)arg;
    gyre_scope_open_shielded(&s, gyre_in(MS));
    write_down(gyre_yield());
    (void)gyre_scope_close(&s, 0);
    write_down(gyre_yield());
    return 0;
}

Test(inject, counts_points_in_a_shield_and_is_seen_after_it)
{
    struct gyre_injection i = {.check = next_run};

    outcomes[0] = '\0';
    cr_expect_eq(gyre_inject(&i, yield_in_shield, NULL), 0);
    cr_expect_eq(i.points, 2);
    cr_expect_str_eq(outcomes, ".c .c .. ");
}

Test(inject, lets_the_cancelled_fail_but_not_who_was_not)
{
    struct gyre_injection i = {0};

    cr_expect_eq(gyre_inject(&i, fail, NULL), -EIO);
    cr_expect_eq(i.points, 1);
}

/* ---- and without being cancelled ---- */

/* How often a task that never parks gave way in a hundred cancel points. */
static intptr_t count_turns(void *turns)
{
    struct gyre_event set = {0};

    gyre_event_set(&set);
    for (int i = 0; i < 100; i++) {
        uint64_t before = gyre_loop_stats(gyre_loop_current()).jobs;

        if (gyre_event_wait(&set, GYRE_FOREVER) != 0)
            return -ECANCELED;
        *(int *)turns += gyre_loop_stats(gyre_loop_current()).jobs > before;
    }
    return 0;
}

Test(inject, changes_no_turn_of_a_run_it_looks_at)
{
    struct gyre_injection i = {0};
    int usual = 0, looked_at = 0;

    setenv("GYRE_POINT", "1000", 1);
    cr_expect_eq(simulate(count_turns, &usual), 0);
    cr_expect_eq(gyre_inject(&i, count_turns, &looked_at), 0);
    cr_expect_eq(usual, 3);
    cr_expect_eq(looked_at, usual);
}

static int scenario(void)
{
    struct gyre_injection i = {0};

    return gyre_inject(&i, wait_for_other, NULL);
}

Test(inject, survives_the_nth_allocation_failing)
{
    cr_expect_gt(faults_in_memory(scenario), 10);
}
