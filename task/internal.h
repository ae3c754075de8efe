/*
 * internal.h - what the files in task/ share, and nobody else may include.
 */
#ifndef GYRE_TASK_INTERNAL_H
#define GYRE_TASK_INTERNAL_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "loop/job.h"
#include "loop/list.h"
#include "loop/look.h"
#include "loop/loop.h"
#include "loop/random.h"
#include "loop/ready.h"
#include "loop/symbol.h"
#include "loop/timer.h"
#include "task/account.h"
#include "task/cancel.h"
#include "task/defer.h"
#include "task/fiber.h"
#include "task/future.h"
#include "task/hold.h"
#include "task/local.h"
#include "task/runtime.h"
#include "task/scope.h"
#include "task/tasks.h"
#include "task/wait.h"

/* Where a search for cycles (show/cycles.c) stands with a task. */
struct gyre_search {
    uint64_t mark;          /* of the search that met it last, and how */
    struct gyre_task *from; /* who waits for it, on the way here; or NULL */
    struct gyre_task *to;   /* who it waits for, on the way from here */
    gyre_time told;         /* when the wait began that was reported; or -1 */
};

/*
 * A task: it sits at the top of its own stack, so that one is all it needs. Its
 * states are drawn in task.c.  What every switch and every wait looks at comes
 * first, in two cache lines.
 */
struct gyre_task {
    struct gyre_job job; /* started: ready to run */
    struct gyre_fiber fiber;
    struct gyre_runtime *runtime;
    struct gyre_branch *innermost; /* of the open scopes; or &base */
    struct gyre_wait *wait;        /* it is parked on, and may be taken off */
    struct gyre_timer *timer;   /* fires at its deadline; NULL: it has none */
    bool background;            /* its waits do not count; see background.h */
    uint16_t waived;            /* waits it is in that would */
    int credits;                /* left before it gives way; the complement of
                                   that, below 0, if its points are looked at */
    struct gyre_scope *scope;   /* it was spawned in */
    struct gyre_future *future; /* where its result goes, or NULL */
    struct gyre_start *start;   /* who waits for it to start; or NULL */
    struct gyre_branch base;    /* between its scope and those it opens */
    struct gyre_list holds;     /* gyre_hold.link; not initialized while it has
                                   never held anything */
    struct gyre_local *locals;  /* bindings, the latest first */
    struct gyre_defer *defers;  /* what to undo, the latest first */
    const void *site;           /* where the innermost scope was opened, for
                                  it may be gone; or NULL */
    const void *bound_at;       /* where `locals` was bound, and */
    const void *deferred_at;    /*   `defers` deferred, if by this task */
    const void *spawned_at;     /* by whom, the address of the call */
    const char *name;           /* or NULL: that of its function does */
    uint64_t id;                /* counted from 1 in each run */
    struct gyre_stack *stack;
    intptr_t (*fn)(void *arg);
    void *arg;
    struct gyre_search search;
    struct gyre_task_account account; /* while they are kept */
};

/* The task that runs on this thread, or NULL; tasks never change threads. */
extern _Thread_local struct gyre_task *gyre_current
    __attribute__((visibility("hidden"), tls_model("initial-exec")));

/* The run that this thread is in, the innermost, or NULL: for callbacks, which
   are in a run but in no task. */
extern _Thread_local struct gyre_runtime *gyre_running
    __attribute__((visibility("hidden"), tls_model("initial-exec")));

/* `t` has its turn, or none does.  The watchdog looks at this from its own
   thread, so it is written at once, by what is an ordinary store. */
static inline void gyre_task_enter(struct gyre_task *t)
{
    __atomic_store_n(&gyre_current, t, __ATOMIC_RELAXED);
}

/* ---- task.c: tasks as the loop sees them ---- */

/* The job of every task. */
void gyre_task_run(struct gyre_job *j);

/* The task that `j` is the job of; NULL if it is no task's. */
static inline struct gyre_task *gyre_task_of(struct gyre_job *j)
{
    return j->run == gyre_task_run ? GYRE_OWNER(j, struct gyre_task, job)
                                   : NULL;
}

/* Make a parked task ready. */
static inline void gyre_task_wake(struct gyre_task *t)
{
    gyre_ready_add(t->runtime->loop, &t->job);
}

/* ---- title.c ---- */

/* Who `t` is: "main (serve)", or only "serve", its function, if it has no name
   of its own.  For handlers of signals, too. */
struct gyre_name gyre_task_title(const struct gyre_task *t);

/* ---- wait.c ---- */

