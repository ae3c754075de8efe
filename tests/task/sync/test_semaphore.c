/*
 * test_semaphore.c - the claims of semaphore.h.
 */
#include <errno.h>
#include <signal.h>

#include "loop/timer.h"
#include "task/scope.h"
#include "task/sync/semaphore.h"
#include "task/task.h"
#include "tests/task/world.h"

/* Acquires so many permits, writes its name down (in upper case if in vain),
   keeps them for a while and releases them. */
struct user {
    struct gyre_semaphore *semaphore;
    char name;
    size_t n;
    gyre_time span;
    gyre_time deadline; /* 0: none */
    int err;
};

static intptr_t use(void *arg)
{
    struct user *u = arg;
    gyre_time deadline = u->deadline ? u->deadline : GYRE_FOREVER;

    u->err = gyre_semaphore_acquire(u->semaphore, u->n, deadline);
    note(u->err ? (char)(u->name - 'a' + 'A') : u->name);
    if (u->err)
        return 0;
    if (u->span != 0)
        (void)!gyre_sleep(gyre_in(u->span));
    gyre_semaphore_release(u->semaphore, u->n);
    return 0;
}

/* Spawn them, who come in this order, each as far as it can. */
static void spawn(struct gyre_scope *s, struct gyre_future *done,
                  struct user *users, int n)
{
    gyre_scope_open(s, GYRE_FOREVER);
    for (int i = 0; i < n; i++) {
        gyre_spawn(s, &done[i], use, &users[i]);
        let_others_run();
    }
}

CLAIM(semaphore, lets_so_many_in_and_the_rest_in_order_of_arrival)
{
    struct gyre_semaphore p = {.permits = 2};
    struct user u[] = {
        {&p, 'a', 1, 2 * MS}, {&p, 'b', 1, MS}, {&p, 'c', 1, MS}, {&p, 'd', 1}};
    struct gyre_future done[4];
    struct gyre_scope s;

    spawn(&s, done, u, 4);
    expect_notes("ab");
    cr_expect_eq(gyre_semaphore_available(&p), 0);
    cr_expect_eq(gyre_semaphore_waiting(&p), 2);
    cr_expect_eq(gyre_semaphore_acquire(&p, 1, GYRE_NOW), -ETIMEDOUT);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("cd");
    cr_expect_eq(gyre_semaphore_available(&p), 2);
    cr_expect_eq(gyre_semaphore_acquire(&p, 2, GYRE_NOW), 0);
    cr_expect_eq(gyre_semaphore_available(&p), 0);
}

CLAIM(semaphore, lets_nobody_overtake_who_asks_for_many)
{
    struct gyre_semaphore p = {.permits = 3};
    struct user u[] = {{&p, 'a', 2, MS}, {&p, 'b', 3}, {&p, 'c', 1}};
    struct gyre_future done[3];
    struct gyre_scope s;

    spawn(&s, done, u, 3);
    expect_notes("a");
    cr_expect_eq(gyre_semaphore_available(&p), 1);
    cr_expect_eq(gyre_semaphore_acquire(&p, 1, GYRE_NOW), -ETIMEDOUT);
    cr_expect_eq(gyre_semaphore_waiting(&p), 2);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("bc");
}

CLAIM(semaphore, serves_those_behind_one_who_leaves)
{
    for (int late = 0; late < 2; late++) {
        struct gyre_semaphore p = {.permits = 3};
        struct user u[] = {{&p, 'a', 2, 3 * MS},
                           {&p, 'b', 3, .deadline = late ? gyre_in(MS) : 0},
                           {&p, 'c', 1, MS},
                           {&p, 'd', 1}};
        struct gyre_future done[4];
        struct gyre_scope s;

        spawn(&s, done, u, 4);
        expect_notes("a");
        if (!late)
            gyre_future_cancel(&done[1]);
        cr_expect_eq(gyre_semaphore_waiting(&p), late ? 3 : 1);
        cr_expect_eq(gyre_scope_close(&s, 0), 0);
        expect_notes_in_any_order("Bcd");
        cr_expect_eq(u[1].err, late ? -ETIMEDOUT : -ECANCELED);
        cr_expect_eq(gyre_semaphore_available(&p), 3);
    }
}

/*
 * python/cpython#90155: release() raised asyncio's count and woke one waiter
 * with nothing in its hands; newcomers took the permit first, the waiter went
 * to the end of the queue again, and when a woken one was cancelled the others
 * were not woken at all.
 */
