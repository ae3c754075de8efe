/*
 * view.c - what can be said of one task, as of now.
 */
#include "task/show/view.h"

#include <string.h>

#include "loop/loop.h"
#include "task/show/backtrace.h"
#include "task/show/place.h"

/* A ready task, too, has a stack to be looked at. */
static enum gyre_task_state state(const struct gyre_task *t)
{
    if (t == gyre_current)
        return GYRE_TASK_RUNNING;
    return t->wait != NULL ? GYRE_TASK_PARKED : GYRE_TASK_READY;
}

static int depth(const struct gyre_task *t)
{
    int n = 0;

    while ((t = gyre_task_parent(t)) != NULL)
        n++;
    return n;
}

gyre_time gyre_task_left(const struct gyre_task *t, gyre_time now)
{
    gyre_time due = gyre_task_limit(t);

    if (t->timer != NULL && gyre_timer_due(t->timer) < due)
        due = gyre_timer_due(t->timer);
    if (due == GYRE_FOREVER)
        return GYRE_FOREVER;
    return due > now ? due - now : 0;
}

static void look_at_wait(struct gyre_task_view *v, gyre_time now)
{
    const struct gyre_wait *w = v->task->wait;
    const struct gyre_wait_kind *kind = w->kind;

    v->kind = kind != NULL && kind->name != NULL ? kind->name : "for something";
    v->on = w->on;
    v->age = now - w->since;
    v->left = gyre_task_left(v->task, now);
    if (kind != NULL && kind->describe != NULL)
        kind->describe(w, v->what, sizeof v->what);
}

/* Where the task is; the running one, where it called gyre_dump: how that looks
   for itself is nobody's business. */
static void look_at_stack(struct gyre_task_view *v)
{
    const void *asked_at = v->task->runtime->asked_at;
    size_t n = 0;

    v->height = gyre_backtrace(v->task, v->frames, GYRE_VIEW_FRAMES);
    if (v->state != GYRE_TASK_RUNNING)
        return;
    while (n < v->height && v->frames[n] != asked_at)
        n++;
    if (n == v->height)
        return;
    v->height -= n;
    memmove(v->frames, v->frames + n, v->height * sizeof v->frames[0]);
}

gyre_time gyre_views_begin(struct gyre_runtime *rt)
{
    gyre_places_forget(rt->places);
    return gyre_loop_in(rt->loop, 0);
}

void gyre_task_look(struct gyre_task_view *v, const struct gyre_task *t,
                    gyre_time now)
{
    v->task = t;
    v->parent = gyre_task_parent(t);
    v->depth = depth(t);
    v->state = state(t);
    v->cancelled = t->innermost->cause != 0;
    v->kind = NULL;
    v->on = NULL;
    v->what[0] = '\0';
    v->age = 0;
    v->left = GYRE_FOREVER;
    if (v->state == GYRE_TASK_PARKED)
        look_at_wait(v, now);
    look_at_stack(v);
}

static const struct gyre_wait_kind *kind_of(const struct gyre_task *t)
{
    return t->wait != NULL ? t->wait->kind : NULL;
}

/* What is cheap to compare comes first: a stack is walked for those only which
   have come from one place, and wait for the same kind of thing. */
bool gyre_task_is_alike(const struct gyre_task *t,
                        const struct gyre_task_view *v, gyre_time now,
                        struct gyre_task_view *like)
{
    if (t->fn != v->task->fn || t->spawned_at != v->task->spawned_at ||
        kind_of(t) != kind_of(v->task) || state(t) != v->state)
        return false;
    gyre_task_look(like, t, now);
    return like->height == v->height &&
           memcmp(like->frames, v->frames, v->height * sizeof v->frames[0]) ==
               0;
}

struct gyre_task *gyre_task_held_up_by(const struct gyre_task *t,
                                       const struct gyre_task *last)
{
    const struct gyre_wait *w = t->wait;

    if (w == NULL || w->kind == NULL || w->kind->owner == NULL ||
        w->kind->choose != NULL)
        return NULL;
    return w->kind->owner(w, last);
}
