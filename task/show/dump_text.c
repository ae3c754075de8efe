/*
 * dump_text.c - what all tasks are doing, for a person to read.
 *
 * Tasks that were spawned into one scope and look alike, as the thousand
 * connections of a server do, have their stack shown once, under a line for
 * each, with its own name: so the first of them writes for all, and the others
 * are passed by.  Which is which is found by looking at the siblings again, for
 * there is nowhere to note it.  Only what has no tasks below it is grouped.
 */
#include "task/show/format.h"

#include <inttypes.h>

#include "task/show/cycles.h"
#include "task/show/place.h"
#include "task/show/view.h"
#include "task/show/words.h"

/* ---- siblings ---- */

enum way { BACK, ON };

/* The task spawned into the same scope before `t`, or after; or NULL. */
static struct gyre_task *sibling(const struct gyre_task *t, enum way way)
{
    const struct gyre_list *head = &t->base.parent->branches;
    const struct gyre_list *i = &t->base.link;

    while ((i = way == ON ? i->next : i->prev) != head) {
        struct gyre_branch *b = GYRE_OWNER(i, struct gyre_branch, link);

        if (gyre_branch_scope(b) == NULL)
            return b->task;
    }
    return NULL;
}

static bool has_children(struct gyre_task *t)
{
    struct gyre_branch *b = &t->base;

    while ((b = gyre_branch_after(b, &t->base)) != NULL) {
        if (gyre_branch_scope(b) == NULL)
            return true;
    }
    return false;
}

/* The nearest sibling that way that looks like `v` and has no children, seen in
   `like`.  False if there is none. */
static bool alike(const struct gyre_task_view *v, enum way way, gyre_time now,
                  struct gyre_task_view *like)
{
    struct gyre_task *t = sibling(like->task, way);

    while (t != NULL &&
           (!gyre_task_is_alike(t, v, now, like) || has_children(t)))
        t = sibling(t, way);
    return t != NULL;
}

/* ---- lines ---- */

static void indent(struct gyre_out *o, int depth)
{
    while (depth-- > 0)
        gyre_put(o, "  ");
}

static void put_line(struct gyre_out *o, const struct gyre_task_view *v)
{
    indent(o, v->depth);
    gyre_put_task(o, v, NULL);
    gyre_put(o, "\n");
}

static void put_site(struct gyre_out *o, const struct gyre_task_view *v,
                     const char *before, const void *site)
{
    indent(o, v->depth);
    gyre_put(o, before);
    gyre_put(o, gyre_site_name(v->task->runtime, site));
    gyre_put(o, "\n");
}

/* Where it is, `n` tasks are, and where it was spawned. */
static void put_stack(struct gyre_out *o, const struct gyre_task_view *v,
                      size_t n)
{
    if (n > 1) {
        indent(o, v->depth);
        gyre_put_format(o, "    %zu tasks, same stack:\n", n);
    }
    for (size_t i = 0; i < v->height; i++)
        put_site(o, v, "    in ", v->frames[i]);
    put_site(o, v, "    spawned at ", v->task->spawned_at);
}

/* ---- tasks ---- */

/* Lines for those that look like `v`, from that one on.  How many? */
static size_t put_group(struct gyre_out *o, const struct gyre_task_view *v,
                        gyre_time now)
{
    struct gyre_task_view like = *v;
    size_t n = 0;

    do {
        put_line(o, &like);
        n++;
    } while (alike(v, ON, now, &like));
    return n;
}

static void put_one(struct gyre_out *o, struct gyre_task *t, gyre_time now)
{
    struct gyre_task_view v, like;
    size_t n = 1;

    gyre_task_look(&v, t, now);
    like = v;
    if (has_children(t))
        put_line(o, &v);
    else if (alike(&v, BACK, now, &like))
        return;
    else
        n = put_group(o, &v, now);
    put_stack(o, &v, n);
}

/* ---- cycles ---- */

struct cycles {
    struct gyre_cycle_visitor base;
    struct gyre_out *out;
    gyre_time now;
};

static void put_cycle(struct gyre_cycle_visitor *v, struct gyre_task *first)
{
    const struct cycles *c = GYRE_OWNER(v, struct cycles, base);

    gyre_put_cycle(c->out, first, c->now);
}

void gyre_put_text(struct gyre_out *o, struct gyre_runtime *rt)
{
    gyre_time now = gyre_views_begin(rt);
    struct cycles cycles = {.base.cycle = put_cycle, .out = o, .now = now};
    struct gyre_task *t = NULL;

    while ((t = gyre_task_next(rt->root, t)) != NULL)
        put_one(o, t, now);
    gyre_cycles_walk(rt, &cycles.base);
}
