/*
 * test_start.c - the claims of start.h.
 */
#include <errno.h>

#include "loop/result.h"
#include "task/scope.h"
#include "task/start.h"
#include "task/task.h"
#include "tests/support/faults.h"
#include "tests/task/world.h"

/* Takes `span` to start, if it does, goes on as long, and ends. */
struct service {
    gyre_time span;
    bool starts;
    intptr_t result;
};

static intptr_t serve(void *arg)
{
    const struct service *s = arg;
    int err = gyre_sleep(gyre_in(s->span));

    note(err ? 'X' : 'x');
    if (err)
        return err;
    if (!s->starts)
        return s->result;
    gyre_started(80);
    note('s');
    err = gyre_sleep(gyre_in(s->span));
    note(err ? 'E' : 'e');
    return err ? err : s->result;
}

/* ---- that starts ---- */

CLAIM(start, returns_the_value_and_the_task_goes_on)
{
    struct service service = {MS, true, 7};
    struct gyre_future done;
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    cr_expect_eq(gyre_spawn_start(&s, &done, serve, &service, gyre_in(2 * MS)),
                 80);
    note('o');
    cr_expect_eq(elapsed(), MS);
    cr_expect_eq(gyre_await(&done, GYRE_FOREVER), 7);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("xsoe");
}

CLAIM(start, is_over_for_good_so_that_the_task_fails_like_any_other)
{
    struct service service = {MS, true, -EIO};
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    cr_expect_eq(gyre_spawn_start(&s, NULL, serve, &service, GYRE_FOREVER), 80);
    cr_expect_eq(gyre_sleep(gyre_in(GYRE_SECOND)), -ECANCELED);
    cr_expect_eq(gyre_scope_close(&s, 0), -EIO);
}

static intptr_t start_twice(void *arg)
{
    gyre_started(1);
    gyre_started(2);
    return gyre_sleep(gyre_in(MS)) + (intptr_t)arg;
}

CLAIM(start, may_be_said_twice_or_to_nobody)
{
    struct gyre_future done;
    struct gyre_scope s;

    gyre_started(1);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, &done, start_twice, (void *)5);
    cr_expect_eq(gyre_await(&done, GYRE_FOREVER), 5);
    cr_expect_eq(gyre_spawn_start(&s, NULL, start_twice, NULL, GYRE_FOREVER),
                 1);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

/* ---- that does not ---- */

CLAIM(start, that_fails_is_told_to_the_starter_and_to_nobody_else)
{
    static const intptr_t results[] = {-EADDRINUSE, 0, 7, -ECANCELED};
    static const intptr_t expected[] = {-EADDRINUSE, -ECHILD, -ECHILD,
                                        -ECANCELED};

    for (int i = 0; i < 8; i++) {
        struct service service = {MS, false, results[i / 2]};
        struct gyre_future done, *next;
        struct gyre_scope s;

        if (i % 2 == 0)
            gyre_scope_open(&s, GYRE_FOREVER);
        else
            gyre_scope_open_tolerant(&s, GYRE_FOREVER);
        cr_expect_eq(gyre_spawn_start(&s, i < 4 ? &done : NULL, serve, &service,
                                      GYRE_FOREVER),
                     expected[i / 2]);
        cr_expect(!gyre_scope_cancelled(&s));
        cr_expect_eq(gyre_scope_children(&s), 0);
        cr_expect_eq(gyre_scope_next(&s, &next, GYRE_NOW), -ECHILD);
        if (i < 4)
            cr_expect_eq(gyre_future_result(&done), results[i / 2]);
        cr_expect_eq(gyre_scope_close(&s, 0), 0);
    }
    cr_expect_eq(world->failures, 0);
}

