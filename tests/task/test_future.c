/*
 * test_future.c - the claims of future.h.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loop/job.h"
#include "loop/result.h"
#include "task/future.h"
#include "task/scope.h"
#include "task/sync/select.h"
#include "task/task.h"
#include "tests/support/faults.h"
#include "tests/task/world.h"

/* Awaits, writes down the name, and returns what came. */
struct waiter {
    char name;
    struct gyre_future *future;
    gyre_time deadline;
    intptr_t result;
};

static intptr_t wait_for(void *arg)
{
    struct waiter *w = arg;

    w->result = gyre_await(w->future, w->deadline);
    note(w->name);
    return 0;
}

CLAIM(future, gives_every_waiter_the_result_in_order_of_arrival,
      .init = in_order)
{
    struct gyre_future f;
    struct waiter w[3];
    struct gyre_scope s;

    gyre_future_init(&f);
    gyre_scope_open(&s, GYRE_FOREVER);
    for (int i = 0; i < 3; i++) {
        w[i] = (struct waiter){(char)('a' + i), &f, GYRE_FOREVER, 0};
        gyre_spawn(&s, NULL, wait_for, &w[i]);
    }
    let_others_run();
    cr_expect(!gyre_future_done(&f));
    gyre_future_set(&f, 42);
    cr_expect(gyre_future_done(&f));
    expect_notes("");
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("abc");
    for (int i = 0; i < 3; i++)
        cr_expect_eq(w[i].result, 42);
}

CLAIM(future, can_be_awaited_after_it_is_done_any_number_of_times)
{
    struct gyre_future f;

    gyre_future_init(&f);
    gyre_future_set(&f, -EIO);
    for (int i = 0; i < 3; i++) {
        cr_expect_eq(gyre_await(&f, GYRE_FOREVER), -EIO);
        cr_expect_eq(gyre_await(&f, GYRE_NOW), -EIO);
        cr_expect_eq(gyre_future_result(&f), -EIO);
    }
}

CLAIM(future, a_wait_that_ends_early_leaves_the_future_and_its_task_alone)
{
    struct gyre_future f;
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, &f, PLAY('t', 3 * MS, 7));
    cr_expect_eq(gyre_await(&f, GYRE_NOW), -ETIMEDOUT);
    cr_expect_eq(gyre_await(&f, gyre_in(MS)), -ETIMEDOUT);
    cr_expect(!gyre_future_done(&f));
    cr_expect_eq(gyre_await(&f, GYRE_FOREVER), 7);
    cr_expect_eq(elapsed(), 3 * MS);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("t");
}

CLAIM(future, in_a_cancelled_scope_can_be_read_but_not_awaited)
{
    struct gyre_future f;
    struct gyre_scope s;

    gyre_future_init(&f);
    gyre_future_set(&f, 7);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_await(&f, GYRE_FOREVER), -ECANCELED);
    cr_expect(gyre_future_done(&f));
    cr_expect_eq(gyre_future_result(&f), 7);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

CLAIM(future, can_be_read_after_the_scope_of_its_task_was_closed)
{
    struct gyre_future f;
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, &f, PLAY(0, MS, 7));
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect(gyre_future_done(&f));
    cr_expect_eq(gyre_future_result(&f), 7);
    cr_expect_eq(gyre_await(&f, GYRE_FOREVER), 7);
}

/* One wait ends, the others of the same future do not. */
CLAIM(future, waiters_come_and_go_on_their_own)
{
    struct gyre_future f, second;
    struct gyre_scope s;
    struct waiter a = {'a', &f, GYRE_FOREVER, 0};
    struct waiter b = {'b', &f, GYRE_FOREVER, 0};
    struct waiter c = {'c', &f, gyre_in(MS), 0};

    gyre_future_init(&f);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, wait_for, &a);
    gyre_spawn(&s, &second, wait_for, &b);
    gyre_spawn(&s, NULL, wait_for, &c);
    let_others_run();
    gyre_future_cancel(&second);
    cr_expect_eq(gyre_sleep(gyre_in(2 * MS)), 0);
    expect_notes("bc");
    gyre_future_set(&f, 1);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(a.result, 1);
    cr_expect_eq(b.result, -ECANCELED);
    cr_expect_eq(c.result, -ETIMEDOUT);
}

