/*
 * test_children.c - the claims of scope.h about tasks in scopes.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loop/job.h"
#include "loop/result.h"
#include "task/scope.h"
#include "task/task.h"
#include "tests/support/faults.h"
#include "tests/task/world.h"

/* ---- spawning ---- */

CLAIM(children, run_in_the_next_pass_in_order_of_spawning, .init = in_order)
{
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, PLAY('a', 0, 0));
    gyre_spawn(&s, NULL, PLAY('b', 0, 0));
    gyre_spawn(&s, NULL, PLAY('c', 0, 0));
    note('o');
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("oabc");
}

static intptr_t own(void *arg)
{
    int err;

    note('o');
    err = gyre_yield();
    free(arg);
    return err;
}

CLAIM(children, always_run_to_their_first_cancel_point)
{
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_NOW);
    gyre_spawn(&s, NULL, own, malloc(1));
    cr_expect_eq(gyre_scope_close(&s, 0), -ETIMEDOUT);
    expect_notes("o");
}

/* Has no future, and its spawner is gone before it begins. */
static intptr_t spawn_and_go(void *scope)
{
    static struct part kept = {'k', MS, 0};

    gyre_spawn(scope, NULL, play, &kept);
    return 0;
}

CLAIM(children, that_nobody_holds_are_kept_by_their_scope)
{
    struct gyre_future gone;
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, &gone, spawn_and_go, &s);
    cr_expect_eq(gyre_await(&gone, GYRE_FOREVER), 0);
    cr_expect_eq(gyre_scope_children(&s), 1);
    expect_notes("");
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("k");
}

struct spawner {
    struct gyre_job job;
    struct part part;
    struct gyre_scope *scope;
    struct gyre_future done;
};

static void spawn(struct gyre_job *j)
{
    struct spawner *s = GYRE_OWNER(j, struct spawner, job);

    gyre_spawn(s->scope, &s->done, play, &s->part);
}

CLAIM(children, can_be_spawned_by_callbacks)
{
    struct gyre_scope s;
    struct spawner spawner = {
        .job.run = spawn, .part = {'c', 0, 7}, .scope = &s};

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, PLAY('t', MS, 0));
    gyre_job_start(world->loop, &spawner.job);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("ct");
}

/* A child that bears children of its parent's scope, which is closing. */
static intptr_t multiply(void *scope)
{
    static int left = 5;
    int err = gyre_sleep(gyre_in(MS));

    if (err == 0 && left-- > 0)
        gyre_spawn(scope, NULL, multiply, scope);
    note('m');
    return err;
}

CLAIM(children, can_be_spawned_by_their_siblings_while_the_scope_closes)
{
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, multiply, &s);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("mmmmmm");
    cr_expect_eq(elapsed(), 6 * MS);
}

static intptr_t spawn_elsewhere(void *scope)
{
    static struct part part = {'e', 2 * MS, -EIO};

    gyre_spawn(scope, NULL, play, &part);
    return 0;
}

/* The scope a task is in is the one that was named, not that of its maker. */
CLAIM(children, belong_to_the_scope_they_were_spawned_in)
{
    struct gyre_scope outer, inner;

    gyre_scope_open_tolerant(&outer, GYRE_FOREVER);
    gyre_scope_open(&inner, GYRE_FOREVER);
    gyre_spawn(&inner, NULL, spawn_elsewhere, &outer);
    cr_expect_eq(gyre_scope_close(&inner, 0), 0);
    cr_expect_eq(gyre_scope_children(&outer), 1);
    cr_expect_eq(world->failures, 0);
    cr_expect_eq(gyre_scope_close(&outer, 0), 0);
    cr_expect_eq(world->failures, 1);
}

/* ---- no stack to be had ---- */

/* Spawn until there is no stack; how many were spawned before. */
static int exhaust(struct gyre_scope *s, struct gyre_future *failed)
{
    int n = 0;

    faults_in_mapping(true);
    while (gyre_spawn(s, failed, nap, (void *)(intptr_t)MS) == 0) {
        if (failed != NULL)
            gyre_future_drop(failed);
        n++;
    }
    faults_in_mapping(false);
    return n;
}

