/*
 * scope.h - tasks, and the scopes they live in.
 *
 * A task is a stackful coroutine: awaiting is a function call, at any depth.
 * It is spawned into a scope, and the scope is not left before all its tasks
 * have ended, so no task outlives what it works on.  A scope also bounds time
 * and carries cancellation: it is asyncio's TaskGroup, timeout and shield in
 * one.
 *
 * Cancellation is level-triggered: once a scope is cancelled, every cancel
 * point inside it, in whatever task, returns -ECANCELED until the scope is
 * left.  The cancel points are the functions whose last parameter is `gyre_time
 * deadline`, and the two that yield: gyre_yield, gyre_yield_if_due.  -ECANCELED
 * means that the effect did not happen, or the call says how much did.  It is
 * returned even if the call need not wait, and with GYRE_NOW too: so what a
 * task gives back on its way out it gives back by calls that are no cancel
 * points, or in a shield (gyre_scope_open_shielded).
 *
 * A scope keeps one cause of its cancellation, the first of
 *   - its own limit passed (-ETIMEDOUT),
 *   - a task in it, or its body, failed (that error),
 *   - gyre_scope_cancel was called (asked),
 *   - an enclosing scope was cancelled (-ECANCELED);
 * -ECANCELED that comes out of a cancelled scope is an echo, never a cause, and
 * a limit or an enclosing cause of which no cancel point was told does not
 * count.
 *
 * A scope may be left by mistake, by a return or a goto in its body.  So it is
 * checked, always, and a breach aborts with the names of the task and of the
 * opening site: scopes are closed in the reverse order of opening, by the task
 * that opened them, before their stack frame is left, and before their task
 * ends.
 */
#ifndef GYRE_TASK_SCOPE_H
#define GYRE_TASK_SCOPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "timers/timers.h"
#include "loop/list.h"
#include "task/future.h"
#include "task/waiters.h"

struct gyre_local;
struct gyre_loop;
struct gyre_runtime;
struct gyre_task;
struct gyre_wait;

/*
 * A node in the tree along which cancellation spreads: one for every open scope
 * and one for every task, which stands between the scope it was spawned in and
 * those that it opens.
 */
struct gyre_branch {
    /* private */
    struct gyre_branch *parent; /* NULL for a root */
    struct gyre_list link;      /* in parent->branches */
    struct gyre_list branches;  /* of the branches inside */
    struct gyre_task *task;     /* whose cancel points it governs */
    int cause;                  /* 0: not cancelled; ASKED, or an error */
    bool told;                  /* a cancel point inside has failed */
    bool shielded;              /* takes nothing over from the parent */
};

/* On the stack of the task that opens it, as a rule; in place while open. */
struct gyre_scope {
    /* private */
    struct gyre_branch branch;
    struct gyre_timer timer; /* fires at the limit */
    gyre_time limit;
    size_t children;           /* tasks that have not ended */
    size_t promised;           /* of them, those with a future */
    struct gyre_list finished; /* gyre_future.link, of the ended, unread */
    struct gyre_wait *next;    /* who is parked in gyre_scope_next */
    struct gyre_runtime *runtime;
    const void *site;             /* who opened it */
    struct gyre_waiters emptying; /* who waits until no child is left: its
                                     owner, to leave it, and others */
    struct gyre_local *locals;    /* bindings that tasks in it inherit */
    bool tolerant;
};

/* `struct gyre_scope GYRE_SCOPED s;` cancels and joins when `s` goes out of
   sight, if it was opened and is open still.  Initialize it to {0}. */
#define GYRE_SCOPED __attribute__((cleanup(gyre_scope_leave)))

/* How to spawn; a zeroed one gives the defaults. */
struct gyre_spawn_options {
    const char *name;  /* shown in reports; static.  NULL: none */
    size_t stack_size; /* in bytes, up to 1 GiB, rounded up to a power of two
                          from 16 KiB on; 0: as all of the run */
    void *stack;       /* memory for it, of exactly `stack_size` bytes, at least
                          16 KiB; NULL: the run's */
    bool eager;        /* run it at once */
    bool background;   /* what it waits for does not keep the run from being
                          called deadlocked: see below */
};

/*
 * A task in the background is one that would go on for ever, even if all others
 * were stuck: a heartbeat, a sampler.  While it has not been cancelled, its
 * deadlines, the limits of its scopes, its waits for descriptors and its
 * offloads do not keep the loop alive, so that they hide no deadlock.  The same
 * holds for the tasks that are spawned into its scopes.  Its scope waits for it
 * as for any other: to end that, cancel it.
 *
 * Not covered are a gyre_remote_future and a gyre_loop_hold: they keep the loop
 * alive whichever task waits for them.  A hold stands for something from
 * outside that the loop cannot know of.
 */

