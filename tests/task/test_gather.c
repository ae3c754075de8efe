/*
 * test_gather.c - the claims of gather.h.
 */
#include <errno.h>

#include "task/defer.h"
#include "task/gather.h"
#include "task/scope.h"
#include "task/task.h"
#include "tests/support/faults.h"
#include "tests/task/world.h"

/* Three calls: each sleeps, notes its name, and ends with its result. */
static struct part parts[3];
static struct gyre_call calls[3];

static void prepare(intptr_t a, intptr_t b, intptr_t c)
{
    const intptr_t results[] = {a, b, c};

    for (int i = 0; i < 3; i++) {
        parts[i] = (struct part){(char)('a' + i), (3 - i) * MS, results[i]};
        calls[i] = (struct gyre_call){.fn = play, .arg = &parts[i]};
    }
}

static void expect_results(intptr_t a, intptr_t b, intptr_t c)
{
    cr_expect_eq(calls[0].result, a);
    cr_expect_eq(calls[1].result, b);
    cr_expect_eq(calls[2].result, c);
}

static intptr_t gather(enum gyre_gather how)
{
    return gyre_gather(calls, 3, how, GYRE_FOREVER);
}

/* ---- what ends it ---- */

CLAIM(gather, of_all_has_the_results_in_the_order_of_the_calls)
{
    prepare(1, 2, 3);
    cr_expect_eq(gather(GYRE_GATHER_ALL), 0);
    expect_results(1, 2, 3);
    expect_notes("cba");
    cr_expect_eq(elapsed(), 3 * MS);
}

CLAIM(gather, of_all_returns_the_first_failure_which_cancels_the_others)
{
    prepare(1, -EIO, 3);
    cr_expect_eq(gather(GYRE_GATHER_ALL), -EIO);
    expect_results(-ECANCELED, -EIO, 3);
    expect_notes("cbA");
    cr_expect_eq(elapsed(), 2 * MS);
}

CLAIM(gather, settled_leaves_failures_in_the_results_and_counts_them)
{
    prepare(-EIO, -ECANCELED, 3);
    cr_expect_eq(gather(GYRE_GATHER_SETTLED), 2);
    expect_results(-EIO, -ECANCELED, 3);
    expect_notes("cba");
    prepare(1, 2, 3);
    cr_expect_eq(gather(GYRE_GATHER_SETTLED), 0);
}

CLAIM(gather, of_any_gives_the_first_to_succeed_and_cancels_the_others)
{
    prepare(1, 2, -EIO);
    cr_expect_eq(gather(GYRE_GATHER_ANY), 1);
    expect_results(-ECANCELED, 2, -EIO);
    expect_notes("cbA");
}

CLAIM(gather, of_any_returns_the_last_failure_if_all_have_failed)
{
    prepare(-EPERM, -EPIPE, -EIO);
    cr_expect_eq(gather(GYRE_GATHER_ANY), -EPERM);
    expect_results(-EPERM, -EPIPE, -EIO);
    expect_notes("cba");
}

CLAIM(gather, of_a_race_gives_the_first_to_end_however_that_was,
      .init = in_order)
{
    prepare(1, 2, -EIO);
    cr_expect_eq(gather(GYRE_GATHER_RACE), 2);
    expect_results(-ECANCELED, -ECANCELED, -EIO);
    expect_notes("cAB");
    cr_expect_eq(elapsed(), MS);
}

/* Takes as long again to clean up, and succeeds in the end. */
static intptr_t insist(void *arg)
{
    struct gyre_scope s;

    (void)arg;
    if (gyre_sleep(gyre_in(2 * MS)) == 0)
        return 1;
    gyre_scope_open_shielded(&s, gyre_in(GYRE_SECOND));
    note(gyre_sleep(gyre_in(MS)) == 0 ? 'i' : '!');
    return gyre_scope_close(&s, 7);
}

/* A handler that may wait, and writes down whether it could. */
static void undo(void *arg)
{
    (void)arg;
    note(gyre_sleep(gyre_in(MS)) == 0 ? 'u' : 'U');
}

static intptr_t defer_to_the_end(void *result)
{
    static struct gyre_defer d;

    gyre_defer(&d, undo, NULL);
    return (intptr_t)result;
}

CLAIM(gather, does_not_cancel_what_was_deferred_by_who_decides_it)
{
    static const enum gyre_gather how[] = {GYRE_GATHER_RACE, GYRE_GATHER_ANY,
                                           GYRE_GATHER_ALL};
    static const intptr_t result[] = {7, 7, -EIO};

    for (int i = 0; i < 3; i++) {
        struct gyre_call both[] = {
            {.fn = defer_to_the_end, .arg = (void *)result[i]},
            {.fn = play, .arg = &(struct part){'s', GYRE_SECOND, 0}}};

        (void)!gyre_gather(both, 2, how[i], GYRE_FOREVER);
        cr_expect_eq(both[0].result, result[i]);
        expect_notes("uS");
    }
}

