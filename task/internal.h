/*
 * internal.h - what the files in task/ share, and nobody else may include.
 */
#ifndef GYRE_TASK_INTERNAL_H
#define GYRE_TASK_INTERNAL_H

#include "loop/job.h"
#include "loop/loop.h"
#include "loop/timer.h"
#include "task/fiber.h"
#include "task/future.h"
#include "task/scope.h"
#include "task/stack.h"
#include "task/wait.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CREDITS 32              /* cancel points between two turns */

/* Causes that are no errors; an error is its own. */
enum {
    ASKED = 1,                  /* gyre_scope_cancel, gyre_future_cancel */
};

/* What the tasks of one loop share. */
struct gyre_runtime {
    struct gyre_loop *loop;
    struct gyre_fiber base;         /* the loop's own stack */
    struct gyre_job *handed;        /* no task's: to be run on that stack */
    struct gyre_stacks stacks;
    struct gyre_pool *pool;         /* threads for offloads; made when needed */
};

/*
 * A task: it sits at the top of its own stack, so that one is all it needs.
 *
 *                  spawn                 taken by the loop, or a task that parks
 *      (nothing) ----------> READY -----------------------------> RUNNING
 *                              ^                                 |   |   |
 *                              |  woken, deadline, cancelled     |   |   |
 *                              +------------ PARKED <------------+   |   |
 *                              |            [gyre_wait_park]         |   |
 *                              +------------------------------------+   |
 *                                    [gyre_yield, no credits left]       |
 *                                                             ENDED <----+
 *                                                       [task_main] its fn returned
 *
 * READY is `job` started; PARKED is neither that nor current.  While PARKED in a
 * wait that can be ended from outside, `wait` says which.
 */
struct gyre_task {
    struct gyre_job job;            /* started: ready to run */
    struct gyre_fiber fiber;
    struct gyre_runtime *runtime;
    struct gyre_branch base;        /* between its scope and those it opens */
    struct gyre_branch *innermost;  /* of the open scopes; or &base */
    struct gyre_scope *scope;       /* it was spawned in */
    struct gyre_future *future;     /* where its result goes, or NULL */
    struct gyre_wait *wait;         /* it is parked on, and may be taken off */
    struct gyre_timer timer;        /* the deadline of that wait */
    int credits;
    const char *name;               /* or NULL */
    struct gyre_stack *stack;
    intptr_t (*fn)(void *arg);
    void *arg;
};

/* The task that runs on this thread, or NULL.  The library's only variable of
   its kind; tasks never change threads. */
extern _Thread_local struct gyre_task *gyre_current
    __attribute__((visibility("hidden"), tls_model("initial-exec")));

/* ---- task.c: tasks as the loop sees them ---- */

/* Prepare runtime and task; the task is not ready yet.  NULL: no stack. */
void gyre_runtime_init(struct gyre_runtime *rt, struct gyre_loop *l,
                       size_t stack_size);
void gyre_runtime_free(struct gyre_runtime *rt);
struct gyre_task *gyre_task_new(struct gyre_runtime *rt,
                                intptr_t (*fn)(void *arg), void *arg);

/* Leave `t`, the current task, for whatever is next; return when it runs again.
   Who calls this has made sure that something will make it ready. */
void gyre_task_switch(struct gyre_task *t);

/* Make a parked task ready. */
void gyre_task_wake(struct gyre_task *t);

/* ---- wait.c ---- */

/* Take a parked task off its wait, which ends with `result`. */
void gyre_wait_interrupt(struct gyre_task *t, intptr_t result);

/* ---- cancel.c: the tree of branches ---- */

void gyre_branch_init(struct gyre_branch *b, struct gyre_branch *parent,
                      struct gyre_task *t);
void gyre_branch_shield(struct gyre_branch *b);
void gyre_branch_leave(struct gyre_branch *b);
void gyre_branch_cancel(struct gyre_branch *b, int cause);

/* A cancel point inside `b` fails on account of it. */
void gyre_branch_tell(struct gyre_branch *b);

/* The scope that `b` is the branch of, or NULL if it is a task's. */
struct gyre_scope *gyre_branch_scope(struct gyre_branch *b);

/* ---- scope.c ---- */

/* Open the scope that all of a run happens in; it belongs to no task. */
void gyre_scope_open_root(struct gyre_scope *s, struct gyre_runtime *rt);

/* `t` has ended with `result`: tell its future and its scope. */
void gyre_scope_child_ended(struct gyre_task *t, intptr_t result);

/* Abort if the innermost scope of `t` was left without closing it. */
void gyre_scope_check(struct gyre_task *t, const void *frame);

/* ---- future.c ---- */

void gyre_future_finish(struct gyre_future *f, intptr_t result);

/* ---- pool.c ---- */

void gyre_pool_free(struct gyre_pool *p);

#endif