CLAIM(children, that_get_no_stack_fail_their_future_and_their_scope)
{
    struct gyre_future f, *done;
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    cr_expect_gt(exhaust(&s, &f), 0);
    cr_expect(gyre_future_done(&f));
    cr_expect_eq(gyre_future_result(&f), -ENOMEM);
    cr_expect(gyre_scope_cancelled(&s));
    cr_expect_eq(gyre_scope_close(&s, 0), -ENOMEM);
    cr_expect_eq(elapsed(), 0);

    gyre_scope_open_tolerant(&s, GYRE_FOREVER);
    cr_expect_gt(exhaust(&s, &f), 0);
    cr_expect_eq(gyre_future_result(&f), -ENOMEM);
    cr_expect(!gyre_scope_cancelled(&s));
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(elapsed(), MS);
    cr_expect_eq(world->failures, 0, "it was read");

    gyre_scope_open_tolerant(&s, GYRE_FOREVER);
    exhaust(&s, &f);
    cr_expect_eq(gyre_scope_next(&s, &done, GYRE_FOREVER), 0);
    cr_expect_eq(done, &f);
    exhaust(&s, &f);
    exhaust(&s, NULL);
    cr_expect_eq(world->failures, 1, "nobody else would tell");
    cr_expect_eq(world->failure, -ENOMEM);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(world->failures, 2, "nobody read it");

    gyre_scope_open(&s, GYRE_FOREVER);
    faults_in_mapping(true);
    gyre_spawn(&s, &f, PLAY('t', 0, 7)); /* on one that was used before */
    faults_in_mapping(false);
    cr_expect_eq(gyre_await(&f, GYRE_FOREVER), 7);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

/* ---- failing ---- */

CLAIM(children, that_fail_cancel_their_siblings_future_or_not)
{
    struct gyre_future f;

    for (int i = 0; i < 2; i++) {
        struct gyre_scope s;

        gyre_scope_open(&s, GYRE_FOREVER);
        gyre_spawn(&s, NULL, PLAY('s', GYRE_SECOND, 0));
        gyre_spawn(&s, i ? &f : NULL, PLAY('f', MS, -EIO));
        cr_expect_eq(gyre_scope_close(&s, 0), -EIO);
        expect_notes("fS");
        cr_expect_eq(world->failures, 0, "it is the scope's");
    }
    cr_expect_eq(gyre_future_result(&f), -EIO);
}

/* The echo of a cancellation is no failure, whether the task was told or
   not. */
static intptr_t pass_on(void *arg)
{
    (void)arg;
    return -ECANCELED;
}

CLAIM(children, that_echo_the_cancellation_of_their_scope_have_not_failed)
{
    struct gyre_scope s;

    gyre_scope_open_tolerant(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, pass_on, NULL);
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(world->failures, 0);
}

static struct gyre_future *failing;

static intptr_t await_failing(void *arg)
{
    (void)arg;
    cr_expect_eq(gyre_await(failing, GYRE_FOREVER), -EIO,
                 "and not that it is cancelled");
    cr_expect_eq(gyre_yield(), -ECANCELED);
    return 0;
}

CLAIM(children, that_fail_give_their_result_before_they_cancel_who_awaits_it)
{
    struct gyre_future f;
    struct gyre_scope s;

    failing = &f;
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, &f, PLAY(0, MS, -EIO));
    gyre_spawn(&s, NULL, await_failing, NULL);
    cr_expect_eq(gyre_scope_close(&s, 0), -EIO);
}

/* A supervisor: what fails is spawned again, also while its scope is
   closing. */
static struct gyre_scope *supervised;

static void spawn_again(struct gyre_failure_hook *h, const char *what, int err)
{
    static struct part again = {'a', MS, 0};

    (void)h, (void)what, (void)err;
    gyre_spawn(supervised, NULL, play, &again);
}

static void supervise(void (*failed)(struct gyre_failure_hook *h,
                                     const char *what, int err))
{
    struct gyre_failure_hook hook = {.failed = failed};
    struct gyre_future f;
    struct gyre_scope s;

    supervised = &s;
    gyre_loop_on_failure(gyre_loop_current(), &hook);
    gyre_scope_open_tolerant(&s, GYRE_FOREVER);
    gyre_spawn(&s, &f, PLAY('f', MS, -EIO));
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("fa");
    gyre_loop_on_failure(gyre_loop_current(), &world->hook);
}

CLAIM(children, spawned_by_the_failure_hook_are_joined_too)
{
    supervise(spawn_again);
}

