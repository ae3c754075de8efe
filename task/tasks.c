/*
 * tasks.c - which tasks there are, and what they are called.
 */
#include "task/tasks.h"

#include <assert.h>

#include "task/internal.h"

uint64_t gyre_task_id(void)
{
    return gyre_current != NULL ? gyre_current->id : 0;
}

const char *gyre_task_name(void)
{
    return gyre_current != NULL ? gyre_current->name : NULL;
}

void gyre_task_set_name(const char *name)
{
    assert(gyre_current != NULL);
    gyre_current->name = name;
}

/* Of the branches of scopes and tasks, those of tasks. */
struct gyre_task *gyre_task_next(struct gyre_scope *s, struct gyre_task *t)
{
    struct gyre_branch *b = t == NULL ? &s->branch : &t->base;

    do
        b = gyre_branch_after(b, &s->branch);
    while (b != NULL && gyre_branch_scope(b) != NULL);
    return b != NULL ? b->task : NULL;
}

void gyre_task_tell(const struct gyre_task *t, struct gyre_task_info *info)
{
    const struct gyre_task *parent = gyre_task_parent(t);

    *info = (struct gyre_task_info){
        .id = t->id,
        .parent = parent != NULL ? parent->id : 0,
        .name = t->name,
        .fn = t->fn,
    };
}

static void show(struct gyre_task_visitor *v, const struct gyre_task *t)
{
    struct gyre_task_info info;

    gyre_task_tell(t, &info);
    v->task(v, &info);
}

size_t gyre_tasks_walk(struct gyre_scope *s, struct gyre_task_visitor *v)
{
    struct gyre_task *t = NULL;
    size_t n = 0;

    assert(s != NULL || gyre_current != NULL);
    if (s == NULL)
        s = gyre_current->runtime->root;
    while ((t = gyre_task_next(s, t)) != NULL) {
        n++;
        if (v != NULL)
            show(v, t);
    }
    return n;
}
