/*
 * backtrace.c - which of the frames that are met on a walk are shown.
 */
#include "task/show/backtrace.h"

#include "task/internal.h"
#include "task/show/walk.h"
#include "task/switch.h"
#include "task/sync/select.h"
#include "task/waiters.h"

/* Is it one that every walk begins in, or every parked task stands in? */
static bool is_machinery(uintptr_t function)
{
    return function == (uintptr_t)gyre_walk_callers ||
           function == (uintptr_t)gyre_walk_interrupted ||
           function == (uintptr_t)gyre_backtrace ||
           function == (uintptr_t)gyre_backtrace_interrupted ||
           function == (uintptr_t)gyre_switch_look ||
           function == (uintptr_t)gyre_task_switch_watched ||
           function == (uintptr_t)gyre_wait_park ||
           function == (uintptr_t)gyre_wait_park_until ||
           function == (uintptr_t)gyre_wait_park_late ||
           function == (uintptr_t)gyre_case_await;
}

bool gyre_walk_meet(struct gyre_walk *w, const void *site)
{
    if (w->from != NULL && site != w->from)
        return true;
    w->from = NULL;
    if (w->n == 0 && is_machinery(gyre_walk_function(site)))
        return true;
    w->frames[w->n++] = site;
    return w->n < w->max;
}

/* Is it one that every task's stack begins with? */
static bool is_beginning(uintptr_t function)
{
    return function == (uintptr_t)gyre_task_main ||
           function == (uintptr_t)gyre_switch_start;
}

/* How many are left without these, which are four at most. */
static size_t trim(const struct gyre_walk *w)
{
    size_t i = w->n > 4 ? w->n - 4 : 0;

    while (i < w->n && !is_beginning(gyre_walk_function(w->frames[i])))
        i++;
    return i;
}

static struct gyre_walk begin(const struct gyre_task *t, const void **frames,
                              size_t max)
{
    return (struct gyre_walk){.frames = frames,
                              .max = max,
                              .low = t != NULL ? t->fiber.low : NULL,
                              .size = t != NULL ? t->fiber.size : 0};
}

size_t gyre_backtrace(const struct gyre_task *t, const void **frames,
                      size_t max)
{
    struct gyre_walk w = begin(t, frames, max);

    if (max == 0)
        return 0;
    if (t == gyre_current)
        gyre_walk_callers(&w);
    else
        gyre_switch_look(t->fiber.sp, gyre_walk_callers, &w);
    return trim(&w);
}

size_t gyre_backtrace_from(const void *site, const void **frames, size_t max)
{
    struct gyre_walk w = begin(gyre_current, frames, max);

    if (max == 0)
        return 0;
    w.from = site;
    gyre_walk_callers(&w);
    if (w.n == 0)
        frames[w.n++] = site;
    return trim(&w);
}

size_t gyre_backtrace_interrupted(const void *context, const void **frames,
                                  size_t max)
{
    struct gyre_walk w = begin(gyre_current, frames, max);

    if (max == 0)
        return 0;
    gyre_walk_interrupted(&w, context);
    return trim(&w);
}
