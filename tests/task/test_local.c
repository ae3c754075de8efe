/*
 * test_local.c - the claims of local.h; those about breaches are in
 * test_breach.c.
 */
#include "loop/job.h"
#include "task/local.h"
#include "task/scope.h"
#include "task/task.h"
#include "tests/task/world.h"

static struct gyre_local_key letter = {.unbound = "-"};
static struct gyre_local_key other;

/* Writes down what the letter is bound to. */
static void tell(void)
{
    note(*(const char *)gyre_local(&letter));
}

/* Sees that it is bound to `text`, and still is when others have run. */
static intptr_t expect_twice(void *text)
{
    int err;

    cr_expect_str_eq(gyre_local(&letter), text);
    err = gyre_yield();
    cr_expect_str_eq(gyre_local(&letter), text);
    return err;
}

Test(local, nothing_is_bound_outside_of_tasks)
{
    cr_expect_str_eq(gyre_local(&letter), "-");
    cr_expect_null(gyre_local(&other));
}

CLAIM(local, the_latest_binding_hides_the_others_of_its_key)
{
    struct gyre_local a, b, c;

    tell();
    gyre_local_bind(&a, &letter, "a");
    gyre_local_bind(&b, &other, "x");
    tell();
    gyre_local_bind(&c, &letter, "c");
    tell();
    cr_expect_str_eq(gyre_local(&other), "x");
    gyre_local_unbind(&c);
    tell();
    gyre_local_unbind(&b);
    cr_expect_null(gyre_local(&other));
    gyre_local_unbind(&a);
    tell();
    expect_notes("-aca-");
}

CLAIM(local, tasks_inherit_what_stood_when_their_scope_was_opened)
{
    struct gyre_local a, b;
    struct gyre_scope s;

    gyre_local_bind(&a, &letter, "a");
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_local_bind(&b, &letter, "b");
    gyre_spawn_with(&s, NULL, expect_twice, "a",
                    &(struct gyre_spawn_options){.eager = true});
    cr_expect_str_eq(gyre_local(&letter), "b");
    gyre_local_unbind(&b);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    gyre_local_unbind(&a);
}

static intptr_t bind_own(void *name)
{
    struct gyre_local GYRE_LOCAL b = {0};
    struct gyre_scope s;

    gyre_local_bind(&b, &letter, name);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, expect_twice, name);
    return gyre_scope_close(&s, 0);
}

CLAIM(local, what_a_task_binds_is_seen_by_it_and_its_own_alone)
{
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, bind_own, "p");
    gyre_spawn(&s, NULL, bind_own, "q");
    gyre_spawn(&s, NULL, expect_twice, "-");
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

/* Spawned elsewhere, it inherits of that place, and not of its spawner. */
static intptr_t spawn_elsewhere(void *scope)
{
    struct gyre_local GYRE_LOCAL b = {0};

    gyre_local_bind(&b, &letter, "s");
    gyre_spawn(scope, NULL, expect_twice, "-");
    return 0;
}

CLAIM(local, it_is_the_scope_one_inherits_of_and_not_the_spawner)
{
    struct gyre_local a;
    struct gyre_scope outer, inner;

    gyre_scope_open(&outer, GYRE_FOREVER);
    gyre_local_bind(&a, &letter, "a");
    gyre_scope_open(&inner, GYRE_FOREVER);
    gyre_spawn(&inner, NULL, spawn_elsewhere, &outer);
    cr_expect_eq(gyre_scope_close(&inner, 0), 0);
    gyre_local_unbind(&a);
    cr_expect_eq(gyre_scope_close(&outer, 0), 0);
}

CLAIM(local, bindings_are_undone_at_the_end_of_their_block)
{
    for (int i = 0; i < 3; i++) {
        struct gyre_local GYRE_LOCAL never = {0};
        struct gyre_local GYRE_LOCAL b = {0};

        tell();
        gyre_local_bind(&b, &letter, "b");
        tell();
        if (i == 1)
            continue;
        gyre_local_unbind(&b);
    }
    tell();
    expect_notes("-b-b-b-");
}

static void tell_in_callback(struct gyre_job *j)
{
    (void)j;
    tell();
}

CLAIM(local, callbacks_see_none)
{
    struct gyre_job j = {.run = tell_in_callback};
    struct gyre_local GYRE_LOCAL b = {0};

    gyre_local_bind(&b, &letter, "b");
    gyre_job_start(world->loop, &j);
    let_others_run();
    expect_notes("-");
}
