/*
 * test_many.c - the claims of many.h.
 */
#include <errno.h>

#include "task/scope.h"
#include "task/sync/many.h"
#include "task/task.h"
#include "tests/task/world.h"

/* Three futures of tasks that end after one, two, and three milliseconds, in
   the opposite order. */
static struct part parts[3];
static struct gyre_future made[3];
static struct gyre_future *futures[] = {&made[0], &made[1], &made[2]};
static struct gyre_case room[3];

static void begin(struct gyre_scope *s, intptr_t a, intptr_t b, intptr_t c)
{
    const intptr_t results[] = {a, b, c};

    gyre_scope_open_tolerant(s, GYRE_FOREVER);
    for (int i = 0; i < 3; i++) {
        parts[i] = (struct part){(char)('a' + i), (3 - i) * MS, results[i]};
        gyre_spawn(s, &made[i], play, &parts[i]);
    }
}

/* ---- all ---- */

CLAIM(many, are_waited_for_until_each_is_done)
{
    struct gyre_scope s;

    begin(&s, 1, -EIO, -ETIMEDOUT);
    cr_expect_eq(gyre_await_all(futures, 3, gyre_in(4 * MS)), 0);
    expect_notes("cba");
    cr_expect_eq(elapsed(), 3 * MS);
    cr_expect_eq(gyre_await_all(futures, 3, GYRE_NOW), 0);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(world->failures, 0, "the failures have been read");
}

CLAIM(many, are_not_cancelled_when_the_wait_ends)
{
    struct gyre_scope s;

    begin(&s, 1, 2, 3);
    cr_expect_eq(gyre_await_all(futures, 3, GYRE_NOW), -ETIMEDOUT);
    cr_expect_eq(gyre_await_all(futures, 3, gyre_in(3 * MS / 2)), -ETIMEDOUT);
    cr_expect(gyre_future_done(&made[2]));
    cr_expect(!gyre_future_done(&made[1]));
    cr_expect_eq(gyre_await_failure(futures, room, 3, gyre_in(MS)), -ETIMEDOUT);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("cba");
    cr_expect_eq(gyre_await_all(futures, 3, GYRE_FOREVER), 0);
}

CLAIM(many, are_no_longer_waited_for_by_who_is_cancelled)
{
    struct gyre_scope s, inner;

    begin(&s, 1, 2, 3);
    gyre_scope_open(&inner, gyre_in(MS / 2));
    cr_expect_eq(gyre_await_all(futures, 3, GYRE_FOREVER), -ECANCELED);
    cr_expect_eq(gyre_await_failure(futures, room, 3, GYRE_FOREVER),
                 -ECANCELED);
    cr_expect_eq(gyre_scope_close(&inner, 0), -ETIMEDOUT);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("cba");
}

static intptr_t set_limit(void *scope)
{
    gyre_time limit = gyre_in(MS);
    int err = gyre_sleep(limit - MS / 2);

    gyre_scope_limit(scope, limit);
    return err;
}

/* The wait is cancelled when the task is about to run, and end. */
CLAIM(many, that_end_between_a_cancellation_and_the_waiter_s_turn_have_ended,
      .init = in_order)
{
    struct gyre_scope s, inner;

    begin(&s, 1, 2, -EIO);
    gyre_scope_open(&inner, GYRE_FOREVER);
    gyre_spawn(&s, NULL, set_limit, &inner);
    cr_expect_eq(gyre_await_all(&futures[2], 1, GYRE_FOREVER), 0);
    cr_expect(gyre_scope_cancelled(&inner));
    cr_expect_eq(gyre_scope_close(&inner, 0), -ETIMEDOUT);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(world->failures, 0);
}

/* ---- until one has failed ---- */

CLAIM(many, are_waited_for_until_the_first_has_failed)
{
    struct gyre_scope s;

    begin(&s, 1, -EIO, 3);
    cr_expect_eq(gyre_await_failure(futures, room, 3, GYRE_FOREVER), 0);
    expect_notes("cb");
    cr_expect(!gyre_future_done(&made[0]));
    cr_expect_eq(gyre_future_result(&made[1]), -EIO);

    /* It is still there when it is looked for again. */
    cr_expect_eq(gyre_await_failure(futures, room, 3, GYRE_NOW), 0);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("a");
}

CLAIM(many, of_which_none_fails_are_waited_for_until_each_is_done)
{
    struct gyre_scope s;

    begin(&s, 1, 2, 3);
    cr_expect_eq(gyre_await_failure(futures, room, 3, GYRE_FOREVER), 0);
    expect_notes("cba");
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

CLAIM(many, may_be_none)
{
    struct gyre_scope s;

    cr_expect_eq(gyre_await_all(NULL, 0, GYRE_NOW), 0);
    cr_expect_eq(gyre_await_failure(NULL, NULL, 0, GYRE_NOW), 0);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_await_all(NULL, 0, GYRE_NOW), -ECANCELED);
    cr_expect_eq(gyre_await_failure(NULL, NULL, 0, GYRE_NOW), -ECANCELED);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}
