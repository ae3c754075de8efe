/*
 * words.c - a task, and what it waits for, in words.
 */
#include "task/show/words.h"

#include <inttypes.h>

#include "task/show/cycles.h"
#include "task/show/place.h"

enum { NAMED = 8 }; /* of those who hold a task up */

void gyre_put_title(struct gyre_out *o, const struct gyre_task *t)
{
    gyre_put_format(o, "#%" PRIu64 " ", t->id);
    gyre_put(o,
             t->name != NULL ? t->name : gyre_function_name(t->runtime, t->fn));
}

/* Without floating point, for which printf may need more stack than a task has
   left. */
void gyre_put_span(struct gyre_out *o, gyre_time span)
{
    gyre_time ms = span / GYRE_MILLISECOND;

    gyre_put_format(o, "%" PRId64 ".%03d s", ms / 1000, (int)(ms % 1000));
}

/* ---- waits ---- */

void gyre_put_owners(struct gyre_out *o, const struct gyre_task *t)
{
    const struct gyre_task *owner = gyre_task_held_up_by(t, NULL);
    const char *before = ", held up by ";
    int n = 0;

    for (; owner != NULL && n < NAMED; n++) {
        gyre_put_format(o, "%s#%" PRIu64, before, owner->id);
        before = ", ";
        owner = gyre_task_held_up_by(t, owner);
    }
    if (owner != NULL)
        gyre_put(o, " and others");
}

static void put_wait(struct gyre_out *o, const struct gyre_task_view *v,
                     const struct gyre_task *owner)
{
    gyre_put(o, " waits ");
    gyre_put(o, v->kind);
    if (v->what[0] != '\0') {
        gyre_put(o, ", ");
        gyre_put(o, v->what);
    } else if (v->on != NULL) {
        gyre_put_format(o, " (%p)", v->on);
    }
    if (owner == NULL)
        gyre_put_owners(o, v->task);
    else
        gyre_put_format(o, ", held up by #%" PRIu64, owner->id);
    gyre_put(o, "; ");
    gyre_put_span(o, v->age);
    gyre_put(o, " so far");
    if (v->left == GYRE_FOREVER)
        return;
    gyre_put(o, ", ");
    gyre_put_span(o, v->left);
    gyre_put(o, " more at most");
}

void gyre_put_task(struct gyre_out *o, const struct gyre_task_view *v,
                   const struct gyre_task *owner)
{
    gyre_put_title(o, v->task);
    if (v->state == GYRE_TASK_PARKED)
        put_wait(o, v, owner);
    else
        gyre_put(o, v->state == GYRE_TASK_READY ? " is ready" : " is running");
    if (v->cancelled)
        gyre_put(o, "; cancelled");
    if (v->task->background)
        gyre_put(o, "; in the background");
}

/* ---- cycles ---- */

static void put_in_cycle(struct gyre_out *o, const struct gyre_task *t,
                         gyre_time now)
{
    struct gyre_task_view v;

    gyre_task_look(&v, t, now);
    gyre_put(o, "  ");
    gyre_put_task(o, &v, t->search.to);
    gyre_put(o, "\n");
}

/* How long the cycle lasts at most: until the first wait in it ends by
   itself. */
static gyre_time left_in_cycle(const struct gyre_task *first, gyre_time now)
{
    gyre_time least = gyre_task_left(first, now);

    for (const struct gyre_task *t = first->search.to; t != first;
         t = t->search.to) {
        gyre_time left = gyre_task_left(t, now);

        least = left < least ? left : least;
    }
    return least;
}

/* "deadlock among 2 tasks", or what is none. */
static void put_what_it_is(struct gyre_out *o, size_t n, gyre_time left)
{
    if (left == GYRE_FOREVER) {
        gyre_put_format(o, "deadlock among %zu task%s:\n", n,
                        n == 1 ? "" : "s");
        return;
    }
    if (n == 1)
        gyre_put(o, "1 task waits for itself, for ");
    else
        gyre_put_format(o, "%zu tasks wait for each other, for ", n);
    gyre_put_span(o, left);
    gyre_put(o, " more at most:\n");
}

void gyre_put_cycle(struct gyre_out *o, const struct gyre_task *first,
                    gyre_time now)
{
    const struct gyre_task *t = first;

    put_what_it_is(o, gyre_cycle_length(first), left_in_cycle(first, now));
    do {
        put_in_cycle(o, t, now);
        t = t->search.to;
    } while (t != first);
}