/* It should not, but that must not hurt. */
static void spawn_and_park(struct gyre_failure_hook *h, const char *what,
                           int err)
{
    gyre_time until = gyre_in(5 * MS);

    spawn_again(h, what, err);
    cr_expect_eq(gyre_sleep(until), 0);
    cr_expect_geq(gyre_in(0), until);
}

CLAIM(children, that_end_while_the_failure_hook_parks_do_not_wake_it)
{
    supervise(spawn_and_park);
}

static intptr_t await_next(void *s)
{
    struct gyre_future *done;

    return gyre_scope_next(s, &done, GYRE_FOREVER);
}

CLAIM(children, that_ask_for_the_next_do_not_wait_for_themselves)
{
    struct gyre_future asker, other;
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, &asker, await_next, &s);
    cr_expect_eq(gyre_await(&asker, GYRE_FOREVER), -ECHILD);
    gyre_scope_close(&s, 0);

    gyre_scope_open_tolerant(&s, GYRE_FOREVER);
    gyre_spawn(&s, &other, PLAY(0, MS, 7));
    gyre_spawn(&s, &asker, await_next, &s);
    cr_expect_eq(gyre_await(&other, GYRE_FOREVER), 7);
    cr_expect_eq(gyre_await(&asker, GYRE_FOREVER), -ECHILD);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

/* Of a task that was cancelled for another reason the echo is a failure. */
static intptr_t await_it(void *f)
{
    return gyre_await(f, GYRE_FOREVER);
}

CLAIM(children, that_pass_on_a_cancellation_from_elsewhere_have_failed)
{
    struct gyre_future f;
    struct gyre_scope around, s;

    gyre_scope_open(&around, GYRE_FOREVER);
    gyre_spawn(&around, &f, PLAY(0, GYRE_SECOND, 0));
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, await_it, &f);
    let_others_run();
    gyre_future_cancel(&f);
    cr_expect_eq(gyre_scope_close(&s, 0), -ECANCELED);
    cr_expect_eq(gyre_scope_close(&around, 0), 0);
}

CLAIM(children, of_a_tolerant_scope_fail_on_their_own)
{
    struct gyre_future read, unread, fine;
    struct gyre_scope s;

    gyre_scope_open_tolerant(&s, GYRE_FOREVER);
    gyre_spawn(&s, &read, PLAY(0, 0, -EPROTO));
    gyre_spawn_with(&s, &unread, PLAY(0, 0, -EIO),
                    &(struct gyre_spawn_options){.name = "ann"});
    gyre_spawn(&s, &fine, PLAY('f', 2 * MS, 7));
    cr_expect_eq(gyre_await(&read, GYRE_FOREVER), -EPROTO);
    cr_expect_eq(world->failures, 0);
    gyre_spawn_with(&s, NULL, PLAY(0, 0, -ENOSPC),
                    &(struct gyre_spawn_options){.name = "bob"});
    cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
    cr_expect_eq(world->failures, 1,
                 "it has no future, so nobody will read it");
    cr_expect_eq(world->failure, -ENOSPC);
    cr_expect_str_eq(world->failed, "bob");
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(world->failures, 2, "nobody has read it");
    cr_expect_eq(world->failure, -EIO);
    cr_expect_str_eq(world->failed, "ann");
    cr_expect_eq(gyre_future_result(&fine), 7);
    expect_notes("f");
}

CLAIM(children, that_were_told_to_stop_raise_no_alarm)
{
    struct gyre_future f;
    struct gyre_scope s;

    gyre_scope_open_tolerant(&s, gyre_in(MS));
    gyre_spawn(&s, &f, PLAY('a', GYRE_SECOND, 0));
    gyre_spawn(&s, NULL, PLAY('b', GYRE_SECOND, 0));
    cr_expect_eq(gyre_scope_close(&s, 0), -ETIMEDOUT);
    cr_expect_eq(world->failures, 0);

    gyre_scope_open_tolerant(&s, GYRE_FOREVER);
    gyre_spawn(&s, &f, PLAY('a', GYRE_SECOND, 0));
    let_others_run();
    gyre_future_cancel(&f);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(world->failures, 0);
}

/* ---- the next to end ---- */

