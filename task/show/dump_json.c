/*
 * dump_json.c - what all tasks are doing, for a program to read: see dump.h.
 */
#include "task/show/format.h"

#include <inttypes.h>

#include "task/show/cycles.h"
#include "task/show/place.h"
#include "task/show/view.h"

/* ---- values ---- */

static void put_text(struct gyre_out *o, const char *text)
{
    if (text == NULL || text[0] == '\0') {
        gyre_put(o, "null");
        return;
    }
    gyre_put(o, "\"");
    gyre_put_escaped(o, text);
    gyre_put(o, "\"");
}

static void put_site(struct gyre_out *o, const struct gyre_task_view *v,
                     const void *site)
{
    put_text(o, gyre_site_name(v->task->runtime, site));
}

static void put_flag(struct gyre_out *o, const char *name, bool is)
{
    gyre_put_format(o, ",\"%s\":%s", name, is ? "true" : "false");
}

static void put_id(struct gyre_out *o, const struct gyre_task *t)
{
    if (t == NULL)
        gyre_put(o, "null");
    else
        gyre_put_format(o, "%" PRIu64, t->id);
}

/* ---- tasks ---- */

static void put_owners(struct gyre_out *o, const struct gyre_task *t)
{
    const struct gyre_task *owner = NULL;
    const char *before = "";

    while ((owner = gyre_task_held_up_by(t, owner)) != NULL) {
        gyre_put_format(o, "%s%" PRIu64, before, owner->id);
        before = ",";
    }
}

static void put_wait(struct gyre_out *o, const struct gyre_task_view *v)
{
    gyre_put(o, "{\"kind\":");
    put_text(o, v->kind);
    if (v->on != NULL)
        gyre_put_format(o, ",\"on\":\"%p\"", v->on);
    else
        gyre_put(o, ",\"on\":null");
    gyre_put(o, ",\"detail\":");
    put_text(o, v->what);
    gyre_put(o, ",\"held_up_by\":[");
    put_owners(o, v->task);
    gyre_put_format(o, "],\"age_ns\":%" PRId64 ",\"left_ns\":", v->age);
    if (v->left == GYRE_FOREVER)
        gyre_put(o, "null}");
    else
        gyre_put_format(o, "%" PRId64 "}", v->left);
}

static void put_stack(struct gyre_out *o, const struct gyre_task_view *v)
{
    for (size_t i = 0; i < v->height; i++) {
        if (i > 0)
            gyre_put(o, ",");
        put_site(o, v, v->frames[i]);
    }
}

static void put_origin(struct gyre_out *o, const struct gyre_task_view *v)
{
    const struct gyre_task *t = v->task;

    gyre_put(o, "{\"id\":");
    put_id(o, t);
    gyre_put(o, ",\"parent\":");
    put_id(o, v->parent);
    gyre_put(o, ",\"name\":");
    put_text(o, t->name);
    gyre_put(o, ",\"function\":");
    put_text(o, gyre_function_name(t->runtime, t->fn));
    gyre_put(o, ",\"spawned_at\":");
    put_site(o, v, t->spawned_at);
}

static void put_task(struct gyre_out *o, const struct gyre_task_view *v)
{
    static const char *const states[] = {"running", "ready", "parked"};

    put_origin(o, v);
    gyre_put_format(o, ",\"state\":\"%s\"", states[v->state]);
    put_flag(o, "cancelled", v->cancelled);
    put_flag(o, "background", v->task->background);
    gyre_put(o, ",\"waits\":");
    if (v->state == GYRE_TASK_PARKED)
        put_wait(o, v);
    else
        gyre_put(o, "null");
    gyre_put(o, ",\"stack\":[");
    put_stack(o, v);
    gyre_put(o, "]}");
}

/* ---- cycles ---- */

struct cycles {
    struct gyre_cycle_visitor base;
    struct gyre_out *out;
    const char *before;
};

static void put_cycle(struct gyre_cycle_visitor *v, struct gyre_task *first)
{
    struct cycles *c = GYRE_OWNER(v, struct cycles, base);
    const struct gyre_task *t = first;

    gyre_put(c->out, c->before);
    gyre_put(c->out, "[");
    do {
        put_id(c->out, t);
        t = t->search.to;
        gyre_put(c->out, t == first ? "]" : ",");
    } while (t != first);
    c->before = ",";
}

void gyre_put_json(struct gyre_out *o, struct gyre_runtime *rt)
{
    struct cycles cycles = {.base.cycle = put_cycle, .out = o, .before = ""};
    gyre_time now = gyre_views_begin(rt);
    const char *before = "";
    struct gyre_task_view v;
    struct gyre_task *t = NULL;

    gyre_put(o, "{\"tasks\":[\n");
    while ((t = gyre_task_next(rt->root, t)) != NULL) {
        gyre_task_look(&v, t, now);
        gyre_put(o, before);
        put_task(o, &v);
        before = ",\n";
    }
    gyre_put(o, "],\n\"cycles\":[");
    gyre_cycles_walk(rt, &cycles.base);
    gyre_put(o, "]}\n");
}
