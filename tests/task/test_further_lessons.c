/*
 * test_further_lessons.c - what went wrong elsewhere, and does not here: when
 * two things happen at once, and how one waits for an end (see test_lessons.c).
 */
#include <errno.h>
#include <signal.h>

#include "loop/list.h"
#include "loop/timer.h"
#include "task/future.h"
#include "task/scope.h"
#include "task/sync/event.h"
#include "task/sync/semaphore.h"
#include "task/task.h"
#include "tests/task/world.h"

/* ---- two things at once ---- */

/* Sets a future at `at`; its timer is started by `start`, if that is set. */
struct setting {
    struct gyre_timer start, timer;
    struct gyre_future future;
    gyre_time at;
};

static void set(struct gyre_timer *t)
{
    gyre_future_set(&GYRE_OWNER(t, struct setting, timer)->future, 7);
}

static void start_setting(struct gyre_timer *t)
{
    struct setting *s = GYRE_OWNER(t, struct setting, start);

    gyre_timer_start(world->loop, &s->timer, s->at);
}

/*
 * micropython/micropython#5797, and a dozen like it: wait_for around a task
 * that ends just when time is up.  There the wait is a task of its own, which
 * throws an exception into the one that it waits for; and when that had ended
 * meanwhile, the exception hit whoever was next, or nobody.  Here a wait ends
 * once, by what came first, of timers the one started first; and that it ends
 * is nothing to what was waited for.
 */
CLAIM(further_lessons, what_comes_just_in_time_has_come)
{
    struct setting s = {.timer.fire = set, .at = gyre_in(MS)};

    gyre_timer_start(world->loop, &s.timer, s.at);
    cr_expect_eq(gyre_await(&s.future, s.at), 7);
}

CLAIM(further_lessons, what_comes_just_too_late_is_there_all_the_same)
{
    struct setting s = {
        .start.fire = start_setting, .timer.fire = set, .at = gyre_in(MS)};

    gyre_timer_start(world->loop, &s.start, gyre_in(MS / 2));
    cr_expect_eq(gyre_await(&s.future, s.at), -ETIMEDOUT);
    cr_expect(gyre_future_done(&s.future));
    cr_expect_eq(gyre_future_result(&s.future), 7);
}

static intptr_t fail_at_once(void *arg)
{
    (void)arg;
    return -EIO;
}

static intptr_t be_slow_about_a_failure(void *arg)
{
    struct gyre_scope s;
    intptr_t failure;
    int err;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, fail_at_once, NULL);
    failure = gyre_scope_close(&s, gyre_sleep(GYRE_FOREVER));
    err = gyre_sleep(gyre_in(9 * MS));
    *(intptr_t *)arg = failure;
    return err ? err : failure;
}

/*
 * python/cpython#133747: time was up while a failure of a group was being dealt
 * with, and that came out as a cancellation.  There the group counts the
 * cancellation that it sent to its own body, and had not taken that back.  Here
 * the limit is a scope's, which knows its own cause, and what was inside it has
 * left nothing.
 */
CLAIM(further_lessons, time_that_is_up_after_a_failure_is_told_as_that)
{
    intptr_t failure = 0;
    struct gyre_scope s;
    intptr_t r;

    gyre_scope_open(&s, gyre_in(2 * MS));
    r = be_slow_about_a_failure(&failure);
    cr_expect_eq(gyre_scope_close(&s, r), -ETIMEDOUT);
    cr_expect_eq(failure, -EIO);
    cr_expect_eq(elapsed(), 2 * MS);
}

static intptr_t cancel_own_group(void *arg)
{
    struct gyre_event never = {0};

    gyre_scope_cancel(arg);
    cr_expect_eq(gyre_event_wait(&never, GYRE_FOREVER), -ECANCELED);
    note('a');
    return 0;
}

/*
 * python/cpython#155418: an eager task that cancels its group before its first
 * wait is never cancelled, and the group hangs.  There the group cancels the
 * tasks in its list, and a task gets there when it has first waited.  Here it
 * hangs in the tree before it runs, and what is cancelled is the group.
 */
CLAIM(further_lessons, an_eager_task_that_cancels_its_group_is_of_it)
{
    static const struct gyre_spawn_options eager = {.eager = true};
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn_with(&s, NULL, cancel_own_group, &s, &eager);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("a");
}

