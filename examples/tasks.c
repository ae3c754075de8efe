/* Which tasks there are, as a tree, and what they are called. */
#include <gyre.h>
#include <stdio.h>

static void show(struct gyre_task_visitor *v, const struct gyre_task_info *info)
{
    (void)v;
    printf("%d, in %d: %s\n", (int)info->id, (int)info->parent,
           info->name != NULL ? info->name : "(no name of its own)");
}

static intptr_t leaf(void *arg)
{
    (void)arg;
    return gyre_sleep(gyre_in(GYRE_SECOND));
}

static intptr_t branch(void *name)
{
    struct gyre_spawn_options options = {.name = "leaf"};
    struct gyre_scope scope;

    gyre_task_set_name(name);
    gyre_scope_open(&scope, GYRE_FOREVER);
    gyre_spawn_with(&scope, NULL, leaf, NULL, &options);
    gyre_spawn(&scope, NULL, leaf, NULL);
    return gyre_scope_close(&scope, 0);
}

static intptr_t trunk(void *arg)
{
    struct gyre_task_visitor v = {show};
    struct gyre_scope scope;
    int err;

    (void)arg;
    gyre_scope_open(&scope, GYRE_FOREVER);
    gyre_spawn(&scope, NULL, branch, "left");
    gyre_spawn(&scope, NULL, branch, "right");
    err = gyre_sleep(gyre_in(GYRE_MILLISECOND));
    printf("%zu tasks\n", gyre_tasks_walk(NULL, &v));
    return gyre_scope_close(&scope, err);
}

int main(void)
{
    return gyre_simulate(trunk, NULL) != 0;
}
