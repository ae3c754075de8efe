/*
 * switching.h - from a task to whatever is next.
 *
 * Private to task/, installed nowhere.  Inline, for it is in the way of every
 * wait: the frame of who parks is that of who waits, and no other lies on the
 * stack of a task that is parked.
 */
#ifndef GYRE_TASK_SWITCHING_H
#define GYRE_TASK_SWITCHING_H

#include "task/internal.h"

/* The fiber to go on with, whose turn it is from now on: of the next task, or
   the loop's. */
GYRE_ALWAYS_INLINE struct gyre_fiber *gyre_fiber_next(struct gyre_runtime *rt)
{
    struct gyre_job *j = gyre_loop_take(rt->loop);
    struct gyre_task *t = j != NULL ? gyre_task_of(j) : NULL;

    gyre_task_enter(t);
    if (t != NULL)
        return &t->fiber;
    rt->handed = j;
    return &rt->base;
}

/* Leave `t`, the current task, for whatever is next; return when it runs again.
   Who calls this has made sure that something will make it ready. */
GYRE_ALWAYS_INLINE void gyre_task_switch(struct gyre_task *t)
{
    struct gyre_runtime *rt = t->runtime;
    struct gyre_fiber *to = gyre_fiber_next(rt);

    t->credits = rt->credits;
    if (to != &t->fiber)
        gyre_fiber_switch(&t->fiber, to);
}

#endif
