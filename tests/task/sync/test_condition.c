/*
 * test_condition.c - the claims of condition.h.
 */
#include <errno.h>
#include <signal.h>

#include "loop/timer.h"
#include "task/internal.h"
#include "task/scope.h"
#include "task/sync/condition.h"
#include "task/task.h"
#include "tests/task/world.h"

static struct gyre_mutex m;
static struct gyre_condition c;

/* Waits once to be notified, and writes its name down: in upper case if in
   vain. */
struct waiter {
    char name;
    gyre_time deadline; /* 0: none */
    int err;
};

static intptr_t wait(void *arg)
{
    struct waiter *w = arg;
    gyre_time deadline = w->deadline ? w->deadline : GYRE_FOREVER;

    cr_expect_eq(gyre_mutex_lock(&m, GYRE_FOREVER), 0);
    w->err = gyre_condition_wait(&c, &m, deadline);
    cr_expect_eq(gyre_hold_is_mine(&m.hold), w->err != -EOWNERDEAD);
    note(w->err ? (char)(w->name - 'a' + 'A') : w->name);
    gyre_mutex_unlock(&m);
    return 0;
}

/* Spawn them, who come in this order, each as far as it can. */
static void spawn(struct gyre_scope *s, struct gyre_future *done,
                  struct waiter *waiters, int n)
{
    m = (struct gyre_mutex){0};
    c = (struct gyre_condition){0};
    gyre_scope_open(s, GYRE_FOREVER);
    for (int i = 0; i < n; i++) {
        gyre_spawn(s, &done[i], wait, &waiters[i]);
        let_others_run();
    }
    cr_expect_eq(gyre_condition_waiting(&c), (size_t)n);
    cr_expect_eq(gyre_mutex_owner(&m), 0, "they have given the mutex up");
}

CLAIM(condition, notifies_one_or_all_in_order_of_arrival, .init = in_order)
{
    struct waiter w[] = {{'a'}, {'b'}, {'c'}, {'d'}};
    struct gyre_future done[4];
    struct gyre_scope s;

    spawn(&s, done, w, 4);
    gyre_condition_notify(&c);
    cr_expect_eq(gyre_condition_waiting(&c), 3);
    let_others_run();
    expect_notes("a");
    gyre_condition_notify_all(&c);
    cr_expect_eq(gyre_condition_waiting(&c), 0);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("bcd");
    gyre_condition_notify(&c);
    gyre_condition_notify_all(&c);
}

static void go_off(struct gyre_timer *t)
{
    (void)t;
    gyre_condition_notify(&c);
}

CLAIM(condition, may_be_notified_by_a_callback)
{
    struct gyre_timer t = {.fire = go_off};

    m = (struct gyre_mutex){0};
    c = (struct gyre_condition){0};
    gyre_timer_start(world->loop, &t, gyre_in(MS));
    cr_expect_eq(gyre_mutex_lock(&m, GYRE_NOW), 0);
    cr_expect_eq(gyre_condition_wait(&c, &m, GYRE_FOREVER), 0);
    cr_expect_eq(elapsed(), MS);
    gyre_mutex_unlock(&m);
}

CLAIM(condition, gives_the_mutex_back_before_anything)
{
    struct waiter w[] = {{'a'}, {'b'}, {'c', .deadline = gyre_in(MS)}};
    struct gyre_future done[3];
    struct gyre_scope s;

    spawn(&s, done, w, 3);
    cr_expect_eq(gyre_mutex_lock(&m, GYRE_NOW), 0);
    gyre_condition_notify(&c);
    let_others_run();
    gyre_future_cancel(&done[1]);
    cr_expect_eq(gyre_sleep(gyre_in(2 * MS)), 0);
    expect_notes("");
    cr_expect_eq(gyre_mutex_waiting(&m), 3);
    gyre_mutex_unlock(&m);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("aBC");
    cr_expect_eq(w[1].err, -ECANCELED);
    cr_expect_eq(w[2].err, -ETIMEDOUT);
}

/*
 * python/cpython#111693, with bpo-32841 and #112202: asyncio's Condition takes
 * its lock again with the same acquire() as everybody, so a cancellation breaks
 * in there, and has to be caught, kept, and raised later; which lost either
 * the notification or which cancellation it was.
 */
CLAIM(condition, whose_notified_waiter_is_cancelled_loses_nothing)
{
    struct waiter w[] = {{'a'}, {'b'}};
    struct gyre_future done[2];
    struct gyre_scope s;

    spawn(&s, done, w, 2);
    cr_expect_eq(gyre_mutex_lock(&m, GYRE_NOW), 0);
    gyre_condition_notify(&c);
    gyre_future_cancel(&done[0]);
    let_others_run();
    cr_expect_eq(gyre_mutex_waiting(&m), 1, "it waits for the mutex");
    gyre_future_cancel(&done[1]);
    gyre_mutex_unlock(&m);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(w[0].err, 0, "it was notified first");
    cr_expect_eq(w[1].err, -ECANCELED);
    expect_notes("aB");
}

/* Waits twice: what was handed to it first, and the cancellation then. */
static intptr_t wait_twice(void *arg)
{
    (void)arg;
    cr_expect_eq(gyre_mutex_lock(&m, GYRE_FOREVER), 0);
    cr_expect_eq(gyre_condition_wait(&c, &m, GYRE_FOREVER), 0);
    cr_expect_eq(gyre_condition_wait(&c, &m, GYRE_FOREVER), -ECANCELED);
    cr_expect_eq(gyre_condition_wait(&c, &m, GYRE_NOW), -ECANCELED);
    cr_expect(gyre_hold_is_mine(&m.hold));
    gyre_mutex_unlock(&m);
    note('2');
    return 0;
}

