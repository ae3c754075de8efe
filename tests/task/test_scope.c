/*
 * test_scope.c - the claims of scope.h about scopes; those about tasks are in
 * test_children.c, and those about mistakes in test_breach.c.
 */
#include <errno.h>

#include "loop/timer.h"
#include "task/scope.h"
#include "task/task.h"
#include "task/wait.h"
#include "tests/task/world.h"

/* Sleep for a second; the whole of it means that nothing cancelled us. */
static int doze(void)
{
    return gyre_sleep(gyre_in(GYRE_SECOND));
}

/* ---- how a scope ends ---- */

CLAIM(scope, that_nothing_cancelled_ends_with_the_result_of_its_body)
{
    static const intptr_t results[] = {0, 7, -5000, INTPTR_MAX};
    struct gyre_scope s;

    for (size_t i = 0; i < sizeof results / sizeof results[0]; i++) {
        gyre_scope_open(&s, gyre_in(2 * MS));
        gyre_spawn(&s, NULL, PLAY(0, MS, 3));
        cr_expect(!gyre_scope_cancelled(&s));
        cr_expect_eq(gyre_scope_close(&s, results[i]), results[i]);
    }
}

CLAIM(scope, joins_its_tasks)
{
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, PLAY('b', 2 * MS, 0));
    gyre_spawn(&s, NULL, PLAY('a', MS, 0));
    cr_expect_eq(gyre_scope_children(&s), 2);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("ab");
    cr_expect_eq(elapsed(), 2 * MS);
}

CLAIM(scope, past_its_limit_ends_with_ETIMEDOUT)
{
    struct gyre_scope s;

    gyre_scope_open(&s, gyre_in(MS));
    cr_expect_eq(doze(), -ECANCELED);
    cr_expect(gyre_scope_cancelled(&s));
    cr_expect_eq(elapsed(), MS);
    cr_expect_eq(gyre_scope_close(&s, -ECANCELED), -ETIMEDOUT);

    gyre_scope_open(&s, gyre_in(MS));
    gyre_spawn(&s, NULL, PLAY('t', GYRE_SECOND, 0));
    cr_expect_eq(gyre_scope_close(&s, 5), -ETIMEDOUT, "a task was told");
    expect_notes("T");
    cr_expect_eq(elapsed(), 2 * MS);
}

CLAIM(scope, that_was_asked_to_stop_ends_with_what_its_body_says)
{
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, PLAY('t', MS, 0));
    cr_expect_eq(gyre_yield(), 0);
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_scope_close(&s, 5), 5);

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_scope_cancel(&s);
    cr_expect_eq(doze(), -ECANCELED);
    cr_expect_eq(gyre_scope_close(&s, -ECANCELED), 0, "an echo");

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_scope_close(&s, -ECANCELED), 0, "an echo all the same");

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_scope_close(&s, -EIO), -EIO);
    expect_notes("T");
    cr_expect_eq(elapsed(), 0);
}

CLAIM(scope, whose_task_fails_ends_with_that_error)
{
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, PLAY('o', GYRE_SECOND, 0));
    gyre_spawn(&s, NULL, PLAY('f', MS, -EIO));
    cr_expect_eq(doze(), -ECANCELED);
    cr_expect_eq(gyre_scope_close(&s, -ECANCELED), -EIO);
    expect_notes("fO");
    cr_expect_eq(elapsed(), MS);
}

CLAIM(scope, whose_body_fails_cancels_its_tasks)
{
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, PLAY('t', MS, 0));
    cr_expect_eq(gyre_yield(), 0);
    cr_expect_eq(gyre_scope_close(&s, -EIO), -EIO);
    expect_notes("T");

    gyre_scope_open_tolerant(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, PLAY('t', MS, 0));
    cr_expect_eq(gyre_yield(), 0);
    cr_expect_eq(gyre_scope_close(&s, -EIO), -EIO);
    expect_notes("T");
}

