/*
 * test_lessons.c - what went wrong elsewhere, and does not here.
 *
 * Each claim answers a report, named in its comment, of a cancellation that was
 * lost or a failure that nobody heard of; and the comment says what in the
 * design of the other made it possible.  Those about locks and queues are with
 * the tests of these, and more in test_further_lessons.c.
 */
#include <errno.h>

#include "task/future.h"
#include "task/scope.h"
#include "task/sync/event.h"
#include "task/task.h"
#include "tests/task/world.h"

/* ---- cancellations that were lost ---- */

struct meeting {
    struct gyre_future what;
    intptr_t got;
    int next;
};

static intptr_t await_then_sleep(void *arg)
{
    struct meeting *m = arg;

    m->got = gyre_await(&m->what, gyre_in(MS));
    m->next = gyre_sleep(gyre_in(MS));
    return m->next;
}

/*
 * python/cpython#86296: wait_for could hide a cancellation that came when its
 * future was done.  There a cancellation is an exception thrown once, and who
 * had already got a result threw it away.  Here the result is delivered, and
 * the next wait fails, as every one after it.
 */
CLAIM(lessons, a_cancellation_that_comes_with_the_result_is_not_hidden,
      .init = in_order)
{
    struct meeting m = {.next = 0};
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, await_then_sleep, &m);
    cr_expect_eq(gyre_yield(), 0);
    gyre_future_set(&m.what, 7);
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(m.got, 7);
    cr_expect_eq(m.next, -ECANCELED);
}

static intptr_t limited_sleep(void *result)
{
    struct gyre_scope s;

    gyre_scope_open(&s, gyre_in(2 * MS));
    *(intptr_t *)result = gyre_scope_close(&s, gyre_sleep(gyre_in(9 * MS)));
    return *(intptr_t *)result;
}

/*
 * python/cpython#114496: a wait_for whose time was up raised CancelledError,
 * since its timeout is a cancellation that it must recognize again.  Here a
 * scope knows its own cause.
 */
CLAIM(lessons, a_timeout_is_told_as_a_timeout)
{
    intptr_t result = 0;

    for (int i = 0; i < 3; i++) {
        cr_expect_eq(limited_sleep(&result), -ETIMEDOUT);
        cr_expect_eq(gyre_sleep(gyre_in(MS)), 0, "and is over then");
    }
}

struct nested {
    intptr_t inner, after;
};

static intptr_t fail_at_once(void *arg)
{
    (void)arg;
    return -EIO;
}

static intptr_t fail_inside(void *arg)
{
    struct nested *n = arg;
    struct gyre_scope s;
    int err;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, fail_at_once, NULL);
    err = gyre_sleep(gyre_in(MS));
    n->inner = gyre_scope_close(&s, err);
    n->after = gyre_sleep(gyre_in(MS));
    return n->after;
}

/*
 * python/cpython#116720: a group whose child failed swallowed the cancellation
 * that the group around it sent at the same time, as both are counted in the
 * same number.  Here each scope has a cause of its own, and a wait looks at all
 * around it.
 */
CLAIM(lessons, a_failing_group_does_not_swallow_the_cancellation_around_it)
{
    struct nested n = {0, 0};
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, fail_inside, &n);
    cr_expect_eq(gyre_yield(), 0);
    cr_expect_eq(gyre_yield(), 0);
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect(gyre_is_error(n.inner));
    cr_expect_eq(n.after, -ECANCELED);
}

static intptr_t linger(void *arg)
{
    struct gyre_scope s;

    (void)arg;
    gyre_scope_open_shielded(&s, gyre_in(GYRE_SECOND));
    return gyre_scope_close(&s, gyre_sleep(gyre_in(MS)));
}

static intptr_t ask_own_to_stop(void *arg)
{
    struct nested *n = arg;
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, linger, NULL);
    gyre_scope_cancel(&s);
    n->inner = gyre_scope_close(&s, 0);
    n->after = gyre_sleep(gyre_in(MS));
    return n->after;
}

/*
 * python/cpython#155433: TaskGroup.cancel swallows the cancellation that comes
 * from outside while the group ends.  There the group takes the one exception
 * for the one it asked for.  Here the inner scope was asked and ends with 0;
 * the outer cancellation stands.
 */
CLAIM(lessons, a_group_that_was_asked_to_stop_leaves_the_one_around_cancelled)
{
    struct nested n = {-1, 0};
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, ask_own_to_stop, &n);
    cr_expect_eq(gyre_yield(), 0);
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(n.inner, 0);
    cr_expect_eq(n.after, -ECANCELED);
}

/*
 * python/cpython#95289: a group in which somebody had caught the cancellation
 * left a count behind, and what came after it was cancelled for no reason.
 * Here there is no count: the cause goes with the scope.
 */
CLAIM(lessons, a_group_leaves_nothing_of_its_cancellation_behind)
{
    struct gyre_scope s;
    int err;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, fail_at_once, NULL);
    err = gyre_sleep(gyre_in(MS));
    cr_expect_eq(err, -ECANCELED);
    cr_expect_eq(gyre_scope_close(&s, 0), -EIO, "though its body ended well");
    cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
}

