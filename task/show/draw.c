/*
 * draw.c - a loop, and the tasks on it, in plain text.
 */
#include <string.h>

#include "loop/symbol.h"
#include "loop/timer.h"
#include "loop/watch.h"
#include "task/internal.h"
#include "task/show/out.h"
#include "task/show/step.h"
#include "task/show/view.h"
#include "task/show/words.h"

enum { TIMERS = 32 };

/* One drawing. */
struct drawing {
    struct gyre_loop_visitor visitor;
    struct gyre_out_fd to;
    struct gyre_loop *loop;
    struct gyre_runtime *runtime;      /* of the tasks on it, or NULL */
    const char *section;               /* its name, until its first line */
    struct gyre_timer *timers[TIMERS]; /* the earliest, in order */
    int n;                             /* of these */
    int more;                          /* timers than these */
};

static struct drawing *drawing_of(struct gyre_loop_visitor *v)
{
    return GYRE_OWNER(v, struct drawing, visitor);
}

/* ---- lines ---- */

static void begin_section(struct drawing *d, const char *name)
{
    d->section = name;
}

/* The first line of a section begins with its name. */
static struct gyre_out *begin_line(struct drawing *d)
{
    struct gyre_out *o = &d->to.out;

    gyre_put_format(o, "%-8s", d->section);
    d->section = "";
    return o;
}

static void end_section(struct drawing *d)
{
    if (d->section[0] != '\0')
        gyre_put(begin_line(d), "-\n");
}

/* ---- what is ready, and what is watched ---- */

static void draw_job(struct gyre_loop_visitor *v, struct gyre_job *j)
{
    struct gyre_out *o = begin_line(drawing_of(v));
    const struct gyre_task *t = gyre_task_of(j);

    if (t != NULL)
        gyre_put_title(o, t);
    else
        gyre_put(o, gyre_name_function((uintptr_t)j->run).text);
    gyre_put(o, "\n");
}

static void draw_watch(struct gyre_loop_visitor *v, struct gyre_watch *w)
{
    struct gyre_out *o = begin_line(drawing_of(v));

    gyre_put_format(o, "descriptor %d, to call ", w->fd);
    gyre_put(o, gyre_name_function((uintptr_t)w->ready).text);
    gyre_put(o, "\n");
}

/* ---- timers ---- */

static void enter_timer(struct gyre_loop_visitor *v, struct gyre_timer *t)
{
    struct drawing *d = drawing_of(v);
    int i = d->n;

    while (i > 0 && gyre_timer_due(t) < gyre_timer_due(d->timers[i - 1]))
        i--;
    d->more += d->n == TIMERS;
    if (i == TIMERS)
        return;
    d->n += d->n < TIMERS;
    memmove(&d->timers[i + 1], &d->timers[i],
            (size_t)(d->n - i - 1) * sizeof d->timers[0]);
    d->timers[i] = t;
}

/* What the timer is for: a deadline of a task, a limit of its scopes, or what
   it calls. */
static void put_purpose(struct drawing *d, const struct gyre_timer *timer)
{
    struct gyre_branch *root = NULL, *b = NULL;
    struct gyre_out *o = &d->to.out;

    if (d->runtime != NULL)
        root = b = &d->runtime->root->branch;
    for (; b != NULL; b = gyre_branch_after(b, root)) {
        const struct gyre_scope *s = gyre_branch_scope(b);

        if (s != NULL ? &s->timer != timer : b->task->timer != timer)
            continue;
        gyre_put(o, s != NULL ? "the limit of a scope of " : "to wake ");
        gyre_put_title(o, b->task);
        return;
    }
    gyre_put(o, "to call ");
    gyre_put(o, gyre_name_function((uintptr_t)timer->fire).text);
}

static void draw_timers(struct drawing *d)
{
    gyre_time now = gyre_loop_in(d->loop, 0);

    for (int i = 0; i < d->n; i++) {
        gyre_time due = gyre_timer_due(d->timers[i]);
        struct gyre_out *o = begin_line(d);

        if (due == GYRE_FOREVER) {
            gyre_put(o, "never, ");
        } else {
            gyre_put(o, "in ");
            gyre_put_span(o, due > now ? due - now : 0);
            gyre_put(o, ", ");
        }
        put_purpose(d, d->timers[i]);
        gyre_put(o, "\n");
    }
    if (d->more > 0)
        gyre_put_format(begin_line(d), "and %d more\n", d->more);
}

/* ---- tasks ---- */

/* Without addresses, which are never the same. */
static void draw_parked(struct drawing *d, const struct gyre_task *t)
{
    struct gyre_out *o = begin_line(d);
    struct gyre_task_view view;

    gyre_task_look(&view, t, 0);
    gyre_put_title(o, t);
    gyre_put(o, ", ");
    gyre_put(o, view.kind);
    if (view.what[0] != '\0') {
        gyre_put(o, ", ");
        gyre_put(o, view.what);
    }
    gyre_put_owners(o, t);
    if (view.cancelled)
        gyre_put(o, "; cancelled");
    gyre_put(o, "\n");
}

static void draw_tasks(struct drawing *d)
{
    struct gyre_task *t = NULL;

    if (d->runtime == NULL)
        return;
    while ((t = gyre_task_next(d->runtime->root, t)) != NULL) {
        if (t->wait != NULL)
            draw_parked(d, t);
    }
}

/* ---- all of it ---- */

static void draw_what(struct drawing *d, const char *section,
                      struct gyre_loop_visitor visitor)
{
    d->visitor = visitor;
    begin_section(d, section);
    gyre_loop_walk(d->loop, &d->visitor);
}

int gyre_draw(struct gyre_loop *l, int fd)
{
    struct gyre_runtime *rt = gyre_running;
    struct drawing d = {.loop = l,
                        .runtime = rt != NULL && rt->loop == l ? rt : NULL};

    gyre_out_init_fd(&d.to, fd);
    draw_what(&d, "ready", (struct gyre_loop_visitor){.job = draw_job});
    end_section(&d);
    draw_what(&d, "watched", (struct gyre_loop_visitor){.watch = draw_watch});
    draw_what(&d, "timers", (struct gyre_loop_visitor){.timer = enter_timer});
    draw_timers(&d);
    end_section(&d);
    begin_section(&d, "parked");
    draw_tasks(&d);
    end_section(&d);
    gyre_put(&d.to.out, "\n");
    return gyre_out_end(&d.to.out);
}