CLAIM(scope, in_a_cancelled_one_ends_with_ECANCELED)
{
    struct gyre_scope outer, inner;

    gyre_scope_open(&outer, gyre_in(MS));
    gyre_scope_open(&inner, GYRE_FOREVER);
    cr_expect_eq(doze(), -ECANCELED);
    cr_expect_eq(gyre_scope_close(&inner, -ECANCELED), -ECANCELED);
    cr_expect_eq(gyre_scope_close(&outer, -ECANCELED), -ETIMEDOUT);

    gyre_scope_open(&outer, GYRE_FOREVER);
    gyre_scope_cancel(&outer);
    gyre_scope_open(&inner, GYRE_FOREVER);
    cr_expect(gyre_scope_cancelled(&inner));
    cr_expect_eq(doze(), -ECANCELED);
    cr_expect_eq(gyre_scope_close(&inner, -ECANCELED), -ECANCELED);
    cr_expect_eq(gyre_scope_close(&outer, -ECANCELED), 0);
}

CLAIM(scope, a_cancellation_nobody_was_told_of_does_not_count)
{
    struct gyre_scope outer, inner;

    gyre_scope_open(&outer, gyre_in(MS));
    gyre_scope_open(&inner, gyre_in(MS));
    gyre_scope_limit(&outer, GYRE_NOW);
    cr_expect(gyre_scope_cancelled(&inner));
    cr_expect_eq(gyre_scope_close(&inner, 5), 5, "enclosing");
    cr_expect_eq(gyre_scope_close(&outer, 6), 6, "its limit");

    /* -ECANCELED from inside is an echo, and never a cause. */
    gyre_scope_open(&outer, GYRE_NOW);
    gyre_spawn(&outer, NULL, PLAY('t', 0, -ECANCELED));
    cr_expect_eq(gyre_scope_close(&outer, 0), 0);
}

/* Its waits ended before the limit, or were never begun. */
CLAIM(scope, a_result_that_was_there_first_is_kept)
{
    struct gyre_future f;
    struct gyre_scope s;

    gyre_scope_open(&s, gyre_in(MS));
    gyre_spawn(&s, &f, PLAY(0, MS - 1, 7));
    cr_expect_eq(gyre_await(&f, GYRE_FOREVER), 7);
    gyre_sim_advance(world->sim, GYRE_SECOND);
    cr_expect_eq(gyre_scope_close(&s, 7), 7);
}

/* ---- the first cause is kept ---- */

/* A limit at 2 ms, a failure at `failure` and a cancel at `cancel`, if not
   0. */
static intptr_t end_with(gyre_time failure, gyre_time cancel)
{
    struct part part = {'f', failure, -EIO};
    struct gyre_scope around, s;
    intptr_t result;

    gyre_scope_open(&around, GYRE_FOREVER);
    gyre_scope_open(&s, gyre_in(2 * MS));
    gyre_spawn(&s, NULL, PLAY('o', GYRE_SECOND, 0));
    if (failure != 0)
        gyre_spawn(&around, NULL, nap, (void *)(intptr_t)failure);
    if (failure != 0)
        gyre_spawn(&s, NULL, play, &part);
    if (cancel != 0 && gyre_sleep(gyre_in(cancel)) == 0)
        gyre_scope_cancel(&s);
    result = gyre_scope_close(&s, 5);
    cr_expect_eq(gyre_scope_close(&around, 0), 0);
    return result;
}

CLAIM(scope, keeps_the_first_cause)
{
    cr_expect_eq(end_with(0, 0), -ETIMEDOUT);
    cr_expect_eq(end_with(MS, 0), -EIO);
    cr_expect_eq(end_with(3 * MS, 0), -ETIMEDOUT);
    cr_expect_eq(end_with(0, MS), 5);
    cr_expect_eq(end_with(MS, MS / 2), 5);
    cr_expect_eq(end_with(MS / 2, MS), -EIO);
    cr_expect_eq(end_with(0, 3 * MS), -ETIMEDOUT);
}

static intptr_t fail_late(void *arg)
{
    (void)arg;
    return gyre_sleep(GYRE_FOREVER) == -ECANCELED ? -EPROTO : 0;
}