/* ---- tasks that vanished ---- */

/*
 * python/cpython#91887: a task that nobody keeps may be collected in the middle
 * of its work, for the loop refers to it weakly.  Here its scope has it.
 */
CLAIM(lessons, a_task_that_nobody_keeps_runs_to_its_end)
{
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, PLAY('a', MS, 0));
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("a");
}

/*
 * python/cpython#75633, python/asyncio#238: when one awaitable of gather fails
 * the others run on, and nobody waits for them.  Here they are cancelled, and
 * have ended when the failure is told.
 */
CLAIM(lessons, when_one_fails_the_others_do_not_run_on)
{
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, PLAY('a', 9 * MS, 0));
    gyre_spawn(&s, NULL, PLAY('b', MS, -EIO));
    cr_expect_eq(gyre_scope_close(&s, 0), -EIO);
    expect_notes("bA");
    cr_expect_eq(elapsed(), MS);
}

static intptr_t wait_shielded(void *arg)
{
    struct gyre_scope s;

    (void)arg;
    gyre_scope_open_shielded(&s, gyre_in(GYRE_SECOND));
    gyre_spawn(&s, NULL, PLAY('a', 5 * MS, -EIO));
    return gyre_scope_close(&s, 0);
}

/*
 * python/cpython#86802: the exception of a shielded task is never retrieved
 * when who awaited it was cancelled, for shield lets go of the task.  Here a
 * shield is waited for, and ends with the failure.
 */
CLAIM(lessons, the_failure_of_a_shielded_task_is_told_though_all_is_cancelled)
{
    struct gyre_future f;
    struct gyre_scope s;

    gyre_scope_open_tolerant(&s, GYRE_FOREVER);
    gyre_spawn(&s, &f, wait_shielded, NULL);
    cr_expect_eq(gyre_yield(), 0);
    gyre_scope_cancel(&s);
    (void)gyre_scope_close(&s, 0);
    cr_expect_eq(gyre_future_result(&f), -EIO);
    expect_notes("a");
}

/* ---- what was wished for ---- */

/*
 * python-trio/trio#410: stop accepting, and let the workers finish.  There a
 * nursery is cancelled whole.  Here one task can be asked to stop, and its
 * echo is no failure.
 */
CLAIM(lessons, one_task_can_be_cancelled_and_the_others_finish)
{
    struct gyre_future accepting;
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, &accepting, PLAY('a', GYRE_SECOND, 0));
    gyre_spawn(&s, NULL, PLAY('b', MS, 0));
    cr_expect_eq(gyre_yield(), 0);
    gyre_future_cancel(&accepting);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("Ab");
}

static intptr_t clean_up_slowly(void *arg)
{
    struct gyre_scope shield;
    int err = gyre_sleep(gyre_in(GYRE_SECOND));

    (void)arg;
    gyre_scope_open_shielded(&shield, gyre_in(3 * MS));
    (void)gyre_scope_close(&shield, gyre_sleep(gyre_in(GYRE_SECOND)));
    return err;
}

/*
 * agronholm/anyio and many a home-made shield: cleaning up after a cancellation
 * needs to wait, and what waits under a shield can wait for ever.  Here a
 * shield has a limit, or is not opened.
 */
CLAIM(lessons, cleaning_up_under_a_shield_takes_no_longer_than_it_said)
{
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, clean_up_slowly, NULL);
    cr_expect_eq(gyre_yield(), 0);
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(elapsed(), 3 * MS);
}

static intptr_t ignore_the_cancellation(void *arg)
{
    int failed = 0;

    (void)arg;
    for (int i = 0; i < 100; i++)
        failed += gyre_sleep(gyre_in(MS)) == -ECANCELED;
    return failed;
}

/*
 * python/cpython PR#26097: a coroutine that catches its cancellation and goes
 * on is not cancelled any more.  Here every wait fails, so it cannot hold up
 * the end by waiting.
 */
CLAIM(lessons, who_ignores_a_cancellation_gains_no_time)
{
    struct gyre_future f;
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, &f, ignore_the_cancellation, NULL);
    cr_expect_eq(gyre_yield(), 0);
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(gyre_future_result(&f), 100);
    cr_expect_eq(elapsed(), 0);
}

struct closing {
    struct gyre_event begun;
    intptr_t result;
};

static intptr_t await_next(void *arg)
{
    struct closing *c = arg;
    struct gyre_future f;
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, &f, PLAY('a', GYRE_SECOND, 0));
    gyre_event_set(&c->begun);
    c->result = gyre_await(&f, GYRE_FOREVER);
    return gyre_scope_close(&s, c->result);
}

/*
 * sustrik/libdill#215: a bundle that is closed while somebody waits for its
 * coroutines is used after it was freed.  Here the scope that is waited in is
 * the waiter's own, and cancelling from outside ends the wait before the scope.
 */
CLAIM(lessons, a_scope_that_is_waited_in_does_not_go_away)
{
    struct closing c = {.result = 0};
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, await_next, &c);
    cr_expect_eq(gyre_event_wait(&c.begun, GYRE_FOREVER), 0);
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(c.result, -ECANCELED);
    expect_notes("A");
}