/* Is it the turn of others?  Spend a credit of the task, if it has any. */
bool gyre_task_is_to_give_way(const struct gyre_task *t);
void gyre_task_charge(struct gyre_task *t);

/* Take `w` off what it was put on.  False if it is too late for that. */
bool gyre_wait_abandon(struct gyre_wait *w);

/* For waits that nothing ends but the waker: their `abandon`. */
bool gyre_wait_refuse(struct gyre_wait *w);

/* As gyre_wait_park, which has begun, with a deadline: a frame of its own. */
intptr_t gyre_wait_park_until(struct gyre_task *t, struct gyre_wait *w,
                              gyre_time deadline, const void *caller);

/* The same, which has not begun, and may be over: cancelled, or for no time. */
intptr_t gyre_wait_park_late(struct gyre_task *t, struct gyre_wait *w,
                             gyre_time deadline, const void *caller);

/* Take a parked task off its wait, which ends with `result`.  False if it is
   too late for that. */
bool gyre_wait_interrupt(struct gyre_task *t, intptr_t result);

/* Are the cancel points of `t` looked at, for an injector or a seed, or as it
   is the parent's? */
static inline bool gyre_task_looked_at(const struct gyre_task *t)
{
    return t->credits < 0;
}

/* Tell the injector, if there is one. */
void gyre_task_inject(struct gyre_task *t, enum gyre_moment moment,
                      const void *caller);

/* A switch with the injector told before and after. */
void gyre_task_switch_watched(struct gyre_task *t, const void *caller);

/* ---- cancel points ---- */

/* For who could not give way at the checkpoint, and made it with GYRE_NOW: give
   way now, if it is time. */
void gyre_checkpoint_passed(gyre_time deadline);

/* What a cancel point of `t` returns, if it need not wait. */
static inline int gyre_task_told(struct gyre_task *t)
{
    struct gyre_branch *b = t->innermost;

    return b->cause == 0 ? 0 : gyre_branch_tell(b);
}

/* ---- fork.c ---- */

/* From now on the child of a fork finds its runs `forked`. */
void gyre_runtime_watch_forks(void);

/* ---- scope.c ---- */

/* The nearest of the limits that hold for `t`, or GYRE_FOREVER.  O(depth). */
gyre_time gyre_task_limit(const struct gyre_task *t);

/* Open the scope that all of a run happens in; it belongs to no task. */
void gyre_scope_open_root(struct gyre_scope *s, struct gyre_runtime *rt);

/* Something in the scope failed. */
void gyre_scope_fail(struct gyre_scope *s, int err);

/* ---- defer.c ---- */

/* The function of `t`, the current task, has returned: run what it deferred. */
void gyre_defers_run(struct gyre_task *t);

/* ---- tasks.c ---- */

/* The first of the tasks inside `s`, at any depth, or the next after `t`; NULL
   if there is none.  Those of a run are inside gyre_runtime.root. */
struct gyre_task *gyre_task_next(struct gyre_scope *s, struct gyre_task *t);

/* What is told of it. */
void gyre_task_tell(const struct gyre_task *t, struct gyre_task_info *info);

/* The owner of the scope that `t` was spawned in; NULL if that is the root. */
static inline struct gyre_task *gyre_task_parent(const struct gyre_task *t)
{
    return t->scope->branch.task;
}

/* ---- spawn.c ---- */

/* What calls a task's function: all that is on its stack is called by this. */
void gyre_task_main(void *task);

/* ---- children.c ---- */

/* The function of `t`, the current task, has returned `result`: leave it for
   good. */
void gyre_task_end(struct gyre_task *t, intptr_t result);

/* There was no stack for a task that was to have this future, or NULL, and
   name: tell whom its failure would concern.  Returns `err`. */
int gyre_spawn_failed(struct gyre_scope *s, struct gyre_future *done,
                      const char *name, int err);

/* Unlink the futures of the ended that nobody has read; tell of failures. */
void gyre_scope_let_go(struct gyre_scope *s);

/* ---- hold.c ---- */

/* `t` ends, and what it holds is nobody's. */
void gyre_task_orphan(struct gyre_task *t);

/* ---- start.c ---- */

/* `t`, which has not started, has ended with `result`: tell its starter. */
void gyre_start_ended(struct gyre_task *t, intptr_t result);

/* ---- future.c ---- */

/* Give the result.  True if somebody was waiting for it. */
bool gyre_future_finish(struct gyre_future *f, intptr_t result);

/* What those who wait for it have in common. */
extern const struct gyre_wait_kind gyre_future_waits;

#endif