CLAIM(children, come_in_order_of_ending_each_once, .init = in_order)
{
    static const gyre_time span[] = {3 * MS, MS, 2 * MS, MS};
    static const int order[] = {1, 3, 2, 0};
    struct part part[4];
    struct gyre_future f[4], *done;
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    for (int i = 0; i < 4; i++) {
        part[i] = (struct part){'\0', span[i], i};
        gyre_spawn(&s, &f[i], play, &part[i]);
    }
    gyre_spawn(&s, NULL, nap, (void *)(intptr_t)MS);
    for (int i = 0; i < 4; i++) {
        cr_expect_eq(gyre_scope_next(&s, &done, GYRE_FOREVER), 0);
        cr_expect_eq(done, &f[order[i]]);
        cr_expect_eq(gyre_future_result(done), order[i]);
    }
    for (int i = 0; i < 2; i++)
        cr_expect_eq(gyre_scope_next(&s, &done, GYRE_FOREVER), -ECHILD);
    cr_expect_eq(elapsed(), 3 * MS);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

CLAIM(children, that_ended_before_they_were_asked_for_are_kept)
{
    struct gyre_future a, b, *done;
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, &a, PLAY(0, 2 * MS, 1));
    gyre_spawn(&s, &b, PLAY(0, MS, 2));
    cr_expect_eq(gyre_sleep(gyre_in(5 * MS)), 0);
    cr_expect_eq(gyre_scope_next(&s, &done, GYRE_NOW), 0);
    cr_expect_eq(done, &b);
    cr_expect_eq(gyre_scope_next(&s, &done, GYRE_NOW), 0);
    cr_expect_eq(done, &a);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

CLAIM(children, are_waited_for_no_longer_than_the_deadline)
{
    struct gyre_future f, *done;
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, &f, PLAY(0, 3 * MS, 1));
    cr_expect_eq(gyre_scope_next(&s, &done, GYRE_NOW), -ETIMEDOUT);
    cr_expect_eq(gyre_scope_next(&s, &done, gyre_in(MS)), -ETIMEDOUT);
    cr_expect_eq(elapsed(), MS);
    cr_expect_eq(gyre_scope_next(&s, &done, GYRE_FOREVER), 0);
    cr_expect_eq(elapsed(), 3 * MS);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

CLAIM(children, whose_result_was_read_are_not_given_again)
{
    struct gyre_future a, b, *done;
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, &a, PLAY(0, MS, 1));
    gyre_spawn(&s, &b, PLAY(0, 2 * MS, 2));
    cr_expect_eq(gyre_await(&a, GYRE_FOREVER), 1);
    cr_expect_eq(gyre_scope_next(&s, &done, GYRE_FOREVER), 0);
    cr_expect_eq(done, &b);
    cr_expect_eq(gyre_scope_next(&s, &done, GYRE_FOREVER), -ECHILD);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

/* There is none left to come, once the result of the last is read by
   another. */
CLAIM(children, whose_result_goes_to_another_are_not_waited_for)
{
    struct gyre_future f, *done;
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, &f, PLAY(0, MS, 1));
    gyre_spawn(&s, NULL, await_it, &f);
    cr_expect_eq(gyre_scope_next(&s, &done, GYRE_FOREVER), -ECHILD);
    cr_expect_eq(elapsed(), MS);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

struct next {
    struct gyre_scope *scope;
    int err;
    struct gyre_future *done;
};

static intptr_t ask_for_next(void *arg)
{
    struct next *n = arg;

    n->err = gyre_scope_next(n->scope, &n->done, GYRE_FOREVER);
    note('n');
    return 0;
}

CLAIM(children, are_waited_for_by_one_at_a_time, .init = in_order)
{
    struct gyre_future f, *done;
    struct gyre_scope s;
    struct next n = {.scope = &s};

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, &f, PLAY(0, MS, 1));
    gyre_spawn(&s, NULL, ask_for_next, &n);
    let_others_run();
    cr_expect_eq(gyre_scope_next(&s, &done, GYRE_FOREVER), -EBUSY);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(n.err, 0);
    cr_expect_eq(n.done, &f);
}