/*
 * python-trio/trio#1175: a scope that was never cancelled swallowed the
 * cancellation of the one around it, when it was made a shield on the way out.
 * There an exception is on its way, and which scope it is for is found out when
 * it gets there.  Here a scope is opened as a shield or is none; one that is
 * opened to clean up leaves the others as they were.
 */
CLAIM(further_lessons, who_was_not_cancelled_swallows_nothing)
{
    struct gyre_scope outer, inner, shield;
    int err;

    gyre_scope_open(&outer, GYRE_FOREVER);
    gyre_scope_open(&inner, GYRE_FOREVER);
    gyre_scope_cancel(&outer);
    err = gyre_yield();
    cr_expect_eq(err, -ECANCELED);
    gyre_scope_open_shielded(&shield, gyre_in(MS));
    cr_expect_eq(gyre_yield(), 0);
    cr_expect_eq(gyre_scope_close(&shield, 0), 0);
    cr_expect_eq(gyre_scope_close(&inner, err), -ECANCELED);
    cr_expect_eq(gyre_yield(), -ECANCELED);
    cr_expect_eq(gyre_scope_close(&outer, err), 0);
}

/*
 * python-trio/trio#3291: a nursery that is cancelled, and whose parent is,
 * takes the exception for its own, and the parent goes on as if there were
 * none.  There the exception is all that tells it.  Here what a scope returns
 * is its own cause, and no more: the next wait in the parent fails, whichever
 * was first.
 */
CLAIM(further_lessons, who_is_cancelled_with_the_one_around_hides_nothing_of_it)
{
    for (int outer_first = 0; outer_first < 2; outer_first++) {
        struct gyre_scope outer, inner;
        int err;

        gyre_scope_open(&outer, GYRE_FOREVER);
        gyre_scope_open(&inner, GYRE_FOREVER);
        gyre_scope_cancel(outer_first ? &outer : &inner);
        gyre_scope_cancel(outer_first ? &inner : &outer);
        err = gyre_yield();
        cr_expect_eq(err, -ECANCELED);
        cr_expect_eq(gyre_scope_close(&inner, err),
                     outer_first ? -ECANCELED : 0);
        cr_expect_eq(gyre_yield(), -ECANCELED);
        cr_expect_eq(gyre_scope_close(&outer, 0), 0);
    }
}

static struct gyre_semaphore permits;

static intptr_t acquire(void *name)
{
    int err = gyre_semaphore_acquire(&permits, 1, GYRE_FOREVER);

    note(*(const char *)name);
    cr_expect_eq(err, 0);
    gyre_semaphore_release(&permits, 1);
    return gyre_yield();
}

/*
 * python/asyncio#270: two wait for a semaphore, one permit is released, and the
 * one who is woken for it is cancelled before he runs: the other waits for
 * ever.  There who is woken has nothing in his hands yet.  Here he has the
 * permit, and hears of the cancellation at his next wait.
 */
CLAIM(further_lessons, a_permit_is_not_lost_with_who_was_woken_for_it,
      .init = in_order)
{
    struct gyre_future first, second;
    struct gyre_scope s;

    permits = (struct gyre_semaphore){0};
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, &first, acquire, "a");
    gyre_spawn(&s, &second, acquire, "b");
    cr_expect_eq(gyre_yield(), 0);
    gyre_semaphore_release(&permits, 1);
    gyre_future_cancel(&first);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("ab");
    cr_expect_eq(gyre_future_result(&first), -ECANCELED);
    cr_expect_eq(gyre_semaphore_available(&permits), 1);
}

/* ---- ends, and waiting for them ---- */

static intptr_t sleep_twice(void *arg)
{
    int *errs = arg;

    errs[0] = gyre_sleep(gyre_in(2 * GYRE_SECOND));
    errs[1] = gyre_sleep(gyre_in(2 * GYRE_SECOND));
    return errs[1];
}

/*
 * swoole/swoole-src#4326: to cancel a coroutine ended the one call that it was
 * in, and it went on to the next.  There that is a message to the call.  Here
 * it is what the task is from then on.
 */
CLAIM(further_lessons, all_waits_of_who_is_cancelled_fail)
{
    struct gyre_future f;
    struct gyre_scope s;
    int errs[2] = {0, 0};

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, &f, sleep_twice, errs);
    cr_expect_eq(gyre_yield(), 0);
    gyre_future_cancel(&f);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect(errs[0] == -ECANCELED && errs[1] == -ECANCELED);
    cr_expect_eq(elapsed(), 0);
}