static intptr_t sleep_until(void *until)
{
    return gyre_sleep(*(gyre_time *)until) == 0 ? 42 : -1;
}

/* The wait ends first; when the waiter's turn comes the task has ended too. */
CLAIM(future, that_is_done_when_its_wait_has_just_ended_is_still_to_be_read,
      .init = in_order)
{
    gyre_time until = gyre_in(MS);
    struct gyre_future f;
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, &f, sleep_until, &until);
    let_others_run();
    cr_expect_eq(gyre_await(&f, until), -ETIMEDOUT);
    cr_expect(gyre_future_done(&f));
    cr_expect_eq(gyre_future_result(&f), 42);
    memset(&f, 0xff, sizeof f);
    cr_expect_eq(gyre_scope_close(&s, 0), 0, "nothing will touch it");
}

/* ---- cancelling a task by its future ---- */

CLAIM(future, cancelled_stops_its_task_and_no_other)
{
    struct gyre_future f;
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, &f, PLAY('f', GYRE_SECOND, 0));
    gyre_spawn(&s, NULL, PLAY('o', MS, 0));
    let_others_run();
    gyre_future_cancel(&f);
    cr_expect(!gyre_future_done(&f), "it does not wait");
    cr_expect_eq(gyre_await(&f, GYRE_FOREVER), -ECANCELED);
    cr_expect_eq(gyre_scope_close(&s, 0), 0, "its echo is no failure");
    expect_notes("Fo");
    cr_expect_eq(elapsed(), MS);
}

CLAIM(future, cancelled_before_its_task_has_run_still_runs_it)
{
    struct gyre_future f;
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, &f, PLAY('f', MS, 0));
    gyre_future_cancel(&f);
    gyre_future_cancel(&f);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("F");
}

CLAIM(future, cancelled_when_it_is_done_or_nobodys_is_not_touched)
{
    struct gyre_future f, mine;
    struct gyre_scope s;

    gyre_future_init(&mine);
    gyre_future_cancel(&mine);
    cr_expect(!gyre_future_done(&mine));
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, &f, PLAY(0, 0, 7));
    cr_expect_eq(gyre_await(&f, GYRE_FOREVER), 7);
    gyre_future_cancel(&f);
    cr_expect_eq(gyre_await(&f, GYRE_FOREVER), 7);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

static intptr_t fail_when_cancelled(void *arg)
{
    (void)arg;
    return gyre_sleep(GYRE_FOREVER) == -ECANCELED ? -EIO : 0;
}

CLAIM(future, a_cancelled_task_may_still_fail)
{
    struct gyre_future f;
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, &f, fail_when_cancelled, NULL);
    let_others_run();
    gyre_future_cancel(&f);
    cr_expect_eq(gyre_scope_close(&s, 0), -EIO);
}

/* The task checks something else than a cancel point, and gives up by
   itself. */
static intptr_t give_up(void *arg)
{
    (void)arg;
    return -ECANCELED;
}

CLAIM(future, the_echo_of_a_cancellation_that_was_asked_for_need_not_be_told)
{
    struct gyre_future f;
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, &f, give_up, NULL);
    gyre_future_cancel(&f);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, &f, give_up, NULL);
    cr_expect_eq(gyre_scope_close(&s, 0), -ECANCELED, "nobody asked");
}

/* ---- letting go ---- */

CLAIM(future, dropped_is_not_touched_again)
{
    struct gyre_future *f = malloc(sizeof *f);
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, f, PLAY('t', MS, 7));
    gyre_future_drop(f);
    free(f);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("t");
}

CLAIM(future, dropped_leaves_its_task_as_one_without_a_future)
{
    struct gyre_future f;
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, &f, PLAY(0, MS, -EIO));
    gyre_future_drop(&f);
    gyre_future_cancel(&f);
    cr_expect_eq(gyre_scope_close(&s, 0), -EIO);
    cr_expect(!gyre_future_done(&f));

    gyre_scope_open_tolerant(&s, GYRE_FOREVER);
    gyre_spawn(&s, &f, PLAY(0, MS, -EIO));
    gyre_future_drop(&f);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(world->failures, 1);
}