CLAIM(semaphore, permits_handed_to_one_who_is_then_cancelled_are_his)
{
    struct gyre_semaphore p = {.permits = 0};
    struct user u[] = {{&p, 'a', 2, MS}, {&p, 'b', 1}};
    struct gyre_future done[2];
    struct gyre_scope s;

    spawn(&s, done, u, 2);
    gyre_semaphore_release(&p, 2);
    cr_expect_eq(gyre_semaphore_available(&p), 0, "they were handed over");
    cr_expect_eq(gyre_semaphore_acquire(&p, 1, GYRE_NOW), -ETIMEDOUT);
    gyre_future_cancel(&done[0]);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("ab");
    cr_expect_eq(u[0].err, 0);
    cr_expect_eq(gyre_semaphore_available(&p), 2);
}

/* As unlocked_while_the_only_waiter_is_cancelled_strands_no_newcomer, of
   mutexes: agronholm/anyio PR 1145 was about both. */
CLAIM(semaphore, released_while_the_first_is_cancelled_strands_nobody)
{
    struct gyre_semaphore p = {.permits = 0};
    struct user u[] = {{&p, 'a', 1}, {&p, 'b', 1}, {&p, 'c', 1}};
    struct gyre_future done[3];
    struct gyre_scope s;

    spawn(&s, done, u, 2);
    gyre_future_cancel(&done[0]);
    gyre_semaphore_release(&p, 1);
    gyre_spawn(&s, &done[2], use, &u[2]);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes_in_any_order("Abc");
    cr_expect_eq(gyre_semaphore_available(&p), 1);
}

CLAIM(semaphore, serves_all_that_a_release_is_enough_for)
{
    struct gyre_semaphore p = {.permits = 0};
    struct user u[] = {
        {&p, 'a', 1, MS}, {&p, 'b', 2, MS}, {&p, 'c', 0}, {&p, 'd', 1}};
    struct gyre_future done[4];
    struct gyre_scope s;

    spawn(&s, done, u, 4);
    gyre_semaphore_release(&p, 3);
    cr_expect_eq(gyre_semaphore_waiting(&p), 1);
    let_others_run();
    expect_notes_in_any_order("abc");
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("d");
}

CLAIM(semaphore, is_a_cancel_point_even_when_there_are_permits)
{
    struct gyre_semaphore p = {.permits = 1};
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_semaphore_acquire(&p, 1, GYRE_NOW), -ECANCELED);
    cr_expect_eq(gyre_semaphore_available(&p), 1);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

CLAIM(semaphore, is_not_waited_for_beyond_its_limit)
{
    struct gyre_semaphore p = {.permits = 2, .limit = 2};

    cr_expect_eq(gyre_semaphore_acquire(&p, 3, GYRE_FOREVER), -EDEADLK);
    cr_expect_eq(gyre_semaphore_acquire(&p, 2, GYRE_FOREVER), 0);
    cr_expect_eq(gyre_semaphore_acquire(&p, 3, GYRE_NOW), -EDEADLK);
    gyre_semaphore_release(&p, 2);
}

/* A callback acquires what is there, and releases. */
struct alarm {
    struct gyre_timer timer;
    struct gyre_semaphore *semaphore;
};

static void go_off(struct gyre_timer *t)
{
    struct alarm *a = GYRE_OWNER(t, struct alarm, timer);

    cr_expect_eq(gyre_semaphore_acquire(a->semaphore, 1, GYRE_NOW), -ETIMEDOUT);
    gyre_semaphore_release(a->semaphore, 2);
    cr_expect_eq(gyre_semaphore_acquire(a->semaphore, 1, GYRE_NOW), 0);
}

CLAIM(semaphore, is_for_callbacks_too)
{
    struct gyre_semaphore p = {.permits = 0};
    struct alarm a = {.timer.fire = go_off, .semaphore = &p};

    gyre_timer_start(world->loop, &a.timer, gyre_in(MS));
    cr_expect_eq(gyre_semaphore_acquire(&p, 1, GYRE_FOREVER), 0);
    cr_expect_eq(elapsed(), MS);
    cr_expect_eq(gyre_semaphore_available(&p), 0);
}

/* ---- programmers' mistakes ---- */

#ifndef NDEBUG

static void release_too_many(void)
{
    struct gyre_semaphore p = {.permits = 1, .limit = 2};

    gyre_semaphore_release(&p, 1);
    gyre_semaphore_release(&p, 1);
}

Test(semaphore, released_beyond_its_limit_aborts, .signal = SIGABRT)
{
    hold_in_task(release_too_many);
}

#endif
