/*
 * dump_dot.c - who waits for whom, for Graphviz to draw.
 */
#include "task/show/format.h"

#include <inttypes.h>

#include "task/show/cycles.h"
#include "task/show/place.h"
#include "task/show/view.h"

/* A backslash and an n are a new line to Graphviz. */
static void put_state(struct gyre_out *o, const struct gyre_task_view *v)
{
    gyre_put(o, "\\n");
    if (v->state == GYRE_TASK_RUNNING)
        gyre_put(o, "running");
    else if (v->state == GYRE_TASK_READY)
        gyre_put(o, "ready");
    else
        gyre_put_escaped(o, v->kind);
    if (v->what[0] != '\0')
        gyre_put(o, "\\n");
    gyre_put_escaped(o, v->what);
}

static void put_node(struct gyre_out *o, const struct gyre_task_view *v)
{
    const struct gyre_task *t = v->task;

    gyre_put_format(o, "  %" PRIu64 " [label=\"#%" PRIu64 " ", t->id, t->id);
    gyre_put_escaped(
        o, t->name != NULL ? t->name : gyre_function_name(t->runtime, t->fn));
    put_state(o, v);
    gyre_put(o, "\"];\n");
}

static void put_wait(struct gyre_out *o, const struct gyre_task_view *v,
                     const struct gyre_task *owner)
{
    gyre_put_format(o, "  %" PRIu64 " -> %" PRIu64 " [label=\"", v->task->id,
                    owner->id);
    gyre_put_escaped(o, v->kind);
    gyre_put(o, "\"];\n");
}

static void put_edges(struct gyre_out *o, const struct gyre_task_view *v)
{
    const struct gyre_task *t = v->task, *owner = NULL;

    if (v->parent != NULL)
        gyre_put_format(o, "  %" PRIu64 " -> %" PRIu64 " [style=dotted];\n",
                        v->parent->id, t->id);
    while ((owner = gyre_task_held_up_by(t, owner)) != NULL)
        put_wait(o, v, owner);
}

struct cycles {
    struct gyre_cycle_visitor base;
    struct gyre_out *out;
};

static void put_cycle(struct gyre_cycle_visitor *v, struct gyre_task *first)
{
    struct gyre_out *o = GYRE_OWNER(v, struct cycles, base)->out;
    const struct gyre_task *t = first;

    do {
        gyre_put_format(o, "  %" PRIu64 " [color=red];\n", t->id);
        t = t->search.to;
    } while (t != first);
}

void gyre_put_dot(struct gyre_out *o, struct gyre_runtime *rt)
{
    struct cycles cycles = {.base.cycle = put_cycle, .out = o};
    gyre_time now = gyre_views_begin(rt);
    struct gyre_task_view v;
    struct gyre_task *t = NULL;

    gyre_put(o, "digraph tasks {\n  node [shape=box];\n");
    while ((t = gyre_task_next(rt->root, t)) != NULL) {
        gyre_task_look(&v, t, now);
        put_node(o, &v);
        put_edges(o, &v);
    }
    gyre_cycles_walk(rt, &cycles.base);
    gyre_put(o, "}\n");
}