CLAIM(condition, tells_of_a_cancellation_at_the_next_cancel_point)
{
    struct gyre_future done;
    struct gyre_scope s;

    spawn(&s, NULL, NULL, 0);
    gyre_spawn(&s, &done, wait_twice, NULL);
    let_others_run();
    gyre_condition_notify(&c);
    gyre_future_cancel(&done);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("2");
}

CLAIM(condition, keeps_the_mutex_of_who_must_not_wait)
{
    struct waiter w = {'a'};
    struct gyre_future done;
    struct gyre_scope s;

    spawn(&s, &done, &w, 1);
    cr_expect_eq(gyre_mutex_lock(&m, GYRE_NOW), 0);
    gyre_condition_notify(&c);
    let_others_run();
    cr_expect_eq(gyre_mutex_waiting(&m), 1);
    cr_expect_eq(gyre_condition_wait(&c, &m, GYRE_NOW), -ETIMEDOUT);
    cr_expect_eq(gyre_mutex_waiting(&m), 1);
    gyre_mutex_unlock(&m);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("a");
}

static intptr_t lock_and_end(void *arg)
{
    (void)arg;
    cr_expect_eq(gyre_mutex_lock(&m, GYRE_FOREVER), 0);
    gyre_condition_notify(&c);
    return gyre_sleep(gyre_in(MS));
}

CLAIM(condition, whose_mutex_lost_its_owner_says_so)
{
    struct waiter w[] = {{'a'}, {'b'}};
    struct gyre_future done[2];
    struct gyre_scope s;

    spawn(&s, done, w, 2);
    gyre_spawn(&s, NULL, lock_and_end, NULL);
    cr_expect_eq(gyre_sleep(gyre_in(2 * MS)), 0);
    expect_notes("A");
    gyre_condition_notify(&c);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("B");
    cr_expect_eq(w[0].err, -EOWNERDEAD, "while it waited for the mutex");
    cr_expect_eq(w[1].err, -EOWNERDEAD, "before it did");
}

CLAIM(condition, names_who_has_the_mutex_to_those_who_report)
{
    struct waiter w = {'a'};
    struct gyre_future done;
    struct gyre_scope s;
    const struct gyre_wait *on;

    spawn(&s, &done, &w, 1);
    on = done.task->wait;
    cr_expect_str_eq(on->kind->name, "for a condition");
    cr_expect_eq(gyre_mutex_lock(&m, GYRE_NOW), 0);
    gyre_condition_notify(&c);
    let_others_run();
    on = done.task->wait;
    cr_expect_str_eq(on->kind->name, "for the mutex of a condition");
    cr_expect_eq(on->kind->owner(on, NULL), gyre_current);
    gyre_mutex_unlock(&m);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

/* ---- until something is so ---- */

static bool is_three(void *arg)
{
    cr_expect(gyre_hold_is_mine(&m.hold));
    return *(int *)arg == 3;
}

/* Raises it by one a millisecond, and says so. */
static intptr_t count(void *arg)
{
    int *n = arg;

    while (*n < 3) {
        (void)!gyre_sleep(gyre_in(MS));
        ++*n;
        gyre_condition_notify_all(&c);
    }
    return 0;
}

static int wait_for_three(int *n, gyre_time deadline)
{
    int err;

    cr_expect_eq(gyre_mutex_lock(&m, GYRE_FOREVER), 0);
    err = gyre_condition_wait_for(&c, &m, is_three, n, deadline);
    gyre_mutex_unlock(&m);
    return err;
}

CLAIM(condition, is_waited_for_until_it_is_so)
{
    struct gyre_scope s;
    int n = 0;

    spawn(&s, NULL, NULL, 0);
    cr_expect_eq(wait_for_three(&n, GYRE_NOW), -ETIMEDOUT);
    cr_expect_eq(wait_for_three(&n, gyre_in(MS)), -ETIMEDOUT);
    gyre_spawn(&s, NULL, count, &n);
    cr_expect_eq(wait_for_three(&n, GYRE_FOREVER), 0);
    cr_expect_eq(elapsed(), 4 * MS);
    cr_expect_eq(wait_for_three(&n, GYRE_NOW), 0);
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_mutex_lock(&m, GYRE_NOW), -ECANCELED);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

static intptr_t wait_for_three_in_a_task(void *n)
{
    int err = wait_for_three(n, gyre_in(MS));

    note(err ? 'L' : 't');
    return 0;
}

CLAIM(condition, that_became_so_before_the_mutex_was_back_is_in_time)
{
    struct gyre_scope s;
    int n = 0;

    spawn(&s, NULL, NULL, 0);
    gyre_spawn(&s, NULL, wait_for_three_in_a_task, &n);
    let_others_run();
    cr_expect_eq(gyre_mutex_lock(&m, GYRE_NOW), 0);
    cr_expect_eq(gyre_sleep(gyre_in(2 * MS)), 0);
    n = 3;
    gyre_mutex_unlock(&m);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("t");
}

CLAIM(condition, is_a_cancel_point_even_if_it_is_so)
{
    struct gyre_scope s;
    int n = 3;

    spawn(&s, NULL, NULL, 0);
    cr_expect_eq(gyre_mutex_lock(&m, GYRE_NOW), 0);
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_condition_wait_for(&c, &m, is_three, &n, GYRE_FOREVER),
                 -ECANCELED);
    gyre_mutex_unlock(&m);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

/* ---- programmers' mistakes ---- */

#ifndef NDEBUG

static void wait_without_the_mutex(void)
{
    m = (struct gyre_mutex){0};
    (void)!gyre_condition_wait(&c, &m, gyre_in(MS));
}

Test(condition, without_its_mutex_aborts, .signal = SIGABRT)
{
    hold_in_task(wait_without_the_mutex);
}

#endif
