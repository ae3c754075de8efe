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

/* The fiber to go on with, whose turn it is from now on: of the next job `j`,
   if that is a task's, or the loop's. */
GYRE_ALWAYS_INLINE struct gyre_fiber *gyre_fiber_next(struct gyre_runtime *rt,
                                                      struct gyre_job *j)
{
    struct gyre_task *t = j != NULL ? gyre_task_of(j) : NULL;

    gyre_task_enter(t);
    if (t != NULL)
        return &t->fiber;
    rt->handed = j;
    return &rt->base;
}

/* Leave `t`, the current task, for the next job; return when it runs again. */
GYRE_ALWAYS_INLINE void gyre_task_leave(struct gyre_task *t, struct gyre_job *j)
{
    struct gyre_runtime *rt = t->runtime;
    struct gyre_fiber *to = gyre_fiber_next(rt, j);

    t->credits = rt->credits;
    if (to != &t->fiber)
        gyre_fiber_switch(&t->fiber, to);
}

/* The same, for whatever is next.  Who calls this has made sure that something
   will make `t` ready. */
GYRE_ALWAYS_INLINE void gyre_task_switch(struct gyre_task *t)
{
    gyre_task_leave(t, gyre_ready_take(t->runtime->loop));
}

/* To the back of the ready queue: `t`, the current task, has had its turn. */
GYRE_ALWAYS_INLINE void gyre_task_give_way(struct gyre_task *t)
{
    gyre_task_leave(t, gyre_ready_rotate(t->runtime->loop, &t->job));
}

#endif