CLAIM(scope, a_failure_on_the_way_out_does_not_replace_the_cause)
{
    struct gyre_scope s;

    gyre_scope_open(&s, gyre_in(MS));
    gyre_spawn(&s, NULL, fail_late, NULL);
    cr_expect_eq(gyre_scope_close(&s, 0), -ETIMEDOUT);

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, fail_late, NULL);
    gyre_spawn(&s, NULL, PLAY(0, MS, -EIO));
    cr_expect_eq(gyre_scope_close(&s, 0), -EIO);

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, fail_late, NULL);
    cr_expect_eq(gyre_yield(), 0);
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_scope_close(&s, 5), 5);
}

CLAIM(scope, a_failure_replaces_a_limit_nobody_was_told_of)
{
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_NOW);
    gyre_spawn(&s, NULL, PLAY(0, 0, -EIO));
    cr_expect_eq(gyre_scope_close(&s, 0), -EIO);

    gyre_scope_open(&s, GYRE_NOW);
    cr_expect_eq(gyre_scope_close(&s, -EIO), -EIO);
}

/* Stopped from within, and then from without: the outer one must not be
   lost. */
CLAIM(scope, does_not_swallow_the_cancellation_of_an_enclosing_one)
{
    struct gyre_scope outer, inner;

    gyre_scope_open(&outer, GYRE_FOREVER);
    gyre_scope_open(&inner, GYRE_FOREVER);
    gyre_scope_cancel(&inner);
    gyre_scope_cancel(&outer);
    cr_expect_eq(doze(), -ECANCELED);
    cr_expect_eq(gyre_scope_close(&inner, -ECANCELED), 0);
    cr_expect_eq(doze(), -ECANCELED);
    cr_expect_eq(gyre_scope_close(&outer, -ECANCELED), 0);
    cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
}

/* ---- cancellation is a level ---- */

static void expect_every_point_fails(struct gyre_scope *s)
{
    struct gyre_future f, *next;

    gyre_future_init(&f);
    gyre_future_set(&f, 1);
    for (int i = 0; i < 2; i++) {
        gyre_time deadline = i == 0 ? GYRE_NOW : GYRE_FOREVER;

        cr_expect_eq(gyre_sleep(deadline), -ECANCELED);
        cr_expect_eq(gyre_await(&f, deadline), -ECANCELED);
        cr_expect_eq(gyre_scope_next(s, &next, deadline), -ECANCELED);
        cr_expect_eq(gyre_checkpoint(deadline), -ECANCELED);
        cr_expect_eq(gyre_yield(), -ECANCELED);
    }
}

CLAIM(scope, once_cancelled_fails_every_cancel_point_until_it_is_left)
{
    struct gyre_scope outer, inner;

    gyre_scope_open(&outer, GYRE_FOREVER);
    gyre_scope_cancel(&outer);
    expect_every_point_fails(&outer);
    gyre_scope_open(&inner, GYRE_FOREVER);
    expect_every_point_fails(&inner);
    cr_expect_eq(gyre_scope_close(&inner, 0), -ECANCELED);
    expect_every_point_fails(&outer);
    cr_expect_eq(gyre_scope_close(&outer, 0), 0);
    cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
    cr_expect_eq(gyre_yield(), 0);
}

static intptr_t spawn_inside(void *arg)
{
    struct gyre_scope s;
    intptr_t err;

    (void)arg;
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, PLAY('i', GYRE_SECOND, 0));
    err = doze();
    note(err ? 'B' : 'b');
    return gyre_scope_close(&s, err);
}

CLAIM(scope, cancels_what_is_inside_at_any_depth)
{
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, spawn_inside, NULL);
    gyre_spawn(&s, NULL, spawn_inside, NULL);
    cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
    gyre_scope_cancel(&s);
    gyre_spawn(&s, NULL, PLAY('n', MS, 0));
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(elapsed(), MS);
    cr_expect_eq(notes[5], '\0');
    notes[0] = '\0';
}

struct canceller {
    struct gyre_timer timer;
    struct gyre_scope *scope;
};

