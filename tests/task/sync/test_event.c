/*
 * test_event.c - the claims of event.h.
 */
#include <errno.h>

#include "task/scope.h"
#include "task/sync/event.h"
#include "task/task.h"
#include "tests/task/world.h"

/* Waits for `event`, and writes its name down; in upper case if in vain. */
struct waiter {
    struct gyre_event *event;
    char name;
};

static intptr_t wait_and_note(void *arg)
{
    struct waiter *w = arg;
    int err = gyre_event_wait(w->event, GYRE_FOREVER);

    note(err ? (char)(w->name - 'a' + 'A') : w->name);
    return err;
}

CLAIM(event, lets_nobody_pass_until_it_is_set)
{
    struct gyre_event e = {0};

    cr_expect_not(gyre_event_is_set(&e));
    cr_expect_eq(gyre_event_wait(&e, gyre_in(MS)), -ETIMEDOUT);
    cr_expect_eq(gyre_event_wait(&e, GYRE_NOW), -ETIMEDOUT);
    gyre_event_set(&e);
    gyre_event_set(&e);
    cr_expect(gyre_event_is_set(&e));
    cr_expect_eq(gyre_event_wait(&e, GYRE_NOW), 0);
    gyre_event_clear(&e);
    cr_expect_eq(gyre_event_wait(&e, GYRE_NOW), -ETIMEDOUT);
}

CLAIM(event, wakes_all_in_order_even_if_it_is_cleared_at_once, .init = in_order)
{
    struct gyre_event e = {0};
    struct waiter w[3] = {{&e, 'a'}, {&e, 'b'}, {&e, 'c'}};
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    for (int i = 0; i < 3; i++)
        gyre_spawn(&s, NULL, wait_and_note, &w[i]);
    cr_expect_eq(gyre_yield(), 0);
    cr_expect_eq(gyre_event_waiting(&e), 3);
    gyre_event_set(&e);
    gyre_event_clear(&e);
    cr_expect_eq(gyre_event_waiting(&e), 0);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("abc");
}

CLAIM(event, is_left_by_who_is_cancelled, .init = in_order)
{
    struct gyre_event e = {0};
    struct waiter w[2] = {{&e, 'a'}, {&e, 'b'}};
    struct gyre_future first;
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, &first, wait_and_note, &w[0]);
    gyre_spawn(&s, NULL, wait_and_note, &w[1]);
    cr_expect_eq(gyre_yield(), 0);
    gyre_future_cancel(&first);
    cr_expect_eq(gyre_event_waiting(&e), 1);
    gyre_event_set(&e);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("Ab");
}

CLAIM(event, is_a_cancel_point_even_when_it_is_set)
{
    struct gyre_event e = {0};
    struct gyre_scope s;

    gyre_event_set(&e);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_event_wait(&e, GYRE_NOW), -ECANCELED);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}
