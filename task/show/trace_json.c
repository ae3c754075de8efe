/*
 * trace_json.c - a trace as Chrome's trace events.
 *
 * Slices are complete events ("X"), which every reader knows; arrows are flows
 * ("s" and "f"), which bind to the slices around them.  A flow without an end
 * makes a reader draw nonsense, or refuse the file: so arrows are paired first,
 * and those whose one end was overwritten, or is yet to come, are left out.
 */
#include "task/show/trace.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "loop/loop.h"
#include "loop/symbol.h"
#include "task/show/out.h"
#include "task/show/put.h"
#include "task/show/trace_ring.h"

enum { LOOP = 1, TASKS };  /* processes */
enum { POLLS = 1, CALLS }; /* threads of the first */

static const char *const kinds[] = {
    [GYRE_TRACE_SPAWN] = "spawn",   [GYRE_TRACE_START] = "wake",
    [GYRE_TRACE_POLL] = "poll",     [GYRE_TRACE_TASK] = "task",
    [GYRE_TRACE_JOB] = "job",       [GYRE_TRACE_POST] = "post",
    [GYRE_TRACE_SIGNAL] = "signal", [GYRE_TRACE_WATCH] = "watch",
    [GYRE_TRACE_TIMER] = "timer",
};

static bool starts(const struct gyre_trace_record *r)
{
    return r->what <= GYRE_TRACE_START;
}

static bool calls(const struct gyre_trace_record *r)
{
    return r->what >= GYRE_TRACE_TASK;
}

/* ---- arrows ---- */

/* A start or a turn of a job, for sorting. */
struct end {
    uintptr_t job;
    size_t at; /* among the records */
};

static int compare(const void *a, const void *b)
{
    const struct end *x = a, *y = b;

    if (x->job != y->job)
        return x->job < y->job ? -1 : 1;
    return x->at < y->at ? -1 : 1;
}

/* The starts that somebody made whose slice is there, and the turns. */
static size_t collect(struct gyre_trace *t, struct end *ends)
{
    bool inside = false;
    size_t n = 0;

    for (size_t i = 0; i < t->used; i++) {
        struct gyre_trace_record *r = gyre_trace_at(t, i);

        r->arrow = 0;
        r->first = false;
        if (!starts(r))
            inside = calls(r);
        if (inside && r->job != NULL)
            ends[n++] = (struct end){(uintptr_t)r->job, i};
    }
    return n;
}

/* Of the sorted ends of jobs, a start and the turn next to it are an arrow. */
static void pair(struct gyre_trace *t, const struct end *ends, size_t n)
{
    uint64_t named = 0;

    for (size_t i = 0; i < n; i++) {
        struct gyre_trace_record *r = gyre_trace_at(t, ends[i].at);
        bool same = i > 0 && ends[i - 1].job == ends[i].job;
        struct gyre_trace_record *before =
            same ? gyre_trace_at(t, ends[i - 1].at) : NULL;

        if (starts(r))
            continue;
        if (before != NULL && starts(before))
            r->arrow = before->arrow = (uint32_t)ends[i - 1].at + 1;
        r->first = r->task != 0 && r->task != named;
        named = r->task;
    }
}

static int find_arrows(struct gyre_trace *t)
{
    struct end *ends = malloc((t->used + 1) * sizeof *ends);
    size_t n;

    if (ends == NULL)
        return -ENOMEM;
    n = collect(t, ends);
    qsort(ends, n, sizeof *ends, compare);
    pair(t, ends, n);
    free(ends);
    return 0;
}

/* ---- events ---- */

/* Finding a name takes a walk over all symbols: so those found are kept, of as
   many functions as a program has for tasks and callbacks. */
struct known {
    uintptr_t fn; /* 0: none */
    struct gyre_name name;
};

enum { KNOWN = 512 };

/* What is written, and what it needs to know of the trace. */
struct writer {
    struct gyre_out *out;
    struct gyre_trace *trace;
    gyre_time begin, end;
    struct known *known; /* hashed by function */
};

/* Where it is known, or is to be from now on, in another's place if there are
   too many. */
static struct known *place_of(struct writer *w, uintptr_t fn)
{
    uint64_t spread = fn * UINT64_C(0x9e3779b97f4a7c15);
    size_t i = (size_t)(spread >> 32) % KNOWN;

    for (int tries = 0; tries < KNOWN; tries++, i = (i + 1) % KNOWN) {
        if (w->known[i].fn == fn || w->known[i].fn == 0)
            break;
    }
    return &w->known[i];
}

static const char *name_of(struct writer *w, uintptr_t fn)
{
    struct known *k = place_of(w, fn);

    if (k->fn != fn)
        *k = (struct known){fn, gyre_name_function(fn)};
    return k->name.text;
}

static void put_time(struct gyre_out *o, const char *key, gyre_time span)
{
    gyre_put_format(o, ",\"%s\":%lld.%03d", key, (long long)(span / 1000),
                    (int)(span % 1000));
}

