/*
 * sites.c - who started what is left over.
 *
 * What is stopped is not forgotten: most things are started again, and where
 * one has been freed the next is allocated.  So a table is never emptied, and
 * grows with the addresses at which there ever was one.
 */
#include "task/show/sites.h"

#include <stdint.h>
#include <stdio.h>

#include "loop/allocator.h"
#include "loop/job.h"
#include "loop/loop.h"
#include "loop/signal.h"
#include "loop/symbol.h"
#include "loop/timer.h"
#include "loop/watch.h"
#include "task/internal.h"
#include "task/show/backtrace.h"
#include "task/show/walk.h"

/* An object, and the calls that led to its latest start. */
struct gyre_site {
    const void *object; /* NULL: none, a place that is free */
    size_t n;
    const void *frames[GYRE_SITE_FRAMES];
};

enum {
    ROOM = 64, /* at first; a power of two, as ever after */
    INNER = 5 /* the most frames from a probe to what was called from outside */
};

/* The place of `object`, or the one it would have: one is always free. */
static struct gyre_site *place_of(const struct gyre_sites *s,
                                  const void *object)
{
    uint64_t spread = (uintptr_t)object * UINT64_C(0x9e3779b97f4a7c15);
    size_t i = (size_t)(spread >> 32) & (s->room - 1);

    while (s->table[i].object != NULL && s->table[i].object != object)
        i = (i + 1) & (s->room - 1);
    return &s->table[i];
}

static void free_table(struct gyre_sites *s)
{
    gyre_resize(s->allocator, s->table, s->room * sizeof *s->table, 0);
}

/* Have room for one more, and a free place besides. */
static bool grow(struct gyre_sites *s)
{
    struct gyre_sites larger = *s;

    if (2 * (s->n + 1) <= s->room)
        return true;
    larger.room = s->room > 0 ? 2 * s->room : ROOM;
    larger.table =
        gyre_resize(s->allocator, NULL, 0, larger.room * sizeof *larger.table);
    if (larger.table == NULL)
        return false;
    for (size_t i = 0; i < larger.room; i++)
        larger.table[i].object = NULL;
    for (size_t i = 0; i < s->room; i++) {
        if (s->table[i].object != NULL)
            *place_of(&larger, s->table[i].object) = s->table[i];
    }
    if (s->table != NULL)
        free_table(s);
    *s = larger;
    return true;
}

static bool starts_something(uintptr_t function)
{
    return function == (uintptr_t)gyre_timer_start ||
           function == (uintptr_t)gyre_watch_start ||
           function == (uintptr_t)gyre_signal_start ||
           function == (uintptr_t)gyre_job_start ||
           function == (uintptr_t)gyre_job_start_next;
}

/* How many of them are between us and the call that starts something. */
static size_t inner(const void *const *frames, size_t n)
{
    for (size_t i = 0; i < n && i < INNER; i++) {
        if (starts_something(gyre_walk_function(frames[i])))
            return i + 1;
    }
    return 0;
}

static void remember(struct gyre_sites *s, const void *object)
{
    const void *frames[INNER + GYRE_SITE_FRAMES];
    size_t n, skipped;
    struct gyre_site *site;

    if (!grow(s))
        return;
    n = gyre_backtrace(gyre_current, frames, INNER + GYRE_SITE_FRAMES);
    skipped = inner(frames, n);
    site = place_of(s, object);
    s->n += site->object == NULL;
    site->object = object;
    site->n = 0;
    for (size_t i = skipped; i < n && site->n < GYRE_SITE_FRAMES; i++)
        site->frames[site->n++] = frames[i];
}

static struct gyre_sites *sites_of(struct gyre_probes *p)
{
    return GYRE_OWNER(p, struct gyre_sites, probes);
}

static void started(struct gyre_probes *p, const void *object)
{
    remember(sites_of(p), object);
}

static void job_started(struct gyre_probes *p, struct gyre_job *j)
{
    remember(sites_of(p), j);
}

static void printed(struct gyre_probes *p, const void *object, int fd)
{
    const struct gyre_sites *s = sites_of(p);
    const struct gyre_site *site;

    if (s->room == 0)
        return;
    site = place_of(s, object);
    for (size_t i = 0; site->object != NULL && i < site->n; i++)
        dprintf(fd, "    %sin %s\n", i == 0 ? "started " : "",
                gyre_name_site(site->frames[i]).text);
}

void gyre_sites_start(struct gyre_sites *s, struct gyre_loop *l)
{
    *s = (struct gyre_sites){.probes = {.started = started,
                                        .job_started = job_started,
                                        .printed = printed},
                             .allocator = gyre_loop_allocator(l)};
    gyre_probes_start(l, &s->probes);
}

void gyre_sites_end(struct gyre_sites *s)
{
    if (s->table != NULL)
        free_table(s);
    *s = (struct gyre_sites){0};
}
