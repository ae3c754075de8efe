/*
 * tasks.h - which tasks there are, and what they are called.
 *
 * Tasks are a tree, as their scopes are: the parent of a task is the one that
 * opened the scope it was spawned in, whoever spawned it.
 */
#ifndef GYRE_TASK_TASKS_H
#define GYRE_TASK_TASKS_H

#include <stddef.h>
#include <stdint.h>

struct gyre_scope;

/* What is told of a task that has not ended. */
struct gyre_task_info {
    uint64_t id;               /* counted from 1 in each run, the main task */
    uint64_t parent;           /* the id of its parent; 0: it has none */
    const char *name;          /* or NULL */
    intptr_t (*fn)(void *arg); /* what it runs */
};

/* Shown tasks by gyre_tasks_walk. */
struct gyre_task_visitor {
    void (*task)(struct gyre_task_visitor *v,
                 const struct gyre_task_info *info);
};

#pragma GCC visibility push(default)

/* The number of this task, which no other of the run has had or will have; 0
   outside of tasks. */
uint64_t gyre_task_id(void);

/* The name of this task, or NULL if it has none; NULL outside of tasks. */
const char *gyre_task_name(void);

/* Call this task so.  The string is not copied, and must last as long as the
   run: a literal, as a rule.  NULL: it has no name.  For tasks only. */
void gyre_task_set_name(const char *name);

/*
 * Show `v` every task inside `s`, at any depth, each once and after its parent;
 * or all of the run, if `s` is NULL, which is for tasks only.  It must not
 * spawn or park.  `v` may be NULL.  Returns how many.  O(tasks and scopes).
 */
size_t gyre_tasks_walk(struct gyre_scope *s, struct gyre_task_visitor *v);

#pragma GCC visibility pop

#endif