static void cancel(struct gyre_timer *t)
{
    gyre_scope_cancel(GYRE_OWNER(t, struct canceller, timer)->scope);
}

static void move_limit(struct gyre_timer *t)
{
    gyre_scope_limit(GYRE_OWNER(t, struct canceller, timer)->scope, GYRE_NOW);
}

CLAIM(scope, can_be_cancelled_by_a_callback)
{
    struct gyre_scope s;
    struct canceller c = {.timer.fire = cancel, .scope = &s};

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_timer_start(world->loop, &c.timer, gyre_in(MS));
    cr_expect_eq(doze(), -ECANCELED);
    cr_expect_eq(gyre_scope_close(&s, -ECANCELED), 0);

    c.timer.fire = move_limit;
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_timer_start(world->loop, &c.timer, gyre_in(MS));
    cr_expect_eq(doze(), -ECANCELED);
    cr_expect_eq(gyre_scope_close(&s, -ECANCELED), -ETIMEDOUT);
}

/* Closing parks, but does not fail: what is inside must be waited for. */
CLAIM(scope, is_closed_as_ever_when_it_is_cancelled)
{
    struct gyre_scope outer, inner, shielded;

    gyre_scope_open(&outer, GYRE_FOREVER);
    gyre_scope_cancel(&outer);
    gyre_scope_open(&inner, GYRE_FOREVER);
    gyre_scope_open_shielded(&shielded, gyre_in(GYRE_SECOND));
    gyre_spawn(&shielded, NULL, PLAY('t', MS, 0));
    cr_expect_eq(gyre_scope_close(&shielded, 0), 0);
    expect_notes("t");
    cr_expect_eq(elapsed(), MS);
    cr_expect_eq(gyre_scope_close(&inner, 0), 0);
    cr_expect_eq(gyre_scope_close(&outer, 0), 0);
}

/* ---- limits ---- */

/* Opens four scopes, and closes them: what each says. */
static void expect_verdicts(const gyre_time limit[4], const int order[4],
                            const intptr_t verdict[4])
{
    struct gyre_scope s[4];
    gyre_time now = gyre_in(0);
    intptr_t result;

    for (int i = 0; i < 4; i++)
        gyre_scope_open(&s[i], GYRE_FOREVER);
    for (int i = 0; i < 4; i++)
        gyre_scope_limit(&s[order[i]], now + limit[order[i]]);
    result = doze();
    for (int i = 3; i >= 0; i--) {
        result = gyre_scope_close(&s[i], result);
        cr_expect_eq(result, verdict[i], "at depth %d: %jd", i,
                     (intmax_t)result);
        result = 0;
    }
}

CLAIM(scope, the_nearest_limit_holds)
{
    static const int order[] = {0, 1, 2, 3};

    expect_verdicts((gyre_time[]){4 * MS, 3 * MS, 2 * MS, MS}, order,
                    (intptr_t[]){0, 0, 0, -ETIMEDOUT});
    expect_verdicts(
        (gyre_time[]){MS, 2 * MS, 3 * MS, 4 * MS}, order,
        (intptr_t[]){-ETIMEDOUT, -ECANCELED, -ECANCELED, -ECANCELED});
    expect_verdicts((gyre_time[]){3 * MS, MS, 2 * MS, 4 * MS}, order,
                    (intptr_t[]){0, -ETIMEDOUT, -ECANCELED, -ECANCELED});
}

CLAIM(scope, of_equal_limits_the_outermost_passes_first_however_they_were_set)
{
    static const int orders[][4] = {
        {0, 1, 2, 3}, {3, 2, 1, 0}, {1, 3, 0, 2}, {2, 0, 3, 1}};

    for (size_t i = 0; i < 4; i++) {
        expect_verdicts((gyre_time[]){2 * MS, MS, MS, MS}, orders[i],
                        (intptr_t[]){0, -ETIMEDOUT, -ECANCELED, -ECANCELED});
        expect_verdicts(
            (gyre_time[]){MS, MS, MS, MS}, orders[i],
            (intptr_t[]){-ETIMEDOUT, -ECANCELED, -ECANCELED, -ECANCELED});
    }
}

