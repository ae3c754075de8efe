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
 * deadline`, and gyre_yield.  -ECANCELED means that the effect did not happen,
 * or the call says how much did.
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
 * opening site: scopes are closed in the reverse order of opening, by who
 * opened them, before their stack frame is left, and before their task ends.
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
    bool tolerant;
};

/* `struct gyre_scope GYRE_SCOPED s;` cancels and joins when `s` goes out of
   sight, if it was opened and is open still.  Initialize it to {0}. */
#define GYRE_SCOPED __attribute__((cleanup(gyre_scope_leave)))

/* How to spawn; a zeroed one gives the defaults. */
struct gyre_spawn_options {
    const char *name; /* shown in reports; static.  NULL: none */
};

#pragma GCC visibility push(default)

/*
 * Open a scope inside the current one.  When `limit` passes, what is inside is
 * cancelled; the limits of enclosing scopes hold as well, so the nearest wins.
 * Does not park; cannot fail.
 */
void gyre_scope_open(struct gyre_scope *s, gyre_time limit);

/*
 * The same, but a task that fails is its own business: its siblings go on.  The
 * failure is in its future; if it has none, or nobody has read it by the time
 * the scope is closed, the loop's failure hook is told.  (A body that fails
 * cancels the tasks here too, since it will wait for them.)
 */
void gyre_scope_open_tolerant(struct gyre_scope *s, gyre_time limit);

/* The same as gyre_scope_open, but cancellations and limits of enclosing scopes
   are not seen inside: for cleaning up.  `limit` must be finite. */
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
 * Wait for the next task to end that has a future, and give that future: each
 * once, in order of ending, but for those somebody has read already.  By the
 * scope's owner, or by a task in it, which does not wait for itself; one at a
 * time.  A cancel point.  0; -ECHILD when none is left; -EBUSY if another
 * waits.
 */
int gyre_scope_next(struct gyre_scope *s, struct gyre_future **done,
                    gyre_time deadline) __attribute__((warn_unused_result));

/*
 * Wait until no task is left in the scope, which stays open: by its owner or
 * anybody else.  A cancel point; nobody is cancelled when it ends early.  0;
 * -EDEADLK for a task in it, at whatever depth, which would wait for itself.
 * O(depth).
 */
int gyre_scope_wait(struct gyre_scope *s, gyre_time deadline)
    __attribute__((warn_unused_result));

/* Close the scope as GYRE_SCOPED does.  A failure inside goes to the loop's
   failure hook, for there is nobody else to tell. */
void gyre_scope_leave(struct gyre_scope *s);

/*
 * Run fn(arg) as a task of its own, in the scope; it starts in the loop's next
 * pass, in order of spawning.  Its result goes to `done`, which may be NULL,
 * and which this prepares.  A task once spawned always runs, at least to its
 * first cancel point, so it may own what `arg` points to.  `options` may be
 * NULL.
 *
 * 0.  -ENOMEM if there is no stack (or, without guard pages of the kernel's
 * own, when vm.max_map_count is reached): then `arg` is still the caller's,
 * `done` has failed, and so has the scope; if it is tolerant the failure is
 * told as a task's would be.  So a spawn need not be checked if its scope's end
 * is.  From any task, or a callback.
 */
int gyre_spawn(struct gyre_scope *s, struct gyre_future *done,
               intptr_t (*fn)(void *arg), void *arg);
int gyre_spawn_with(struct gyre_scope *s, struct gyre_future *done,
                    intptr_t (*fn)(void *arg), void *arg,
                    const struct gyre_spawn_options *options);

#pragma GCC visibility pop

#endif