CLAIM(start, that_takes_too_long_is_cancelled_and_waited_for)
{
    struct service service = {2 * MS, true, 7};
    struct gyre_future done;
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    cr_expect_eq(gyre_spawn_start(&s, &done, serve, &service, gyre_in(MS)),
                 -ETIMEDOUT);
    expect_notes("X");
    cr_expect_eq(elapsed(), MS);
    cr_expect_eq(gyre_future_result(&done), -ECANCELED);
    cr_expect_eq(gyre_scope_children(&s), 0);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

CLAIM(start, is_cancelled_with_the_starter_though_its_scope_is_not)
{
    struct service service = {2 * MS, true, 7};
    struct gyre_scope around, s;

    gyre_scope_open(&around, GYRE_FOREVER);
    gyre_scope_open(&s, gyre_in(MS));
    cr_expect_eq(gyre_spawn_start(&around, NULL, serve, &service, GYRE_FOREVER),
                 -ECANCELED);
    expect_notes("X");
    cr_expect_eq(gyre_scope_children(&around), 0);
    cr_expect_eq(gyre_scope_close(&s, 0), -ETIMEDOUT);
    cr_expect_eq(gyre_scope_close(&around, 0), 0);
}

CLAIM(start, is_cancelled_with_its_scope_though_the_starter_is_not)
{
    struct service service = {2 * MS, true, 7};
    struct gyre_scope s, shield;

    gyre_scope_open(&s, gyre_in(MS));
    gyre_scope_open_shielded(&shield, gyre_in(GYRE_SECOND));
    cr_expect_eq(gyre_spawn_start(&s, NULL, serve, &service, GYRE_FOREVER),
                 -ECANCELED);
    cr_expect_eq(gyre_scope_close(&shield, 0), 0);
    cr_expect_eq(gyre_scope_close(&s, 0), -ETIMEDOUT);
}

/* Does not heed that it is cancelled, and says that it is ready. */
static intptr_t start_too_late(void *arg)
{
    struct gyre_scope s;
    int err = gyre_sleep(gyre_in(2 * MS));

    (void)arg;
    gyre_scope_open_shielded(&s, gyre_in(GYRE_SECOND));
    note(gyre_sleep(gyre_in(2 * MS)) == 0 ? 'l' : '!');
    gyre_started(80);
    note(gyre_sleep(gyre_in(2 * MS)) == 0 ? 'L' : '!');
    (void)gyre_scope_close(&s, 0);
    return err ? -EIO : 0;
}

CLAIM(start, said_too_late_does_not_count)
{
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    cr_expect_eq(gyre_spawn_start(&s, NULL, start_too_late, NULL, gyre_in(MS)),
                 -ETIMEDOUT);
    expect_notes("lL");
    cr_expect_eq(elapsed(), 5 * MS);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(world->failures, 0);
}

struct limit {
    struct gyre_scope *scope;
    gyre_time at;
};

static intptr_t set_limit(void *arg)
{
    const struct limit *l = arg;
    int err = gyre_sleep(l->at - MS / 2);

    gyre_scope_limit(l->scope, l->at);
    return err;
}

/* The starter is cancelled when the task is about to run, and say it. */
CLAIM(start, said_between_the_cancellation_and_the_starter_s_turn_counts,
      .init = in_order)
{
    struct service service = {MS, true, 7};
    struct gyre_scope around, s;
    struct limit limit = {&s, gyre_in(MS)};

    gyre_scope_open(&around, GYRE_FOREVER);
    gyre_spawn(&around, NULL, set_limit, &limit);
    gyre_scope_open(&s, GYRE_FOREVER);
    cr_expect_eq(gyre_spawn_start(&around, NULL, serve, &service, GYRE_FOREVER),
                 80);
    cr_expect(gyre_scope_cancelled(&s));
    cr_expect_eq(gyre_scope_close(&s, 0), -ETIMEDOUT);
    cr_expect_eq(gyre_scope_close(&around, 0), 0);
    expect_notes("xse");
}

CLAIM(start, that_may_not_wait_spawns_nothing)
{
    struct service service = {MS, true, 7};
    struct gyre_future done;
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    cr_expect_eq(gyre_spawn_start(&s, &done, serve, &service, GYRE_NOW),
                 -ETIMEDOUT);
    cr_expect_eq(gyre_future_result(&done), -ETIMEDOUT);
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_spawn_start(&s, &done, serve, &service, GYRE_FOREVER),
                 -ECANCELED);
    cr_expect_eq(gyre_future_result(&done), -ECANCELED);
    cr_expect_eq(gyre_scope_children(&s), 0);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("");
}

static intptr_t start_and_stay(void *arg)
{
    (void)arg;
    gyre_started(80);
    return gyre_sleep(GYRE_FOREVER);
}

CLAIM(start, without_a_stack_fails_as_spawning_does)
{
    for (int tolerant = 0; tolerant < 2; tolerant++) {
        struct gyre_future done;
        struct gyre_scope s;
        intptr_t r;

        if (tolerant)
            gyre_scope_open_tolerant(&s, GYRE_FOREVER);
        else
            gyre_scope_open(&s, GYRE_FOREVER);
        faults_in_mapping(true);
        do {
            r = gyre_spawn_start(&s, NULL, start_and_stay, NULL, GYRE_FOREVER);
        } while (r == 80);
        cr_expect_eq(r, -ENOMEM);
        if (tolerant)
            r = gyre_spawn_start(&s, &done, start_and_stay, NULL, GYRE_FOREVER);
        faults_in_mapping(false);
        cr_expect_eq(r, -ENOMEM);
        if (tolerant)
            cr_expect_eq(gyre_future_result(&done), -ENOMEM);
        cr_expect_eq(gyre_scope_cancelled(&s), !tolerant);
        gyre_scope_cancel(&s);
        cr_expect_eq(gyre_scope_close(&s, 0), tolerant ? 0 : -ENOMEM);
    }
    cr_expect_eq(world->failures, 0);
}
