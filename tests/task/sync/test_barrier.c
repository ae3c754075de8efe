/*
 * test_barrier.c - the claims of barrier.h.
 */
#include <errno.h>
#include <signal.h>

#include "task/scope.h"
#include "task/sync/barrier.h"
#include "task/task.h"
#include "tests/task/world.h"

/* Comes to the barrier so many times, and writes down its place each time; or
   an exclamation mark if in vain. */
struct party {
    struct gyre_barrier *barrier;
    int times;
    gyre_time deadline; /* 0: none */
    ssize_t result;
};

static intptr_t come(void *arg)
{
    struct party *p = arg;
    gyre_time deadline = p->deadline ? p->deadline : GYRE_FOREVER;

    for (int i = 0; i < p->times; i++) {
        p->result = gyre_barrier_wait(p->barrier, deadline);
        note(p->result < 0 ? '!' : (char)('0' + p->result));
    }
    return 0;
}

/* Spawn them, who come in this order, each as far as it can. */
static void spawn(struct gyre_scope *s, struct gyre_future *done,
                  struct party *parties, int n)
{
    gyre_scope_open(s, GYRE_FOREVER);
    for (int i = 0; i < n; i++) {
        gyre_spawn(s, &done[i], come, &parties[i]);
        let_others_run();
    }
}

CLAIM(barrier, lets_nobody_go_on_before_all_are_there)
{
    struct gyre_barrier b = {.parties = 3};
    struct party p[] = {{&b, 1}, {&b, 1}};
    struct gyre_future done[2];
    struct gyre_scope s;

    spawn(&s, done, p, 2);
    expect_notes("");
    cr_expect_eq(gyre_barrier_waiting(&b), 2);
    cr_expect_eq(gyre_barrier_wait(&b, GYRE_FOREVER), 2);
    cr_expect_eq(gyre_barrier_waiting(&b), 0);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes_in_any_order("01");
}

/* The last goes on at once and comes back before the others have left. */
CLAIM(barrier, is_ready_for_the_next_time_at_once, .init = in_order)
{
    struct gyre_barrier b = {.parties = 3};
    struct party p[] = {{&b, 3}, {&b, 3}, {&b, 3}};
    struct gyre_future done[3];
    struct gyre_scope s;

    spawn(&s, done, p, 3);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("201201201");
}

CLAIM(barrier, of_one_party_lets_it_pass)
{
    struct gyre_barrier b = {.parties = 1};

    cr_expect_eq(gyre_barrier_wait(&b, GYRE_NOW), 0);
    cr_expect_eq(gyre_barrier_wait(&b, GYRE_FOREVER), 0);
}

CLAIM(barrier, goes_on_without_one_who_is_cancelled_or_late)
{
    struct gyre_barrier b = {.parties = 3};
    struct party p[] = {
        {&b, 1}, {&b, 1}, {&b, 1, .deadline = gyre_in(MS)}, {&b, 1}};
    struct gyre_future done[4];
    struct gyre_scope s;

    spawn(&s, done, p, 2);
    gyre_future_cancel(&done[0]);
    cr_expect_eq(gyre_barrier_waiting(&b), 1);
    gyre_spawn(&s, &done[2], come, &p[2]);
    cr_expect_eq(gyre_sleep(gyre_in(2 * MS)), 0);
    cr_expect_eq(gyre_barrier_waiting(&b), 1);
    expect_notes("!!");
    cr_expect_eq(p[0].result, -ECANCELED);
    cr_expect_eq(p[2].result, -ETIMEDOUT);
    cr_expect_eq(gyre_barrier_wait(&b, GYRE_NOW), -ETIMEDOUT);
    cr_expect_eq(gyre_barrier_waiting(&b), 1);
    gyre_spawn(&s, &done[3], come, &p[3]);
    let_others_run();
    cr_expect_eq(gyre_barrier_wait(&b, GYRE_FOREVER), 2);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes_in_any_order("01");
}

CLAIM(barrier, is_passed_by_who_is_cancelled_when_all_are_there)
{
    struct gyre_barrier b = {.parties = 2};
    struct party p = {&b, 1};
    struct gyre_future done;
    struct gyre_scope s;

    spawn(&s, &done, &p, 1);
    cr_expect_eq(gyre_barrier_wait(&b, GYRE_FOREVER), 1);
    gyre_future_cancel(&done);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("0");
}

CLAIM(barrier, that_is_reset_turns_all_away_and_is_as_new)
{
    struct gyre_barrier b = {.parties = 3};
    struct party p[] = {{&b, 2}, {&b, 2}};
    struct gyre_future done[2];
    struct gyre_scope s;

    spawn(&s, done, p, 2);
    gyre_barrier_reset(&b);
    cr_expect_eq(gyre_barrier_waiting(&b), 0);
    cr_expect_not(gyre_barrier_is_aborted(&b));
    let_others_run();
    expect_notes("!!");
    cr_expect_eq(p[0].result, -EPIPE);
    cr_expect_eq(gyre_barrier_wait(&b, GYRE_FOREVER), 2);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes_in_any_order("01");
}

CLAIM(barrier, that_is_aborted_turns_all_away_until_it_is_reset)
{
    struct gyre_barrier b = {.parties = 2};
    struct party p = {&b, 3};
    struct gyre_future done;
    struct gyre_scope s;

    spawn(&s, &done, &p, 1);
    gyre_barrier_abort(&b);
    cr_expect(gyre_barrier_is_aborted(&b));
    cr_expect_eq(gyre_barrier_wait(&b, GYRE_FOREVER), -EPIPE);
    cr_expect_eq(gyre_barrier_wait(&b, GYRE_NOW), -EPIPE);
    let_others_run();
    expect_notes("!!!");
    gyre_barrier_reset(&b);
    cr_expect_not(gyre_barrier_is_aborted(&b));
    p.times = 1;
    gyre_spawn(&s, NULL, come, &p);
    let_others_run();
    cr_expect_eq(gyre_barrier_wait(&b, GYRE_FOREVER), 1);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("0");
}

CLAIM(barrier, is_a_cancel_point_even_when_all_are_there)
{
    struct gyre_barrier b = {.parties = 1};
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_barrier_wait(&b, GYRE_NOW), -ECANCELED);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

/* ---- programmers' mistakes ---- */

#ifndef NDEBUG

static void wait_at_a_zeroed_one(void)
{
    struct gyre_barrier b = {0};

    (void)!gyre_barrier_wait(&b, GYRE_NOW);
}

Test(barrier, of_no_parties_aborts, .signal = SIGABRT)
{
    hold_in_task(wait_at_a_zeroed_one);
}

#endif