CLAIM(children, that_get_no_stack_are_given_to_who_waits_for_the_next)
{
    struct gyre_future slow, f;
    struct gyre_scope s;
    struct next n = {.scope = &s};

    gyre_scope_open_tolerant(&s, GYRE_FOREVER);
    gyre_spawn(&s, &slow, PLAY('s', 5 * MS, 1));
    gyre_spawn(&s, NULL, ask_for_next, &n);
    let_others_run();
    faults_in_mapping(true);
    while (gyre_spawn(&s, NULL, nap, (void *)(intptr_t)MS) == 0)
        continue;
    cr_expect_eq(gyre_spawn(&s, &f, nap, NULL), -ENOMEM);
    faults_in_mapping(false);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("ns");
    cr_expect_eq(n.err, 0);
    cr_expect_eq(n.done, &f);
}

CLAIM(children, that_are_dropped_are_not_waited_for)
{
    struct gyre_future a, b;
    struct gyre_scope s;
    struct next n = {.scope = &s};

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, &a, PLAY(0, MS, 1));
    gyre_spawn(&s, &b, PLAY(0, 2 * MS, 1));
    gyre_spawn(&s, NULL, ask_for_next, &n);
    let_others_run();
    gyre_future_drop(&b);
    let_others_run();
    expect_notes("");
    gyre_future_drop(&a);
    let_others_run();
    expect_notes("n");
    cr_expect_eq(n.err, -ECHILD);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(elapsed(), 2 * MS);
}

/* The waiter is woken for `a`; before it runs, `a` is gone. */
CLAIM(children, that_go_between_the_wake_and_the_waiter_are_not_given,
      .init = in_order)
{
    struct gyre_future *a = malloc(sizeof *a), b;
    struct gyre_scope s;
    struct next n = {.scope = &s};

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, ask_for_next, &n);
    gyre_spawn(&s, &b, PLAY(0, MS, 2));
    gyre_spawn(&s, a, PLAY(0, 0, 1));
    cr_expect_eq(gyre_yield(), 0);
    cr_expect(gyre_future_done(a));
    expect_notes("");
    gyre_future_drop(a);
    memset(a, 0xff, sizeof *a);
    free(a);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(n.err, 0);
    cr_expect_eq(n.done, &b);
}

/* Woken for a child, then cancelled: it has the child, and the cancellation is
   for the next cancel point. */
static intptr_t take_next_and_sleep(void *arg)
{
    struct next *n = arg;

    ask_for_next(n);
    note(gyre_sleep(GYRE_FOREVER) == -ECANCELED ? 'C' : 's');
    return 0;
}

CLAIM(children, that_were_handed_over_are_not_lost_to_a_cancellation,
      .init = in_order)
{
    struct gyre_future f;
    struct gyre_scope s;
    struct next n = {.scope = &s};

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, take_next_and_sleep, &n);
    gyre_spawn(&s, &f, PLAY(0, 0, 1));
    let_others_run();
    cr_expect(gyre_future_done(&f));
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("nC");
    cr_expect_eq(n.err, 0);
    cr_expect_eq(n.done, &f);
}

CLAIM(children, a_race_is_won_by_the_first_good_answer)
{
    struct gyre_future f[3], *done;
    struct gyre_scope s;
    intptr_t won = -ECHILD;

    gyre_scope_open_tolerant(&s, GYRE_FOREVER);
    gyre_spawn(&s, &f[0], PLAY('a', MS, -EIO));
    gyre_spawn(&s, &f[1], PLAY('b', 2 * MS, 42));
    gyre_spawn(&s, &f[2], PLAY('c', 3 * MS, 43));
    while (gyre_is_error(won) && gyre_scope_next(&s, &done, GYRE_FOREVER) == 0)
        won = gyre_future_result(done);
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_scope_close(&s, won), 42);
    cr_expect_eq(done, &f[1]);
    expect_notes("abC");
    cr_expect_eq(elapsed(), 2 * MS);
    cr_expect_eq(world->failures, 0);
}

/* ---- many ---- */

static int ended;

static intptr_t free_and_end(void *arg)
{
    int err = gyre_yield();

    free(arg);
    ended++;
    return err;
}

CLAIM(children, by_the_ten_thousand_free_themselves_as_they_end)
{
    struct gyre_scope s;

    gyre_scope_open_tolerant(&s, GYRE_FOREVER);
    for (int i = 0; i < 10000; i++)
        gyre_spawn(&s, NULL, free_and_end, malloc(1));
    cr_expect_eq(gyre_scope_children(&s), 10000);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(ended, 10000);
}
