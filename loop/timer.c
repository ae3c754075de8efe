/*
 * timer.c - a loop's timers: the queue of floor 1, and its clock.
 */
#include "loop/timer.h"

#include "loop/internal.h"

static __attribute__((noinline)) struct gyre_loop *
start_and_tell(struct gyre_loop *l, struct gyre_timer *t, gyre_time at)
{
    own(l);
    gyre_timers_start(&l->timers, t, at);
    if (l->probes != NULL)
        gyre_probe_started(l, t);
    return l;
}

void gyre_timer_start(struct gyre_loop *l, struct gyre_timer *t, gyre_time at)
{
    if (!is_quiet(l))
        moved(start_and_tell(l, t, at));
    else
        gyre_timers_start(&l->timers, t, at);
}

void gyre_timer_stop(struct gyre_loop *l, struct gyre_timer *t)
{
    own(l);
    gyre_timers_stop(&l->timers, t);
    moved(l);
}
