/*
 * highwater.c - how deep the stacks of tasks went, by what the tasks run.
 *
 * Programs spawn few functions, so the table is searched from end to end.
 */
#include "task/highwater.h"

#include "loop/allocator.h"
#include "task/internal.h"
#include "task/paint.h"

#define FEW 16 /* marks the table has room for at first */

/* Stacks of one pool differ, but by what nobody asked for. */
static size_t stack_size(const struct gyre_task *t)
{
    const struct gyre_stack *s = t->stack;

    return s->pool != NULL ? s->pool->size : s->size;
}

static struct gyre_mark *find(struct gyre_highwater *h,
                              const struct gyre_task *t)
{
    for (size_t i = 0; i < h->n; i++)
        if (h->marks[i].fn == t->fn && h->marks[i].size == stack_size(t))
            return &h->marks[i];
    return NULL;
}

static struct gyre_allocator *allocator(const struct gyre_runtime *rt)
{
    return gyre_loop_allocator(rt->loop);
}

static bool grow(struct gyre_runtime *rt)
{
    struct gyre_highwater *h = &rt->highwater;
    size_t room = h->room > 0 ? 2 * h->room : FEW;
    struct gyre_mark *more =
        gyre_resize(allocator(rt), h->marks, h->room * sizeof *h->marks,
                    room * sizeof *h->marks);

    if (more == NULL)
        return false;
    h->marks = more;
    h->room = room;
    return true;
}

/* The mark for `t`, which may be new; or NULL, if there is no memory. */
static struct gyre_mark *mark_of(struct gyre_task *t)
{
    struct gyre_highwater *h = &t->runtime->highwater;
    struct gyre_mark *m = find(h, t);

    if (m != NULL)
        return m;
    if (h->n == h->room && !grow(t->runtime))
        return NULL;
    m = &h->marks[h->n++];
    *m = (struct gyre_mark){.fn = t->fn, .size = stack_size(t)};
    return m;
}

static struct gyre_mark *measure(struct gyre_task *t)
{
    size_t depth = gyre_stack_depth(t->stack);
    struct gyre_mark *m = mark_of(t);

    if (m != NULL && depth > m->deepest) {
        m->deepest = depth;
        m->name = t->name;
    }
    return m;
}

void gyre_highwater_start(struct gyre_runtime *rt)
{
    rt->highwater.on = true;
    gyre_supply_paint(&rt->supply);
}

void gyre_highwater_free(struct gyre_runtime *rt)
{
    struct gyre_highwater *h = &rt->highwater;

    gyre_resize(allocator(rt), h->marks, h->room * sizeof *h->marks, 0);
    *h = (struct gyre_highwater){0};
}

void gyre_highwater_ended(struct gyre_task *t)
{
    struct gyre_mark *m = measure(t);

    if (m != NULL)
        m->ended++;
    else
        t->runtime->highwater.missed++;
    gyre_stack_repaint(t->stack);
}

void gyre_highwater_look(struct gyre_runtime *rt)
{
    struct gyre_highwater *h = &rt->highwater;
    struct gyre_task *t = NULL;

    for (size_t i = 0; i < h->n; i++)
        h->marks[i].live = 0;
    while ((t = gyre_task_next(rt->root, t)) != NULL) {
        struct gyre_mark *m = measure(t);

        if (m != NULL)
            m->live++;
    }
}