#pragma GCC visibility push(default)

/*
 * Open a scope inside the current one.  When `limit` passes, what is inside is
 * cancelled; the limits of enclosing scopes hold as well, so the nearest wins.
 * Does not park; cannot fail.
 */
void gyre_scope_open(struct gyre_scope *s, gyre_time limit);

/*
 * The same, but a task that fails does not cancel the scope: its siblings go
 * on.  The failure is in its future; if it has none, or nobody has read it by
 * the time the scope is closed, the loop's failure hook is told.  (A body that
 * fails cancels the tasks here too, since the close waits for them.)
 */
void gyre_scope_open_tolerant(struct gyre_scope *s, gyre_time limit);

/* The same as gyre_scope_open, but cancellations and limits of enclosing scopes
   have no effect inside: for cleaning up.  `limit` must be finite. */
void gyre_scope_open_shielded(struct gyre_scope *s, gyre_time limit);

/*
 * Leave the scope: wait until its tasks have ended, and say how it went.  The
 * body counts as one of its tasks, so a `result` that is an error cancels the
 * rest.  Parks, but is no cancel point.  Returns
 *   - `result`, if nothing cancelled the scope;
 *   - `result`, or 0 if that is an echo, if it was gyre_scope_cancel;
 *   - otherwise the cause: -ETIMEDOUT, an error, or -ECANCELED.
 */
intptr_t gyre_scope_close(struct gyre_scope *s, intptr_t result);

/* Cancel what is inside.  Does not park; from any task, or a callback. */
void gyre_scope_cancel(struct gyre_scope *s);

/* Move the limit; that of a shield stays finite.  No effect once the scope is
   cancelled.  From any task, or a callback. */
void gyre_scope_limit(struct gyre_scope *s, gyre_time limit);

/* Has something cancelled the scope? */
bool gyre_scope_cancelled(const struct gyre_scope *s);

/* How many of its tasks have not ended. */
size_t gyre_scope_children(const struct gyre_scope *s);

/*
 * Wait until another task that has a future ends, and give that future: each
 * once, in order of ending, except those that were read already.  For the
 * scope's owner, or a task in it, which does not wait for itself; one at a
 * time.  A cancel point.  0; -ECHILD when none is left; -EBUSY if another
 * waits.
 */
int gyre_scope_next(struct gyre_scope *s, struct gyre_future **done,
                    gyre_time deadline) __attribute__((warn_unused_result));

/*
 * Wait until no task is left in the scope, which stays open: by its owner or
 * any other task.  A cancel point; no task is cancelled when it ends early.  0;
 * -EDEADLK for a task in it, at whatever depth, which would wait for itself.
 * O(depth).
 */
int gyre_scope_wait(struct gyre_scope *s, gyre_time deadline)
    __attribute__((warn_unused_result));

/* Close the scope as GYRE_SCOPED does.  A failure inside goes to the loop's
   failure hook, since it cannot be returned. */
void gyre_scope_leave(struct gyre_scope *s);

/*
 * Run fn(arg) as a task of its own, in the scope; it starts in the loop's next
 * pass, in order of spawning.  Its result goes to `done`, which may be NULL,
 * and which this prepares.  A task once spawned always runs, at least to its
 * first cancel point, so it may own what `arg` points to.  `options` may be
 * NULL.
 *
 * An eager task runs before this returns, until it parks, gives way, or ends;
 * then the spawner goes on, before all others.  It is no cancel point for the
 * spawner.  A callback cannot be suspended: an eager task that it spawns is put
 * first in the queue.
 *
 * The memory of `options->stack` is the task's until the task has ended, as
 * `done`, gyre_scope_children, and the close of its scope tell: from then on it
 * may be freed, or used for another task.  There is no guard below: an overflow
 * of it goes unnoticed, until something breaks.
 *
 * 0.  -ENOMEM if there is no stack (or, without guard pages of the kernel's
 * own, when vm.max_map_count is reached): then `arg` is still the caller's,
 * `done` has failed, and so has the scope; if it is tolerant the failure is
 * reported as a task's would be.  So a spawn need not be checked if the result
 * of gyre_scope_close is.  From any task, or a callback.
 */
int gyre_spawn(struct gyre_scope *s, struct gyre_future *done,
               intptr_t (*fn)(void *arg), void *arg);
int gyre_spawn_with(struct gyre_scope *s, struct gyre_future *done,
                    intptr_t (*fn)(void *arg), void *arg,
                    const struct gyre_spawn_options *options);

#pragma GCC visibility pop

#endif
