/*
 * look.c - looking on: what failed, what is started, and what was done.
 */
#include "loop/look.h"

#include <stdio.h>

#include "loop/internal.h"
#include "loop/result.h"
#include "loop/symbol.h"

void gyre_loop_on_failure(struct gyre_loop *l, struct gyre_failure_hook *h)
{
    own(l);
    l->failure = h;
}

void gyre_loop_fail(struct gyre_loop *l, const char *what, int err)
{
    own(l);
    if (l->failure != NULL)
        l->failure->failed(l->failure, what, err);
    else
        fprintf(stderr, "gyre: %s: %s\n", what, gyre_strerror(err));
}

/* A visitor of the timer queue on behalf of a visitor of the loop. */
struct timer_guide {
    struct gyre_timer_visitor base;
    struct gyre_loop_visitor *visitor;
};

static void show_timer(struct gyre_timer_visitor *v, struct gyre_timer *t)
{
    struct timer_guide *g = GYRE_OWNER(v, struct timer_guide, base);

    g->visitor->timer(g->visitor, t);
}

static void walk_jobs(struct gyre_list *jobs, struct gyre_loop_visitor *v)
{
    for (struct gyre_list *i = jobs->next; i != jobs; i = i->next)
        v->job(v, GYRE_OWNER(i, struct gyre_job, link));
}

void gyre_loop_walk(struct gyre_loop *l, struct gyre_loop_visitor *v)
{
    struct timer_guide guide = {.base.visit = show_timer, .visitor = v};

    own(l);
    if (v->job != NULL) {
        walk_jobs(&l->left, v);
        walk_jobs(&l->ready.pass, v);
        walk_jobs(&l->ready.next, v);
    }
    if (v->watch != NULL)
        gyre_watches_walk(l, v);
    if (v->timer != NULL)
        gyre_timers_walk(&l->timers, &guide.base);
}

/* ---- printing ---- */

/* A visitor that writes a line for each. */
struct printer {
    struct gyre_loop_visitor base;
    struct gyre_loop *loop;
    int fd;
    int lines;
};

/* Its line has been written. */
static void printed(struct printer *p, const void *object)
{
    p->lines++;
    if (p->loop->probes != NULL)
        gyre_probe_printed(p->loop, object, p->fd);
}

static struct printer *printer_of(struct gyre_loop_visitor *v)
{
    return GYRE_OWNER(v, struct printer, base);
}

static const char *background(bool is)
{
    return is ? " in the background" : "";
}

static void print_job(struct gyre_loop_visitor *v, struct gyre_job *j)
{
    struct printer *p = printer_of(v);

    dprintf(p->fd, "job %p is ready, runs %s\n", (void *)j,
            gyre_name_function((uintptr_t)j->run).text);
    printed(p, j);
}

static void print_watch(struct gyre_loop_visitor *v, struct gyre_watch *w)
{
    struct printer *p = printer_of(v);

    dprintf(p->fd, "watch %p of descriptor %d for%s%s%s%s%s%s, calls %s\n",
            (void *)w, w->fd, w->events & GYRE_READ ? " reading" : "",
            w->events & GYRE_WRITE ? " writing" : "",
            w->events & GYRE_PRIORITY ? " urgent data" : "",
            w->events & GYRE_HANGUP ? " the end" : "",
            w->events & GYRE_EDGE ? ", by edges" : "",
            background(w->background),
            gyre_name_function((uintptr_t)w->ready).text);
    printed(p, w);
}

static void print_timer(struct gyre_loop_visitor *v, struct gyre_timer *t)
{
    struct printer *p = printer_of(v);
    gyre_time due = gyre_timer_due(t);

    dprintf(p->fd, "timer %p", (void *)t);
    if (due == GYRE_FOREVER)
        dprintf(p->fd, " is never due");
    else
        dprintf(p->fd, " is due in %.6f s",
                (double)(due - p->loop->now) / (double)GYRE_SECOND);
    dprintf(p->fd, "%s%s, calls %s\n", t->every > 0 ? ", repeats" : "",
            background(t->background),
            gyre_name_function((uintptr_t)t->fire).text);
    printed(p, t);
}

static void print_signals(struct printer *p)
{
    struct gyre_list *all = &p->loop->signals;

    for (struct gyre_list *i = all->next; i != all; i = i->next) {
        struct gyre_signal *s = GYRE_OWNER(i, struct gyre_signal, link);

        dprintf(p->fd, "signal %p of number %d, calls %s\n", (void *)s,
                s->number, gyre_name_function((uintptr_t)s->caught).text);
        printed(p, s);
    }
}

int gyre_loop_print(struct gyre_loop *l, int fd)
{
    struct printer p = {
        .base = {.job = print_job, .watch = print_watch, .timer = print_timer},
        .loop = l,
        .fd = fd};

    gyre_loop_walk(l, &p.base);
    print_signals(&p);
    return p.lines;
}

/* ---- what was done ---- */

struct gyre_loop_stats gyre_loop_stats(const struct gyre_loop *l)
{
    struct gyre_loop_stats stats = l->stats;

    own(l);
    stats.jobs = l->ready.jobs;
    return stats;
}

struct gyre_loop_pulse gyre_loop_pulse(const struct gyre_loop *l)
{
    return (struct gyre_loop_pulse){
        .polls = __atomic_load_n(&l->stats.polls, __ATOMIC_RELAXED),
        .asleep = gyre_mailbox_asleep(l->mailbox)};
}
