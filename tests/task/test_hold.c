/*
 * test_hold.c - the claims of hold.h.
 */
#include <errno.h>

#include "task/hold.h"
#include "task/internal.h"
#include "task/scope.h"
#include "task/task.h"
#include "task/wait.h"
#include "tests/task/world.h"

/* A thing to be held, with a name. */
struct thing {
    struct gyre_hold hold;
    char name;
};

static void orphan(struct gyre_hold *h)
{
    cr_expect_eq(h->task, NULL);
    note(GYRE_OWNER(h, struct thing, hold)->name);
}

static struct thing things[3];

static void name_things(void)
{
    for (int i = 0; i < 3; i++)
        things[i] = (struct thing){.name = (char)('a' + i)};
}

static intptr_t take_all_and_drop_one(void *arg)
{
    (void)arg;
    for (int i = 0; i < 3; i++)
        gyre_hold_take(&things[i].hold, orphan);
    gyre_hold_drop(&things[1].hold);
    return 0;
}

CLAIM(hold, what_a_task_has_when_it_ends_is_orphaned_in_order)
{
    struct gyre_future f;
    struct gyre_scope s;

    name_things();
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, &f, take_all_and_drop_one, NULL);
    cr_expect_eq(gyre_await(&f, GYRE_FOREVER), 0);
    expect_notes("ac");
    for (int i = 0; i < 3; i++)
        cr_expect_eq(gyre_hold_owner(&things[i].hold), 0);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

CLAIM(hold, belongs_to_who_took_it)
{
    struct gyre_hold *h = &things[0].hold;

    name_things();
    cr_expect_not(gyre_hold_is_mine(h));
    cr_expect_eq(gyre_hold_owner(h), 0);
    gyre_hold_take(h, orphan);
    cr_expect(gyre_hold_is_mine(h));
    cr_expect_eq(gyre_hold_owner(h), gyre_current->id);
    gyre_hold_drop(h);
    gyre_hold_drop(h);
    cr_expect_not(gyre_hold_is_mine(h));
    expect_notes("");
}

/* Waits to be given what it then ends with. */
static intptr_t be_given(void *arg)
{
    struct gyre_wait *w = arg;
    int err = (int)gyre_wait_park(w, GYRE_FOREVER);

    cr_expect(gyre_hold_is_mine(&things[0].hold));
    cr_expect_not(gyre_hold_is_mine(&things[1].hold));
    return err;
}

static void give_and_wake(struct gyre_wait *w, struct gyre_hold *h)
{
    gyre_hold_give(h, w, orphan);
    cr_expect_not(gyre_hold_is_mine(h));
    cr_expect_eq(gyre_hold_owner(h), w->task->id);
    gyre_wait_wake(w, 0);
}

CLAIM(hold, belongs_to_whom_it_was_given_from_then_on)
{
    struct gyre_wait w = {0};
    struct gyre_scope s;

    name_things();
    gyre_hold_take(&things[0].hold, orphan);
    gyre_hold_take(&things[1].hold, orphan);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, be_given, &w);
    let_others_run();
    give_and_wake(&w, &things[0].hold);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("a");
    gyre_hold_drop(&things[1].hold);
}

CLAIM(hold, may_be_given_by_nobody)
{
    struct gyre_wait w = {0};
    struct gyre_scope s;

    name_things();
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, be_given, &w);
    let_others_run();
    give_and_wake(&w, &things[0].hold);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("a");
}

static intptr_t end_with_a_future(void *arg)
{
    (void)arg;
    gyre_hold_take(&things[0].hold, orphan);
    return 0;
}

/* Whoever joins a task finds what it held orphaned already. */
static intptr_t join(void *future)
{
    intptr_t r = gyre_await(future, GYRE_FOREVER);

    note('j');
    return r;
}

CLAIM(hold, is_orphaned_before_anybody_hears_of_the_end)
{
    struct gyre_future f;
    struct gyre_scope s;

    name_things();
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, &f, end_with_a_future, NULL);
    gyre_spawn(&s, NULL, join, &f);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("aj");
}
