/*
 * test_defer.c - the claims of defer.h; those about breaches are in
 * test_breach.c.
 */
#include <errno.h>
#include <stdlib.h>

#include "task/defer.h"
#include "task/future.h"
#include "task/scope.h"
#include "task/task.h"
#include "tests/task/world.h"

static void undo(void *name)
{
    note(*(char *)name);
}

/* ---- at the end of a block ---- */

static intptr_t leave_early(void *arg)
{
    struct gyre_defer GYRE_DEFERRED a = {0};
    struct gyre_defer GYRE_DEFERRED b = {0};
    struct gyre_defer GYRE_DEFERRED never = {0};

    gyre_defer(&a, undo, "a");
    if (arg == NULL)
        return 0;
    gyre_defer(&b, undo, "b");
    note('o');
    return gyre_yield();
}

CLAIM(defer, handlers_run_at_the_end_of_their_block_the_last_first)
{
    cr_expect_eq(leave_early(NULL), 0);
    expect_notes("a");
    cr_expect_eq(leave_early(notes), 0);
    expect_notes("oba");
    for (int i = 0; i < 3; i++) {
        struct gyre_defer GYRE_DEFERRED d = {0};

        gyre_defer(&d, undo, "d");
        if (i == 1)
            continue;
        note('i');
    }
    expect_notes("iddid");
}

CLAIM(defer, handlers_are_run_once_or_dropped)
{
    struct gyre_defer GYRE_DEFERRED a = {0};
    struct gyre_defer b = {0}, c = {0};

    gyre_defer_run(&a);
    gyre_defer_drop(&a);
    gyre_defer(&a, undo, "a");
    gyre_defer(&b, undo, "b");
    gyre_defer(&c, undo, "c");
    gyre_defer_drop(&b);
    gyre_defer_drop(&b);
    gyre_defer_run(&b);
    gyre_defer_run(&c);
    gyre_defer_run(&c);
    gyre_defer(&c, undo, "e");
    gyre_defer_drop(&c);
    expect_notes("c");
    gyre_defer_run(&a);
    expect_notes("a");
}

/* ---- at the end of the task ---- */

/* What a task owns, and lets go of in the end. */
struct owned {
    struct gyre_defer defer;
    char name;
};

static void let_go(void *arg)
{
    struct owned *o = arg;

    note(o->name);
    free(o);
}

static struct owned *own(char name)
{
    struct owned *o = calloc(1, sizeof *o);

    o->name = name;
    gyre_defer(&o->defer, let_go, o);
    return o;
}

static intptr_t own_some(void *deadline)
{
    struct owned *a = own('a'), *b = own('b');
    int err;

    (void)a;
    own('c');
    gyre_defer_run(&b->defer);
    err = gyre_sleep((gyre_time)(intptr_t)deadline);
    note(err ? 'X' : 'x');
    return err;
}

static intptr_t await_and_note(void *f)
{
    intptr_t result = gyre_await(f, GYRE_FOREVER);

    note('f');
    return result;
}

CLAIM(defer, handlers_run_when_the_task_ends_before_its_future_is_set)
{
    struct gyre_future done;
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, &done, own_some, (void *)GYRE_NOW);
    gyre_spawn(&s, NULL, await_and_note, &done);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("bxcaf");
}

CLAIM(defer, handlers_run_when_the_task_is_cancelled)
{
    struct gyre_future done;
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, &done, own_some, (void *)GYRE_FOREVER);
    cr_expect_eq(gyre_yield(), 0);
    gyre_future_cancel(&done);
    cr_expect_eq(gyre_await(&done, GYRE_FOREVER), -ECANCELED);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("bXca");
}

/* ---- handlers that wait ---- */

static void wait_a_little(void *arg)
{
    struct gyre_scope s;

    (void)arg;
    note(gyre_sleep(gyre_in(MS)) == -ECANCELED ? 'C' : 'c');
    gyre_scope_open_shielded(&s, gyre_in(GYRE_SECOND));
    note(gyre_sleep(gyre_in(MS)) == 0 ? 's' : 'S');
    (void)gyre_scope_close(&s, 0);
}

static void defer_more(void *arg)
{
    static struct gyre_defer more;

    gyre_defer(&more, wait_a_little, arg);
}

static intptr_t end_slowly(void *arg)
{
    static struct gyre_defer d;

    gyre_defer(&d, defer_more, arg);
    return 7;
}

CLAIM(defer, handlers_may_wait_and_are_cancelled_but_in_shields)
{
    struct gyre_future done;
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, &done, end_slowly, NULL);
    cr_expect_eq(gyre_await(&done, GYRE_FOREVER), 7);
    expect_notes("cs");
    cr_expect_eq(elapsed(), 2 * MS);
    gyre_spawn(&s, &done, end_slowly, NULL);
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("Cs");
    cr_expect_eq(elapsed(), 3 * MS);
}

/* The main task's end is that of the run, and must not be before. */
Test(defer, handlers_of_the_main_task_may_wait_too)
{
    notes[0] = '\0';
    cr_expect_eq(simulate(end_slowly, NULL), 7);
    expect_notes("cs");
}