static void put_label(struct writer *w, const struct gyre_trace_record *r)
{
    struct gyre_out *o = w->out;

    gyre_put(o, "\"");
    gyre_put_escaped(o, r->name != NULL ? r->name : name_of(w, r->fn));
    gyre_put(o, "\"");
}

/* Begin an event on the track of `r`. */
static void open_event(struct gyre_out *o, char phase,
                       const struct gyre_trace_record *r)
{
    bool poll = r->what == GYRE_TRACE_POLL;

    gyre_put_format(o, ",\n{\"ph\":\"%c\",\"pid\":%d,\"tid\":%llu", phase,
                    r->task != 0 ? TASKS : LOOP,
                    r->task != 0 ? (unsigned long long)r->task
                    : poll       ? POLLS
                                 : CALLS);
}

static void put_name_of_track(struct writer *w,
                              const struct gyre_trace_record *r)
{
    struct gyre_out *o = w->out;

    open_event(o, 'M', r);
    gyre_put(o, ",\"name\":\"thread_name\",\"args\":{\"name\":");
    put_label(w, r);
    gyre_put(o, "}}");
}

/* An end of an arrow, on the track of `slice`, which `r` begins or is in. */
static void put_arrow(struct writer *w, const struct gyre_trace_record *slice,
                      const struct gyre_trace_record *r)
{
    struct gyre_out *o = w->out;
    const struct gyre_trace_record *start;

    if (r->arrow == 0)
        return;
    assert(slice != NULL); /* or both ends would have been left out */
    start = gyre_trace_at(w->trace, r->arrow - 1);
    open_event(o, starts(r) ? 's' : 'f', slice);
    put_time(o, "ts", r->at - w->begin);
    gyre_put_format(o, ",\"id\":%u,\"cat\":\"ready\",\"name\":\"%s\"%s}",
                    (unsigned)r->arrow, kinds[start->what],
                    starts(r) ? "" : ",\"bp\":\"e\"");
}

static void put_slice(struct writer *w, const struct gyre_trace_record *r,
                      const struct gyre_trace_record *end)
{
    struct gyre_out *o = w->out;

    open_event(o, 'X', r);
    put_time(o, "ts", r->at - w->begin);
    put_time(o, "dur", (end != NULL ? end->at : w->end) - r->at);
    gyre_put_format(o, ",\"cat\":\"%s\",\"name\":", kinds[r->what]);
    if (calls(r))
        put_label(w, r);
    else
        gyre_put_format(o, "\"poll\",\"args\":{\"events\":%d}",
                        end != NULL ? end->events : 0);
    gyre_put(o, "}");
}

/* The first record after the i-th that begins something; NULL: none does. */
static struct gyre_trace_record *end_of(struct gyre_trace *t, size_t i)
{
    while (++i < t->used && starts(gyre_trace_at(t, i)))
        continue;
    return i < t->used ? gyre_trace_at(t, i) : NULL;
}

static void put_records(struct writer *w)
{
    const struct gyre_trace_record *slice = NULL;

    for (size_t i = 0; i < w->trace->used; i++) {
        const struct gyre_trace_record *r = gyre_trace_at(w->trace, i);

        if (r->first)
            put_name_of_track(w, r);
        if (!starts(r) && r->what != GYRE_TRACE_NONE)
            put_slice(w, r, end_of(w->trace, i));
        if (!starts(r))
            slice = r;
        put_arrow(w, slice, r);
    }
}

static void put_head(struct gyre_out *o)
{
    static const struct {
        int process, track;
        const char *name;
    } names[] = {{LOOP, POLLS, "polls"}, {LOOP, CALLS, "callbacks"}};

    gyre_put(o, "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n");
    gyre_put(o, "{\"ph\":\"M\",\"pid\":1,\"name\":\"process_name\","
                "\"args\":{\"name\":\"loop\"}},\n");
    gyre_put(o, "{\"ph\":\"M\",\"pid\":2,\"name\":\"process_name\","
                "\"args\":{\"name\":\"tasks\"}}");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        gyre_put_format(o,
                        ",\n{\"ph\":\"M\",\"pid\":%d,\"tid\":%d,"
                        "\"name\":\"thread_name\",\"args\":{\"name\":\"%s\"}}",
                        names[i].process, names[i].track, names[i].name);
}

int gyre_put_trace(struct gyre_out *o, struct gyre_trace *t)
{
    struct writer w = {.out = o, .trace = t};
    int err = find_arrows(t);

    if (err)
        return err;
    w.known = calloc(KNOWN, sizeof *w.known);
    if (w.known == NULL)
        return -ENOMEM;
    if (t->used > 0)
        w.begin = gyre_trace_at(t, 0)->at;
    w.end = t->loop != NULL ? gyre_loop_in(t->loop, 0) : t->end;
    put_head(o);
    put_records(&w);
    gyre_put(o, "\n]}\n");
    free(w.known);
    return 0;
}

int gyre_trace_write(struct gyre_trace *t, int fd)
{
    struct gyre_out_fd to;
    int err;

    gyre_out_init_fd(&to, fd);
    err = gyre_put_trace(&to.out, t);
    return err ? err : gyre_out_end(&to.out);
}
