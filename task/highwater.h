/*
 * highwater.h - how deep the stacks of tasks went, by what the tasks run.
 *
 * Private to task/, installed nowhere; told by show/stacks.h.  While a run
 * measures, its stacks are painted (paint.h), and looked at when their task has
 * ended.
 */
#ifndef GYRE_TASK_HIGHWATER_H
#define GYRE_TASK_HIGHWATER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct gyre_runtime;
struct gyre_task;

/* What is known of the tasks that run one function on stacks of one size. */
struct gyre_mark {
    intptr_t (*fn)(void *arg);
    size_t size;      /* of their stacks */
    const char *name; /* of the deepest, or NULL */
    size_t deepest;   /* bytes that it used */
    uint64_t ended;   /* tasks that have */
    uint64_t live;    /* that have not; counted by gyre_highwater_look */
};

/* Zeroed it is empty. */
struct gyre_highwater {
    bool on;                 /* the run measures */
    struct gyre_mark *marks; /* in no order */
    size_t n;
    size_t room;     /* for so many */
    uint64_t missed; /* tasks for which there was no memory to note them */
};

/* Measure the tasks of `rt`, which has none yet. */
void gyre_highwater_start(struct gyre_runtime *rt);
void gyre_highwater_free(struct gyre_runtime *rt);

/* `t`, on whose stack we stand, has ended. */
void gyre_highwater_ended(struct gyre_task *t);

/* Measure those that have not ended as well, as deep as they went so far. */
void gyre_highwater_look(struct gyre_runtime *rt);

#endif
