/*
 * test_tasks.c - the claims of tasks.h.
 */
#include <stdio.h>
#include <string.h>

#include "loop/job.h"
#include "task/scope.h"
#include "task/task.h"
#include "task/tasks.h"
#include "tests/task/world.h"

/* ---- what a task knows of itself ---- */

Test(tasks, are_none_outside)
{
    cr_expect_eq(gyre_task_id(), 0);
    cr_expect_null(gyre_task_name());
}

static intptr_t tell_id(void *arg)
{
    (void)arg;
    return (intptr_t)gyre_task_id();
}

CLAIM(tasks, are_numbered_in_order_of_spawning_from_the_main_task)
{
    struct gyre_future done[3];
    struct gyre_scope s;

    cr_expect_eq(gyre_task_id(), 1);
    gyre_scope_open(&s, GYRE_FOREVER);
    for (int i = 0; i < 3; i++)
        gyre_spawn(&s, &done[i], tell_id, NULL);
    for (int i = 0; i < 3; i++)
        cr_expect_eq(gyre_await(&done[i], GYRE_FOREVER), 2 + i);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

static intptr_t has_name(void *name)
{
    const char *ours = gyre_task_name();

    return name == NULL ? ours == NULL : strcmp(ours, name) == 0;
}

static intptr_t change_name(void *arg)
{
    (void)arg;
    gyre_task_set_name("other");
    cr_expect_str_eq(gyre_task_name(), "other");
    gyre_task_set_name(NULL);
    return gyre_task_name() == NULL;
}

static intptr_t await_spawned(const struct gyre_spawn_options *options,
                              intptr_t (*fn)(void *arg), const char *arg)
{
    struct gyre_future done;
    struct gyre_scope s;
    intptr_t result;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn_with(&s, &done, fn, (void *)arg, options);
    result = gyre_await(&done, GYRE_FOREVER);
    return gyre_scope_close(&s, result);
}

CLAIM(tasks, know_their_names_and_may_change_them)
{
    static const struct gyre_spawn_options named = {.name = "child"};

    cr_expect_str_eq(gyre_task_name(), "main");
    cr_expect_eq(await_spawned(NULL, has_name, NULL), 1);
    cr_expect_eq(await_spawned(&named, has_name, "child"), 1);
    cr_expect_eq(await_spawned(&named, change_name, NULL), 1);
    cr_expect_str_eq(gyre_task_name(), "main");
}

/* ---- all of them ---- */

/* Writes down name and parent of each. */
struct census {
    struct gyre_task_visitor base;
    char lines[256];
};

static void enter(struct gyre_task_visitor *v, const struct gyre_task_info *i)
{
    struct census *r = GYRE_OWNER(v, struct census, base);
    size_t n = strlen(r->lines);

    snprintf(r->lines + n, sizeof r->lines - n, "%d %s<%d ", (int)i->id,
             i->name != NULL ? i->name : "-", (int)i->parent);
}

static void expect_tasks(struct gyre_scope *s, size_t n, const char *lines)
{
    struct census r = {.base.task = enter};

    cr_expect_eq(gyre_tasks_walk(s, &r.base), n);
    cr_expect_str_eq(r.lines, lines);
    cr_expect_eq(gyre_tasks_walk(s, NULL), n);
}

static intptr_t found_family(void *span)
{
    static const struct gyre_spawn_options named = {.name = "grandchild"};
    struct gyre_scope outer, inner;

    gyre_scope_open(&outer, GYRE_FOREVER);
    gyre_scope_open(&inner, GYRE_FOREVER);
    gyre_spawn_with(&inner, NULL, nap, span, &named);
    return gyre_scope_close(&outer, gyre_scope_close(&inner, 0));
}

/* Walks the tasks of a scope from a callback. */
struct onlooker {
    struct gyre_job job;
    struct gyre_scope *scope;
};

static void look_on(struct gyre_job *j)
{
    struct onlooker *o = GYRE_OWNER(j, struct onlooker, job);

    cr_expect_eq(gyre_tasks_walk(o->scope, NULL), 3);
    note('l');
}

CLAIM(tasks, are_shown_each_once_with_their_parents_before_them)
{
    static const struct gyre_spawn_options named = {.name = "child"};
    struct gyre_scope s, empty;
    struct onlooker onlooker = {.job.run = look_on, .scope = &s};

    expect_tasks(NULL, 1, "1 main<0 ");
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn_with(&s, NULL, found_family, (void *)MS, &named);
    gyre_spawn(&s, NULL, nap, (void *)MS);
    gyre_scope_open(&empty, GYRE_FOREVER);
    let_others_run();

    expect_tasks(NULL, 4, "1 main<0 2 child<1 4 grandchild<2 3 -<1 ");
    expect_tasks(&s, 3, "2 child<1 4 grandchild<2 3 -<1 ");
    expect_tasks(&empty, 0, "");
    gyre_job_start(world->loop, &onlooker.job);
    cr_expect_eq(gyre_sleep(gyre_in(2 * MS)), 0);
    expect_notes("l");
    expect_tasks(&s, 0, "");
    expect_tasks(NULL, 1, "1 main<0 ");
    cr_expect_eq(gyre_scope_close(&empty, 0), 0);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}