CLAIM(scope, of_a_limit_and_a_deadline_the_nearer_ends_a_call)
{
    struct gyre_future f;
    struct gyre_scope s;

    gyre_future_init(&f);
    gyre_scope_open(&s, gyre_in(2 * MS));
    cr_expect_eq(gyre_await(&f, gyre_in(MS)), -ETIMEDOUT);
    cr_expect_eq(gyre_await(&f, gyre_in(GYRE_SECOND)), -ECANCELED);
    cr_expect_eq(gyre_scope_close(&s, -ECANCELED), -ETIMEDOUT);

    gyre_scope_open(&s, gyre_in(MS));
    cr_expect_eq(gyre_await(&f, gyre_in(MS)), -ECANCELED, "both at once");
    cr_expect_eq(gyre_scope_close(&s, -ECANCELED), -ETIMEDOUT);
}

CLAIM(scope, a_limit_that_is_past_cancels_at_once)
{
    static const gyre_time past[] = {INT64_MIN, -1, GYRE_NOW, 1};
    struct gyre_scope s;

    for (size_t i = 0; i < sizeof past / sizeof past[0]; i++) {
        gyre_scope_open(&s, past[i]);
        cr_expect(gyre_scope_cancelled(&s));
        cr_expect_eq(doze(), -ECANCELED);
        cr_expect_eq(gyre_scope_close(&s, -ECANCELED), -ETIMEDOUT);
    }
    gyre_scope_open(&s, gyre_in(0));
    cr_expect(gyre_scope_cancelled(&s));
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

CLAIM(scope, its_limit_can_be_moved)
{
    struct gyre_scope s;

    gyre_scope_open(&s, gyre_in(MS));
    gyre_scope_limit(&s, gyre_in(3 * MS));
    cr_expect_eq(gyre_sleep(gyre_in(2 * MS)), 0, "later");
    gyre_scope_limit(&s, GYRE_FOREVER);
    cr_expect_eq(gyre_sleep(gyre_in(2 * MS)), 0, "away");
    gyre_scope_limit(&s, gyre_in(GYRE_SECOND));
    gyre_scope_limit(&s, gyre_in(MS));
    cr_expect_eq(doze(), -ECANCELED, "nearer");
    cr_expect_eq(elapsed(), 5 * MS);
    gyre_scope_limit(&s, gyre_in(GYRE_SECOND));
    cr_expect_eq(doze(), -ECANCELED, "too late");
    cr_expect_eq(gyre_scope_close(&s, 0), -ETIMEDOUT);
}

CLAIM(scope, its_limit_can_be_moved_while_it_is_being_closed)
{
    struct gyre_scope s;
    struct canceller c = {.timer.fire = move_limit, .scope = &s};

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, PLAY('t', GYRE_SECOND, 0));
    gyre_timer_start(world->loop, &c.timer, gyre_in(MS));
    cr_expect_eq(gyre_scope_close(&s, 0), -ETIMEDOUT);
    cr_expect_eq(elapsed(), MS);
}

static intptr_t expect_limit(void *limit)
{
    cr_expect_eq(gyre_current_limit(), *(gyre_time *)limit);
    return 0;
}

CLAIM(scope, limits_are_inherited)
{
    struct gyre_scope a, b, c, d;
    gyre_time near = gyre_in(MS), far = gyre_in(2 * MS);

    cr_expect_eq(gyre_current_limit(), GYRE_FOREVER);
    gyre_scope_open(&a, near);
    cr_expect_eq(gyre_current_limit(), near);
    gyre_scope_open(&b, GYRE_FOREVER);
    gyre_scope_open(&c, far);
    cr_expect_eq(gyre_current_limit(), near);
    gyre_spawn(&c, NULL, expect_limit, &near);
    gyre_scope_open_shielded(&d, far);
    cr_expect_eq(gyre_current_limit(), far);
    gyre_spawn(&d, NULL, expect_limit, &far);
    cr_expect_eq(gyre_scope_close(&d, 0), 0);
    cr_expect_eq(gyre_scope_close(&c, 0), 0);
    cr_expect_eq(gyre_scope_close(&b, 0), 0);
    cr_expect_eq(gyre_scope_close(&a, 0), 0);
    cr_expect_eq(gyre_current_limit(), GYRE_FOREVER);

    gyre_scope_open(&a, near);
    gyre_scope_cancel(&a);
    gyre_scope_limit(&a, far);
    cr_expect_eq(gyre_current_limit(), near, "it is cancelled: too late");
    gyre_scope_close(&a, 0);
}