CLAIM(future, dropped_when_done_is_forgotten_by_the_scope)
{
    struct gyre_future *f = malloc(sizeof *f), *next;
    struct gyre_scope s;

    gyre_scope_open_tolerant(&s, GYRE_FOREVER);
    gyre_spawn(&s, f, PLAY(0, 0, -EIO));
    let_others_run();
    cr_expect(gyre_future_done(f));
    gyre_future_drop(f);
    free(f);
    cr_expect_eq(gyre_scope_next(&s, &next, GYRE_FOREVER), -ECHILD);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(world->failures, 0);
}

/* The frames of these helpers are gone, and used by others, when tasks end. */
static intptr_t spawn_and_await(struct gyre_scope *s)
{
    struct gyre_future f;

    gyre_spawn(s, &f, PLAY(0, MS, 7));
    return gyre_await(&f, GYRE_FOREVER);
}

static intptr_t spawn_and_read(struct gyre_scope *s)
{
    struct gyre_future f;

    gyre_spawn(s, &f, PLAY(0, 0, 8));
    let_others_run();
    return gyre_future_result(&f);
}

CLAIM(future, may_leave_its_frame_when_its_result_was_read)
{
    struct gyre_future *next;
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    for (int i = 0; i < 3; i++) {
        cr_expect_eq(spawn_and_await(&s), 7);
        cr_expect_eq(spawn_and_read(&s), 8);
    }
    cr_expect_eq(gyre_scope_next(&s, &next, GYRE_FOREVER), -ECHILD);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

CLAIM(future, can_be_used_again_once_it_was_read)
{
    struct gyre_future f;
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    for (intptr_t i = 0; i < 100; i++) {
        gyre_spawn(&s, &f, PLAY(0, 0, i));
        cr_expect_eq(gyre_await(&f, GYRE_FOREVER), i);
    }
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

/* ---- set by callbacks ---- */

struct setter {
    struct gyre_job job;
    struct gyre_future *future;
};

static void set(struct gyre_job *j)
{
    gyre_future_set(GYRE_OWNER(j, struct setter, job)->future, 9);
}

CLAIM(future, can_be_set_by_a_callback)
{
    struct gyre_future f;
    struct setter setter = {.job.run = set, .future = &f};

    gyre_future_init(&f);
    gyre_job_start(world->loop, &setter.job);
    cr_expect_eq(gyre_await(&f, GYRE_FOREVER), 9);
}

/* ---- set by other threads ---- */

enum { THREADS = 8 };

static void *set_remotely(void *arg)
{
    struct gyre_remote_future *r = arg;

    return (void *)(intptr_t)gyre_remote_future_set(r, 42);
}

static intptr_t await_threads(void *arg)
{
    struct gyre_remote_future r[THREADS];
    pthread_t thread[THREADS];
    void *err;

    (void)arg;
    for (int i = 0; i < THREADS; i++) {
        gyre_remote_future_init(&r[i], gyre_loop_current());
        cr_expect_eq(pthread_create(&thread[i], NULL, set_remotely, &r[i]), 0);
    }
    for (int i = 0; i < THREADS; i++)
        cr_expect_eq(gyre_await(&r[i].future, GYRE_FOREVER), 42);
    for (int i = 0; i < THREADS; i++) {
        cr_expect_eq(pthread_join(thread[i], &err), 0);
        cr_expect_eq((intptr_t)err, 0);
    }
    return 0;
}

Test(future, another_thread_may_set_a_remote_one)
{
    long blocks = faults_blocks();

    for (int i = 0; i < 50; i++) {
        cr_expect_eq(gyre_run(await_threads, NULL), 0);
        cr_expect_eq(simulate(await_threads, NULL), 0);
    }
    cr_expect_eq(faults_blocks(), blocks);
}

static struct gyre_remote_future late;

static intptr_t do_not_await(void *arg)
{
    gyre_remote_future_init(&late, gyre_loop_current());
    (void)arg;
    return 0;
}

Test(future, a_remote_one_set_when_the_loop_is_gone_is_EPIPE)
{
    long blocks = faults_blocks();

    cr_expect_eq(gyre_run(do_not_await, NULL), 0);
    cr_expect_eq(gyre_remote_future_set(&late, 1), -EPIPE);
    cr_expect_eq(faults_blocks(), blocks, "the mailbox is left");
}

/* The loop may be freed while the thread that has posted is still on its way
   out of gyre_remote_future_set. */
static intptr_t await_one(void *arg)
{
    pthread_t *thread = arg;

    gyre_remote_future_init(&late, gyre_loop_current());
    cr_expect_eq(pthread_create(thread, NULL, set_remotely, &late), 0);
    return gyre_await(&late.future, GYRE_FOREVER);
}

Test(future, a_run_may_end_while_the_thread_that_set_a_future_is_still_at_it)
{
    long blocks = faults_blocks();
    pthread_t thread;

    for (int i = 0; i < 500; i++) {
        cr_expect_eq(gyre_run(await_one, &thread), 42);
        cr_expect_eq(pthread_join(thread, NULL), 0);
    }
    cr_expect_eq(faults_blocks(), blocks);
}

/* ---- gone when it was done ---- */

static struct gyre_future lent;

static intptr_t await_it(void)
{
    return gyre_await(&lent, GYRE_FOREVER);
}

static intptr_t select_it(void)
{
    struct gyre_case c = gyre_case_future(&lent);

    cr_expect_eq(gyre_select(&c, 1, GYRE_FOREVER), 0);
    return c.result;
}

static intptr_t select_it_in_order(void)
{
    struct gyre_case c = gyre_case_future(&lent);

    cr_expect_eq(gyre_select_in_order(&c, 1, GYRE_FOREVER), 0);
    return c.result;
}

/* It has no credits left, and so gives way somewhere in there. */
static intptr_t spend_and_await(void *await)
{
    intptr_t result;

    for (int i = 0; i < 32; i++)
        cr_expect_eq(gyre_checkpoint(GYRE_FOREVER), 0);
    result = (*(intptr_t(**)(void))await)();
    note('w');
    return result;
}

CLAIM(future, may_be_gone_when_who_awaits_it_gives_way, .init = in_order)
{
    static intptr_t (*ways[])(void) = {await_it, select_it, select_it_in_order};

    for (int i = 0; i < 3; i++) {
        struct gyre_scope around, s;
        struct gyre_future awaiter;

        gyre_scope_open(&around, GYRE_FOREVER);
        gyre_scope_open(&s, GYRE_FOREVER);
        gyre_spawn(&s, &lent, PLAY(0, MS, 7));
        cr_expect_eq(gyre_sleep(gyre_in(2 * MS)), 0);
        gyre_spawn(&around, &awaiter, spend_and_await, &ways[i]);
        cr_expect_eq(gyre_yield(), 0);
        expect_notes("");
        cr_expect_eq(gyre_scope_close(&s, 0), 0);
        memset(&lent, 0xff, sizeof lent);
        cr_expect_eq(gyre_scope_close(&around, 0), 0);
        expect_notes("w");
        cr_expect_eq(gyre_future_result(&awaiter), 7);
    }
}

/* ---- and a scope ---- */

static intptr_t wait_for_scope(void *scope)
{
    int err;

    for (int i = 0; i < 32; i++)
        cr_expect_eq(gyre_checkpoint(GYRE_FOREVER), 0);
    err = gyre_scope_wait(*(struct gyre_scope **)scope, GYRE_FOREVER);
    note('w');
    return err;
}

CLAIM(future, and_so_may_a_scope_that_is_waited_for, .init = in_order)
{
    struct gyre_scope around, s, *lent_scope = &s;

    gyre_scope_open(&around, GYRE_FOREVER);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&around, NULL, wait_for_scope, &lent_scope);
    cr_expect_eq(gyre_yield(), 0);
    expect_notes("");
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    memset(&s, 0xff, sizeof s);
    cr_expect_eq(gyre_scope_close(&around, 0), 0);
    expect_notes("w");
}

/* ---- mistakes ---- */

#ifndef NDEBUG
static void set_twice(void)
{
    struct gyre_future f;

    gyre_future_init(&f);
    gyre_future_set(&f, 1);
    gyre_future_set(&f, 2);
}

Test(future, is_set_once, .signal = SIGABRT)
{
    fclose(stderr);
    hold_in_task(set_twice);
}
#endif