CLAIM(gather, waits_for_those_it_has_cancelled)
{
    prepare(1, 2, 3);
    calls[1].fn = insist;
    cr_expect_eq(gather(GYRE_GATHER_RACE), 2);
    expect_results(-ECANCELED, 7, 3);
    expect_notes("cAi");
    cr_expect_eq(elapsed(), 2 * MS);
}

/* Answers unless another does within a while after it was asked. */
static intptr_t answer_later(void *arg)
{
    int err = gyre_sleep(gyre_in((gyre_time)(intptr_t)arg * 250 * MS));

    if (err)
        return err;
    note('0' + (char)(intptr_t)arg);
    return arg == NULL ? -ECONNREFUSED : gyre_sleep(gyre_in(400 * MS));
}

CLAIM(gather, of_any_makes_a_staggered_race)
{
    struct gyre_call race[] = {{answer_later, (void *)0},
                               {answer_later, (void *)1},
                               {answer_later, (void *)2},
                               {answer_later, (void *)3}};

    cr_expect_eq(gyre_gather(race, 4, GYRE_GATHER_ANY, GYRE_FOREVER), 1);
    expect_notes("012");
    cr_expect_eq(elapsed(), 650 * MS);
    cr_expect_eq(race[0].result, -ECONNREFUSED);
    cr_expect_eq(race[3].result, -ECANCELED);
}

CLAIM(gather, of_none_returns_at_once)
{
    static const intptr_t expected[] = {0, 0, -ECHILD, -ECHILD};

    for (enum gyre_gather how = 0; how <= GYRE_GATHER_RACE; how++)
        cr_expect_eq(gyre_gather(NULL, 0, how, GYRE_FOREVER), expected[how]);
}

/* ---- deadlines and cancellations ---- */

CLAIM(gather, past_its_deadline_has_cancelled_who_was_left)
{
    for (enum gyre_gather how = 0; how <= GYRE_GATHER_RACE; how++) {
        bool ends = how == GYRE_GATHER_RACE || how == GYRE_GATHER_ANY;
        intptr_t result;

        prepare(1, 2, 3);
        result = gyre_gather(calls, 3, how, gyre_in(3 * MS / 2));
        cr_expect_eq(result, ends ? 2 : -ETIMEDOUT);
        expect_results(-ECANCELED, -ECANCELED, 3);
        prepare(1, 2, 3);
        cr_expect_eq(gyre_gather(calls, 3, how, gyre_in(MS / 2)), -ETIMEDOUT);
        expect_results(-ECANCELED, -ECANCELED, -ECANCELED);
    }
}

CLAIM(gather, is_cancelled_with_its_caller, .init = in_order)
{
    struct gyre_scope s;

    gyre_scope_open(&s, gyre_in(MS / 2));
    prepare(1, 2, 3);
    cr_expect_eq(gather(GYRE_GATHER_SETTLED), -ECANCELED);
    expect_results(-ECANCELED, -ECANCELED, -ECANCELED);
    expect_notes("ABC");
    cr_expect_eq(gyre_scope_close(&s, -ECANCELED), -ETIMEDOUT);
}

CLAIM(gather, that_may_not_wait_begins_nothing)
{
    struct gyre_scope s;

    prepare(1, 2, 3);
    cr_expect_eq(gyre_gather(calls, 3, GYRE_GATHER_ALL, GYRE_NOW), -ETIMEDOUT);
    expect_results(-ETIMEDOUT, -ETIMEDOUT, -ETIMEDOUT);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_scope_cancel(&s);
    cr_expect_eq(gather(GYRE_GATHER_ALL), -ECANCELED);
    expect_results(-ECANCELED, -ECANCELED, -ECANCELED);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(gyre_yield(), 0);
    expect_notes("");
}

/* ---- failing ---- */

/* Of more than there are stacks for, the last get none. */
CLAIM(gather, without_stacks_has_failures_like_any_others, .init = in_order)
{
    enum { MANY = 3000 };
    static struct gyre_call many[MANY];
    static struct part part = {0, MS, 7};

    for (enum gyre_gather how = 0; how <= GYRE_GATHER_ANY; how++) {
        intptr_t r, without = 0;

        for (int i = 0; i < MANY; i++)
            many[i] = (struct gyre_call){.fn = play, .arg = &part};
        faults_in_mapping(true);
        r = gyre_gather(many, MANY, how, GYRE_FOREVER);
        faults_in_mapping(false);
        for (int i = 0; i < MANY; i++)
            without += many[i].result == -ENOMEM;
        must(without > 0 && without < MANY);
        if (how == GYRE_GATHER_ALL)
            cr_expect_eq(r, -ENOMEM);
        else
            cr_expect_eq(r, how == GYRE_GATHER_SETTLED ? without : 0);
    }
    cr_expect_eq(world->failures, 0, "nobody else is told");
}