/* ---- shields ---- */

CLAIM(scope, shielded_sees_no_cancellation_from_outside)
{
    struct gyre_scope outer, shielded, inner;

    gyre_scope_open(&outer, gyre_in(MS));
    gyre_scope_open_shielded(&shielded, gyre_in(GYRE_SECOND));
    gyre_scope_open(&inner, GYRE_FOREVER);
    gyre_spawn(&inner, NULL, PLAY('t', 3 * MS, 0));
    cr_expect_eq(gyre_sleep(gyre_in(2 * MS)), 0);
    cr_expect(gyre_scope_cancelled(&outer));
    cr_expect(!gyre_scope_cancelled(&shielded));
    cr_expect_eq(gyre_scope_close(&inner, 0), 0);
    cr_expect_eq(gyre_scope_close(&shielded, 0), 0);
    expect_notes("t");
    cr_expect_eq(gyre_sleep(gyre_in(MS)), -ECANCELED, "it is seen now");
    cr_expect_eq(gyre_scope_close(&outer, 0), -ETIMEDOUT);
}

CLAIM(scope, shielded_in_a_cancelled_one_starts_afresh)
{
    struct gyre_scope outer, shielded;

    gyre_scope_open(&outer, GYRE_FOREVER);
    gyre_scope_cancel(&outer);
    gyre_scope_open_shielded(&shielded, gyre_in(MS));
    cr_expect_eq(gyre_yield(), 0);
    cr_expect_eq(doze(), -ECANCELED);
    cr_expect_eq(gyre_scope_close(&shielded, -ECANCELED), -ETIMEDOUT);
    cr_expect_eq(gyre_scope_close(&outer, 0), 0);
}

CLAIM(scope, shielded_with_a_limit_that_is_past_is_cancelled)
{
    struct gyre_scope outer, shielded;

    gyre_scope_open(&outer, GYRE_FOREVER);
    gyre_scope_open_shielded(&shielded, GYRE_NOW);
    cr_expect_eq(doze(), -ECANCELED);
    cr_expect_eq(gyre_scope_close(&shielded, -ECANCELED), -ETIMEDOUT);
    cr_expect(!gyre_scope_cancelled(&outer));
    cr_expect_eq(gyre_scope_close(&outer, 0), 0);
}

/* What is told inside a shield is not told to what is around it. */
CLAIM(scope, shielded_keeps_its_cancellation_to_itself)
{
    struct gyre_scope outer, shielded;

    gyre_scope_open(&outer, gyre_in(MS));
    gyre_scope_open_shielded(&shielded, gyre_in(2 * MS));
    cr_expect_eq(doze(), -ECANCELED);
    cr_expect_eq(gyre_scope_close(&shielded, -ECANCELED), -ETIMEDOUT);
    cr_expect_eq(gyre_scope_close(&outer, 5), 5);
}

CLAIM(scope, equal_limits_do_not_reach_through_a_shield)
{
    for (int i = 0; i < 2; i++) {
        struct gyre_scope outer, shielded, inner;
        gyre_time limit = gyre_in(MS);

        gyre_scope_open(&outer, limit);
        gyre_scope_open_shielded(&shielded, limit);
        gyre_scope_open(&inner, limit);
        if (i == 1)
            gyre_scope_limit(&outer, limit); /* its timer is the last now */
        cr_expect_eq(doze(), -ECANCELED);
        cr_expect_eq(gyre_scope_close(&inner, 0), -ECANCELED);
        cr_expect_eq(gyre_scope_close(&shielded, 0), -ETIMEDOUT);
        cr_expect_eq(gyre_scope_close(&outer, 0), 0);
    }
}

