/*
 * slice.c - giving way in time, in loops that compute.
 *
 * Whether a task is due cannot be asked of the clock each time, which would
 * take ten times as long as the rest, nor be counted, as nobody knows how long
 * the caller's work takes.  So the clock is read every n-th call, and n, which
 * is 1 at first, doubles as long as little time has passed between two
 * readings.
 *
 * A turn is taken to begin with the first call in it, or when another task has
 * asked since: that needs nothing done where tasks are switched.  One that
 * parks in between and goes on has its turns taken for one, and yields once too
 * often, which is cheap.
 *
 * A reading costs a credit: so there is an end to a turn even in a simulation,
 * where no time passes in it.
 */
#include "task/task.h"

#include <assert.h>

#include "task/breach.h"
#include "task/internal.h"

#define SLICE  GYRE_MILLISECOND
#define LITTLE (SLICE / 8)

enum { MOST = 256 }; /* calls between two readings */

static void begin(struct gyre_pace *p, uint64_t task, gyre_time now)
{
    *p = (struct gyre_pace){.task = task, .stride = 1, .began = now};
}

/* Read the clock; is the task due? */
static bool look(struct gyre_pace *p, const struct gyre_task *t)
{
    gyre_time now = gyre_loop_in(t->runtime->loop, 0);

    if (p->task != t->id)
        begin(p, t->id, now);
    else if (now - p->looked < LITTLE && p->stride < MOST)
        p->stride *= 2;
    p->left = gyre_task_looked_at(t) ? 1 : p->stride;
    p->looked = now;
    return now - p->began >= SLICE;
}

/* Apart, so that the caller, which mostly does without, needs no frame. */
static GYRE_NOT_INLINED int yield_if_due(struct gyre_task *t,
                                         const void *caller)
{
    struct gyre_pace *p = &t->runtime->pace;

    gyre_scope_check(t, GYRE_FRAME);
    if (look(p, t) || gyre_task_is_to_give_way(t)) {
        p->task = 0;
        return gyre_yield();
    }
    if (gyre_task_looked_at(t))
        gyre_task_inject(t, GYRE_REACHED, caller);
    gyre_task_charge(t);
    return gyre_task_told(t);
}

int gyre_yield_if_due(void)
{
    struct gyre_task *t = gyre_current;
    struct gyre_pace *p;

    assert(t != NULL);
    p = &t->runtime->pace;
    if (p->task == t->id && --p->left > 0 && t->innermost->cause == 0)
        return 0;
    return yield_if_due(t, __builtin_return_address(0));
}
