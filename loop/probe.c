/*
 * probe.c - telling everybody who looks on.
 *
 * Out of line, so that where a probe is called there is one test, of the first
 * table, and a call that is not made.
 */
#include "loop/probe.h"

#include "loop/internal.h"

#define TELL(l, probe, ...)                                                    \
    for (struct gyre_probes *p = (l)->probes; p != NULL; p = p->next) {        \
        if (p->probe != NULL)                                                  \
            p->probe(p, __VA_ARGS__);                                          \
    }

void gyre_probe_job_started(struct gyre_loop *l, struct gyre_job *j)
{
    TELL(l, job_started, j)
}

void gyre_probe_job_runs(struct gyre_loop *l, struct gyre_job *j)
{
    TELL(l, job_runs, j)
}

void gyre_probe_poll_begins(struct gyre_loop *l, gyre_time until)
{
    TELL(l, poll_begins, until)
}

void gyre_probe_poll_ended(struct gyre_loop *l, int n)
{
    TELL(l, poll_ended, n)
}

void gyre_probe_post_runs(struct gyre_loop *l, struct gyre_post *post)
{
    TELL(l, post_runs, post)
}

void gyre_probe_signal_runs(struct gyre_loop *l, struct gyre_signal *s,
                            unsigned times)
{
    TELL(l, signal_runs, s, times)
}

void gyre_probe_watch_runs(struct gyre_loop *l, struct gyre_watch *w,
                           unsigned events)
{
    TELL(l, watch_runs, w, events)
}

static void probe_timer(struct gyre_timer_visitor *v, struct gyre_timer *t)
{
    struct gyre_loop *l = GYRE_OWNER(v, struct gyre_loop, timer_probe);

    TELL(l, timer_runs, t)
}

void gyre_probe_started(struct gyre_loop *l, const void *object)
{
    TELL(l, started, object)
}

void gyre_probe_printed(struct gyre_loop *l, const void *object, int fd)
{
    TELL(l, printed, object, fd)
}

void gyre_probe_run_ended(struct gyre_loop *l)
{
    for (struct gyre_probes *p = l->probes; p != NULL; p = p->next) {
        if (p->run_ended != NULL)
            p->run_ended(p);
    }
}

/* Timers are told of by their queue, which is asked only while it matters. */
static void look_on(struct gyre_loop *l)
{
    hush(l);
    l->timer_probe.visit = probe_timer;
    gyre_timers_observe(&l->timers, l->probes != NULL ? &l->timer_probe : NULL);
}

void gyre_probes_start(struct gyre_loop *l, struct gyre_probes *p)
{
    own(l);
    p->next = l->probes;
    l->probes = p;
    look_on(l);
}

void gyre_probes_stop(struct gyre_loop *l, struct gyre_probes *p)
{
    struct gyre_probes **link;

    own(l);
    for (link = &l->probes; *link != NULL; link = &(*link)->next) {
        if (*link == p) {
            *link = p->next;
            break;
        }
    }
    look_on(l);
}