/* ---- waiting until nobody is inside ---- */

struct empties {
    struct gyre_scope *scope;
    char name;
};

/* Waits until the scope is empty, and notes who it is. */
static intptr_t wait_for_all(void *arg)
{
    struct empties *e = arg;
    int err = gyre_scope_wait(e->scope, GYRE_FOREVER);

    note(err ? '!' : e->name);
    return err;
}

CLAIM(scope, is_waited_for_by_anybody_and_stays_open, .init = in_order)
{
    struct gyre_scope around, s;
    struct empties other = {&s, 'x'};

    gyre_scope_open(&around, GYRE_FOREVER);
    gyre_scope_open(&s, GYRE_FOREVER);
    cr_expect_eq(gyre_scope_wait(&s, GYRE_NOW), 0);
    for (int i = 1; i <= 2; i++) {
        gyre_spawn(&s, NULL, PLAY('a', MS, 0));
        gyre_spawn(&s, NULL, PLAY('b', 2 * MS, 0));
        gyre_spawn(&around, NULL, wait_for_all, &other);
        cr_expect_eq(gyre_scope_wait(&s, GYRE_FOREVER), 0);
        note('o');
        cr_expect_eq(elapsed(), i * 2 * MS);
        cr_expect_eq(gyre_yield(), 0);
        expect_notes("abox");
    }
    gyre_spawn(&s, NULL, PLAY('c', MS, 0));
    gyre_spawn(&around, NULL, wait_for_all, &other);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(gyre_scope_close(&around, 0), 0);
    expect_notes("cx");
}

CLAIM(scope, is_waited_for_no_longer_than_the_deadline)
{
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, PLAY('a', 2 * MS, 0));
    cr_expect_eq(gyre_scope_wait(&s, GYRE_NOW), -ETIMEDOUT);
    cr_expect_eq(gyre_scope_wait(&s, gyre_in(MS)), -ETIMEDOUT);
    cr_expect(!gyre_scope_cancelled(&s));
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_scope_wait(&s, GYRE_FOREVER), -ECANCELED);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("A");
    cr_expect_eq(elapsed(), MS);
}

/* Opens a scope of its own, in which a task waits for `scope`, too. */
static intptr_t wait_from_inside(void *scope)
{
    struct empties deep = {scope, '?'};
    struct gyre_future done;
    struct gyre_scope s;

    cr_expect_eq(gyre_scope_wait(scope, GYRE_FOREVER), -EDEADLK);
    gyre_scope_open_tolerant(&s, GYRE_FOREVER);
    gyre_spawn(&s, &done, wait_for_all, &deep);
    cr_expect_eq(gyre_await(&done, GYRE_FOREVER), -EDEADLK);
    return gyre_scope_close(&s, 0);
}

CLAIM(scope, is_not_waited_for_by_who_is_in_it)
{
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, wait_from_inside, &s);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("!");
}

/* ---- closing by itself ---- */

static void leave_early(bool open, bool close)
{
    struct gyre_scope GYRE_SCOPED s = {0};

    if (!open)
        return;
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, PLAY('t', MS, 0));
    if (close)
        cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

CLAIM(scope, GYRE_SCOPED_cancels_and_joins_what_is_open)
{
    leave_early(false, false);
    expect_notes("");
    leave_early(true, true);
    expect_notes("t");
    leave_early(true, false);
    expect_notes("T");
    cr_expect_eq(elapsed(), MS);
    cr_expect_eq(world->failures, 0);
}

static void leave_after_a_failure(void)
{
    struct gyre_scope GYRE_SCOPED s = {0};

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, PLAY(0, MS, -EIO));
    cr_expect_eq(gyre_sleep(gyre_in(GYRE_SECOND)), -ECANCELED);
}

CLAIM(scope, GYRE_SCOPED_tells_of_failures_as_nobody_else_can)
{
    leave_after_a_failure();
    cr_expect_eq(world->failures, 1);
    cr_expect_eq(world->failure, -EIO);
}
