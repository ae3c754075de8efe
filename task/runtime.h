/*
 * runtime.h - what the tasks of one loop share.
 *
 * Private to task/, installed nowhere.  A run (run/run.h) has one.
 */
#ifndef GYRE_TASK_RUNTIME_H
#define GYRE_TASK_RUNTIME_H

#include <stddef.h>
#include <stdint.h>

#include "timers/time.h"
#include "task/fiber.h"
#include "task/highwater.h"
#include "task/pool.h"
#include "task/supply.h"

struct gyre_job;
struct gyre_loop;
struct gyre_onlookers;
struct gyre_places;
struct gyre_scope;
struct gyre_task;
struct gyre_task_hook;

#define CREDITS 32 /* cancel points between two turns */

/* How the task that asks whether it is due gets on: see slice.c. */
struct gyre_pace {
    uint64_t task;    /* its id; 0: none has asked in this turn */
    int left;         /* calls until the clock is read again */
    int stride;       /* calls between two readings */
    gyre_time began;  /* the turn, by the first call in it */
    gyre_time looked; /* the clock was read */
};

/* Where a task is when an injector is told. */
enum gyre_moment {
    GYRE_REACHED, /* a cancel point, and has attempted nothing */
    GYRE_PARKED,  /* in a wait, which has just begun */
    GYRE_WOKEN    /* in a wait that is over, and has yet to learn how */
};

/* Who is told of every cancel point of a run: see sim/inject.c.  `caller` is
   the address of the call that makes it one. */
struct gyre_injector {
    void (*at)(struct gyre_injector *i, struct gyre_task *t,
               enum gyre_moment moment, const void *caller);
};

/* What the tasks of one loop share. */
struct gyre_runtime {
    struct gyre_loop *loop;
    const gyre_time *now;    /* the loop's, as gyre_loop_now */
    struct gyre_scope *root; /* where all tasks are inside */
    uint64_t spawned;        /* tasks so far */
    int credits;             /* of a task after a turn: CREDITS, or ~CREDITS */
    struct gyre_injector *injector; /* or NULL */
    struct gyre_task_hook *hook;    /* or NULL */
    struct gyre_fiber base;         /* the loop's own stack */
    struct gyre_job *handed;        /* no task's: to be run on that stack */
    struct gyre_highwater highwater;
    struct gyre_pace pace;
    struct gyre_supply supply;          /* of stacks */
    struct gyre_pool pools[GYRE_POOLS]; /* threads for offloads */
    uint32_t selects;                   /* so far (task/sync/select.c) */
    uint64_t searches;                  /* for cycles, so far */
    struct gyre_places *places;         /* names found: show/place.h */
    struct gyre_onlookers *onlookers;   /* of a run: run/onlookers.h; or NULL */
    const void *asked_at;               /* who called gyre_dump, while it is */
    struct gyre_runtime *outer;         /* as gyre_running was before */
    bool forked;                        /* it is the parent's: see fork.c */
};

/* `stack_size` as in gyre_run_options (run/run.h), `threads` of each pool. */
void gyre_runtime_init(struct gyre_runtime *rt, struct gyre_loop *l,
                       size_t stack_size, const unsigned threads[GYRE_POOLS]);
void gyre_runtime_free(struct gyre_runtime *rt);

#endif