/*
 * python-trio/trio#147: let those who are at it finish, but only for so long.
 * There a cancellation is at once, and a grace period is every worker's own
 * affair.  Here a scope's limit can be set when it is time to stop.
 */
CLAIM(further_lessons, workers_may_finish_within_a_grace_period)
{
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, PLAY('a', 2 * MS, 0));
    gyre_spawn(&s, NULL, PLAY('b', GYRE_SECOND, 0));
    gyre_scope_limit(&s, gyre_in(3 * MS));
    cr_expect_eq(gyre_scope_close(&s, 0), -ETIMEDOUT);
    expect_notes("aB");
    cr_expect_eq(elapsed(), 3 * MS);
}

static intptr_t clean_up_slowly(void *arg)
{
    int err = gyre_sleep(GYRE_FOREVER);
    struct gyre_scope shield;

    (void)arg;
    gyre_scope_open_shielded(&shield, gyre_in(GYRE_SECOND));
    (void)gyre_scope_close(&shield, gyre_sleep(gyre_in(3 * MS)));
    note('.');
    return err;
}

/*
 * python-trio/trio#658: to cancel something and wait until it has ended.  There
 * what is cancelled has no handle to wait for, so that it takes a wrapper and
 * an event.  Here the future is that, and its siblings go on.
 */
CLAIM(further_lessons, who_cancels_a_task_can_wait_for_its_end)
{
    struct gyre_future f;
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, PLAY('a', 5 * MS, 0));
    gyre_spawn(&s, &f, clean_up_slowly, NULL);
    cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
    gyre_future_cancel(&f);
    cr_expect_eq(gyre_await(&f, GYRE_FOREVER), -ECANCELED);
    cr_expect_eq(elapsed(), 4 * MS);
    expect_notes(".");
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("a");
}

/* ... and the other wish there: who cancels what he himself is in goes on to
   his next wait, and that fails at once. */
CLAIM(further_lessons, who_cancels_himself_is_told_at_his_next_wait)
{
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_scope_close(&s, gyre_sleep(GYRE_FOREVER)), 0);
    cr_expect_eq(elapsed(), 0);
}

/*
 * sustrik/libdill#178: there is no plain way to wait for coroutines that were
 * started: it takes a bundle, or a channel for each.  Here they are always in a
 * scope, and a scope can be waited for, also to go on using it.
 */
CLAIM(further_lessons, what_was_spawned_can_be_waited_for)
{
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, PLAY('a', 2 * MS, 0));
    gyre_spawn(&s, NULL, PLAY('b', MS, 0));
    cr_expect_eq(gyre_scope_wait(&s, GYRE_FOREVER), 0);
    expect_notes("ba");
    gyre_spawn(&s, NULL, PLAY('c', MS, 0));
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("c");
}

/* ---- futures that are set, and that are cancelled ---- */

static intptr_t await_it(void *future)
{
    return gyre_await(future, GYRE_FOREVER);
}

/*
 * asyncio's InvalidStateError, which set_result raises when the future has been
 * cancelled: by whoever awaited it, for to cancel a task is to cancel what it
 * waits for, and who sets it has to ask first.  Here to await is not to own:
 * who is cancelled leaves, and the result may come.
 */
CLAIM(further_lessons, a_result_may_come_when_its_waiter_was_cancelled)
{
    struct gyre_future result, waiter;
    struct gyre_scope s;

    gyre_future_init(&result);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, &waiter, await_it, &result);
    let_others_run();
    gyre_future_cancel(&waiter);
    cr_expect_eq(gyre_await(&waiter, GYRE_FOREVER), -ECANCELED);
    gyre_future_set(&result, 7);
    cr_expect_eq(gyre_future_result(&result), 7);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

/*
 * ... and to set one that is set already is a mistake here as well
 * (future/is_set_once), of which no error tells, as whoever read the first
 * result has been lied to; and so is to read one that is not there.
 */
#ifndef NDEBUG
static void read_unset(void)
{
    struct gyre_future f = {0};

    (void)gyre_future_result(&f);
}

Test(further_lessons, to_read_what_is_not_there_aborts, .signal = SIGABRT)
{
    hold_in_task(read_unset);
}
#endif
