/*
 * trace.c - filling the ring of a trace, by the loop's probes.
 *
 * A loop does one thing at a time, so a record only says what begins: it ends
 * where the next one begins something.  Whatever may be gone by the time the
 * trace is written is in the record itself.
 */
#include "task/show/trace.h"

#include <assert.h>
#include <stdlib.h>

#include "loop/mailbox.h"
#include "loop/signal.h"
#include "loop/watch.h"
#include "task/internal.h"
#include "task/show/trace_ring.h"

enum { USUAL = 65536 };

static struct gyre_trace *trace_of(struct gyre_probes *p)
{
    return GYRE_OWNER(p, struct gyre_trace, probes);
}

static struct gyre_trace_record *add(struct gyre_trace *t,
                                     enum gyre_trace_what what)
{
    struct gyre_trace_record *r = &t->records[t->next];

    t->next = t->next + 1 == t->size ? 0 : t->next + 1;
    t->used += t->used < t->size;
    *r = (struct gyre_trace_record){.at = gyre_loop_in(t->loop, 0),
                                    .what = (uint8_t)what};
    return r;
}

static void call(struct gyre_probes *p, enum gyre_trace_what what, uintptr_t fn)
{
    add(trace_of(p), what)->fn = fn;
}

/* ---- jobs, and those of tasks ---- */

static void describe(struct gyre_trace_record *r, const struct gyre_task *t)
{
    r->job = &t->job;
    r->fn = (uintptr_t)t->fn;
    r->name = t->name;
    r->task = t->id;
}

/* Is this its first start?  A task is started as soon as it is spawned, so it
   is if it is the latest and was not the latest before. */
static bool is_spawned(struct gyre_trace *trace, const struct gyre_task *t)
{
    const struct gyre_runtime *rt = t->runtime;

    if (t->id != rt->spawned ||
        (trace->spawner == rt && trace->spawned == rt->spawned))
        return false;
    trace->spawner = rt;
    trace->spawned = rt->spawned;
    return true;
}

static void job_started(struct gyre_probes *p, struct gyre_job *j)
{
    struct gyre_trace *trace = trace_of(p);
    const struct gyre_task *t = gyre_task_of(j);
    bool spawn = t != NULL && is_spawned(trace, t);

    add(trace, spawn ? GYRE_TRACE_SPAWN : GYRE_TRACE_START)->job = j;
}

static void job_runs(struct gyre_probes *p, struct gyre_job *j)
{
    struct gyre_trace *trace = trace_of(p);
    const struct gyre_task *t = gyre_task_of(j);
    struct gyre_trace_record *r;

    r = add(trace, t != NULL ? GYRE_TRACE_TASK : GYRE_TRACE_JOB);
    r->job = j;
    r->fn = (uintptr_t)j->run;
    if (t != NULL)
        describe(r, t);
}

/* ---- what else a loop does ---- */

static void poll_begins(struct gyre_probes *p, gyre_time until)
{
    (void)until;
    add(trace_of(p), GYRE_TRACE_POLL);
}

static void poll_ended(struct gyre_probes *p, int n)
{
    add(trace_of(p), GYRE_TRACE_NONE)->events = (int16_t)n;
}

static void post_runs(struct gyre_probes *p, struct gyre_post *post)
{
    call(p, GYRE_TRACE_POST, (uintptr_t)post->run);
}

static void signal_runs(struct gyre_probes *p, struct gyre_signal *s,
                        unsigned times)
{
    (void)times;
    call(p, GYRE_TRACE_SIGNAL, (uintptr_t)s->caught);
}

static void watch_runs(struct gyre_probes *p, struct gyre_watch *w,
                       unsigned events)
{
    (void)events;
    call(p, GYRE_TRACE_WATCH, (uintptr_t)w->ready);
}

static void timer_runs(struct gyre_probes *p, struct gyre_timer *t)
{
    call(p, GYRE_TRACE_TIMER, (uintptr_t)t->fire);
}

static void run_ended(struct gyre_probes *p)
{
    add(trace_of(p), GYRE_TRACE_NONE);
}

/* ---- a trace ---- */

int gyre_trace_new(struct gyre_trace **out, size_t records)
{
    size_t n = records > 0 ? records : USUAL;
    struct gyre_trace *t = NULL;

    if (n <= UINT32_MAX)
        t = calloc(1, sizeof *t + n * sizeof t->records[0]);
    if (t == NULL)
        return -ENOMEM;
    t->size = n;
    t->probes = (struct gyre_probes){
        .job_started = job_started,
        .job_runs = job_runs,
        .poll_begins = poll_begins,
        .poll_ended = poll_ended,
        .post_runs = post_runs,
        .signal_runs = signal_runs,
        .watch_runs = watch_runs,
        .timer_runs = timer_runs,
        .run_ended = run_ended,
    };
    *out = t;
    return 0;
}

void gyre_trace_free(struct gyre_trace *t)
{
    if (t == NULL)
        return;
    gyre_trace_stop(t);
    free(t);
}

void gyre_trace_start(struct gyre_trace *t, struct gyre_loop *l)
{
    const struct gyre_task *now = gyre_current;
    const struct gyre_runtime *rt = gyre_running;

    assert(t->loop == NULL);
    t->loop = l;
    t->used = 0;
    t->next = 0;
    t->spawner = rt;
    t->spawned = rt != NULL ? rt->spawned : 0;
    gyre_probes_start(l, &t->probes);
    if (now != NULL && now->runtime->loop == l)
        describe(add(t, GYRE_TRACE_TASK), now);
}

void gyre_trace_stop(struct gyre_trace *t)
{
    if (t->loop == NULL)
        return;
    gyre_probes_stop(t->loop, &t->probes);
    t->end = gyre_loop_in(t->loop, 0);
    t->loop = NULL;
}
