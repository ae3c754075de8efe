/*
 * test_everything.c - a program of eighty tasks that uses all that tasks have
 * (players.h), in a thousand orders, and cancelled at each of its cancel
 * points.
 *
 * Whatever happens to its tasks, the books must balance.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "task/future.h"
#include "task/scope.h"
#include "task/sim/explore.h"
#include "task/sim/inject.h"
#include "tests/task/sim/players.h"
#include "tests/task/world.h"

enum { TASKS = 80 };

static void leave_environment(void)
{
    unsetenv("GYRE_SEED");
    unsetenv("GYRE_POINT");
}

TestSuite(everything, .init = leave_environment);

static const struct family *const families[] = {&locks_family, &queues_family,
                                                &tasks_family};

enum { FAMILIES = sizeof families / sizeof *families };

/* The last of the tasks, if there is to be one who is not careful. */
static int (*careless)(void);

/* ---- the program ---- */

static intptr_t take_part(void *player)
{
    return (*(int (*const *)(void))player)();
}

/* Each plays in turn, and when all have the first does once more. */
static const void *player(size_t i)
{
    size_t all = 0;

    if (careless != NULL && i == TASKS - 1)
        return &careless;
    for (int f = 0; f < FAMILIES; f++)
        all += families[f]->n;
    i %= all;
    for (int f = 0; f < FAMILIES; f++) {
        if (i < families[f]->n)
            return &families[f]->players[i];
        i -= families[f]->n;
    }
    return NULL;
}

/* What each makes of it is its own business: all may fail. */
static intptr_t run_shop(void *arg)
{
    struct gyre_future done[TASKS];
    struct gyre_scope s;

    (void)arg;
    for (int f = 0; f < FAMILIES; f++)
        families[f]->open();
    gyre_scope_open_tolerant(&s, gyre_in(GYRE_SECOND));
    for (size_t i = 0; i < TASKS; i++)
        gyre_spawn(&s, &done[i], take_part, (void *)(uintptr_t)player(i));
    for (size_t i = 0; i < TASKS; i++)
        (void)!gyre_await(&done[i], GYRE_FOREVER);
    return gyre_scope_close(&s, 0);
}

static int balance(void *arg)
{
    (void)arg;
    for (int f = 0; f < FAMILIES; f++)
        families[f]->balance();
    return wrong() == 0 ? 0 : -EILSEQ;
}

static intptr_t run_and_balance(void *arg)
{
    intptr_t result = run_shop(arg);

    return gyre_is_error(result) ? result : balance(arg);
}

/* ---- the claims ---- */

/* A thousand orders, in four parts, for a sanitizer takes its time. */
static void balance_from(uint64_t seed)
{
    struct gyre_exploration e = {.first = seed, .runs = 250};

    cr_expect_eq(gyre_explore(&e, run_and_balance, NULL), 0);
    cr_expect_gt(e.schedules, 245);
}

Test(everything, balances_in_a_quarter_of_a_thousand_orders)
{
    balance_from(1);
}

Test(everything, balances_in_the_second_quarter)
{
    balance_from(251);
}

Test(everything, balances_in_the_third_quarter)
{
    balance_from(501);
}

Test(everything, balances_in_the_last_quarter)
{
    balance_from(751);
}

/* In order he gets away with it. */
Test(everything, a_careless_player_is_found_out_and_seen_again_by_his_seed)
{
    struct gyre_exploration found = {.runs = 1000}, again = {.runs = 1};

    careless = add_without_lock;
    cr_expect_eq(simulate(run_and_balance, NULL), 0, "in order he is not");
    cr_expect_eq(gyre_explore(&found, run_and_balance, NULL), -EILSEQ);
    again.first = found.seed;
    for (int i = 0; i < 3; i++)
        cr_expect_eq(gyre_explore(&again, run_and_balance, NULL), -EILSEQ);

    careless = NULL;
    cr_expect_eq(gyre_explore(&again, run_and_balance, NULL), 0);
}

/* Each order has some hundreds of points, each of which is a run. */
static void balance_when_cancelled(bool only_task, uint64_t seed)
{
    struct gyre_injection i = {
        .check = balance, .seed = seed, .only_task = only_task};

    cr_expect_eq(gyre_inject(&i, run_shop, NULL), 0);
    cr_expect_gt(i.points, 500, "%ju points", (uintmax_t)i.points);
}

Test(everything, balances_wherever_the_run_is_cancelled)
{
    balance_when_cancelled(false, 0);
}

Test(everything, balances_wherever_the_run_is_cancelled_in_another_order)
{
    balance_when_cancelled(false, 1);
}

Test(everything, balances_wherever_a_task_is_cancelled)
{
    balance_when_cancelled(true, 0);
}

Test(everything, balances_wherever_a_task_is_cancelled_in_another_order)
{
    balance_when_cancelled(true, 1);
}
