/*
 * stall.c - is a loop kept by something it called?
 */
#include "task/show/stall.h"

#include <stddef.h>

static bool goes_on(const struct gyre_stall *s, struct gyre_loop_pulse pulse,
                    const void *task)
{
    return pulse.asleep || pulse.polls != s->polls || task != s->task;
}

enum gyre_verdict gyre_stall_look(struct gyre_stall *s,
                                  struct gyre_loop_pulse pulse,
                                  const void *task, gyre_time now,
                                  gyre_time *lasted)
{
    enum gyre_verdict verdict = GYRE_GOES_ON;

    if (lasted != NULL)
        *lasted = now - s->since;
    if (goes_on(s, pulse, task)) {
        verdict = s->told ? GYRE_WENT_ON : GYRE_GOES_ON;
        s->polls = pulse.polls;
        s->task = task;
        s->since = now;
        s->told = false;
    } else if (!s->told && now - s->since >= s->limit) {
        verdict = GYRE_STALLS;
        s->told = true;
    }
    return verdict;
}

void gyre_stall_forgive(struct gyre_stall *s, gyre_time now)
{
    if (!s->told)
        s->since = now;
}
