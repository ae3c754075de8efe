/*
 * future.h - one result, some day.
 *
 * A future is embedded by the code that wants the result, and set once, by the
 * task spawned for it (task/scope.h) or by any code on the loop's thread.  Any
 * number of tasks may await it, before or after.  It allocates nothing and owns
 * nothing: what becomes of a pointer it carries is for its setter and its
 * readers to agree.
 *
 * A task's future must stay in place, and not be used for another, until
 * somebody has read its result (by gyre_await, gyre_future_result or
 * gyre_scope_next), or it was dropped, or its scope is closed; any other until
 * it is done.  Then it may go.
 *
 * Unless noted, all calls are for the loop's thread.
 */
#ifndef GYRE_TASK_FUTURE_H
#define GYRE_TASK_FUTURE_H

#include <stdbool.h>
#include <stdint.h>

#include "timers/time.h"
#include "loop/list.h"
#include "loop/mailbox.h"
#include "loop/result.h"
#include "task/waiters.h"

struct gyre_future {
    /* private */
    struct gyre_waiters waiters;
    struct gyre_list link;  /* in gyre_scope.finished, or alone */
    struct gyre_task *task; /* whose result it will be, or NULL */
    intptr_t result;
    bool done;
    bool alarming;    /* a failure; unread while it is in `finished` */
    const char *name; /* of the task that left it there, or NULL */
};

/* A future that another thread will set.  The inner one is awaited as usual. */
struct gyre_remote_future {
    struct gyre_future future;

    /* private */
    struct gyre_post post;
    struct gyre_mailbox *mailbox;
    struct gyre_loop *loop; /* held until it is set */
    intptr_t result;
};

#pragma GCC visibility push(default)

/* Prepare a future that no task is spawned for; a zeroed one is prepared.
   Cannot fail. */
void gyre_future_init(struct gyre_future *f);

/* Give the result, a value or an error, and wake who awaits it, in order.  Once
   only, and only for a future that was prepared with gyre_future_init. */
void gyre_future_set(struct gyre_future *f, intptr_t result);

/*
 * Wait until `f` is done, read its result and return that.  A cancel point.
 * The future, and its task, go on regardless of how the wait ended.
 *
 * -ECANCELED and -ETIMEDOUT may be the result, or mean that this wait ended;
 * and even then `f` may have become done before the waiter ran.  So after one
 * of these ask gyre_future_done: if it is true, gyre_future_result reads the
 * result; if not, it was the wait that ended.
 */
intptr_t gyre_await(struct gyre_future *f, gyre_time deadline)
    __attribute__((warn_unused_result));

/* Is the result there?  Never parks. */
bool gyre_future_done(const struct gyre_future *f);

/* The result of a future that is done.  Never parks; works in cancelled scopes,
   and after the scope of its task was closed. */
intptr_t gyre_future_result(struct gyre_future *f);

/*
 * Ask the task of `f` to stop: from now on its cancel points fail.  The
 * -ECANCELED it then ends with counts as no failure for its scope.  No effect
 * on a future that is done, or has no task.  Does not wait.
 */
void gyre_future_cancel(struct gyre_future *f);

/* Let go of `f`, which nobody awaits: nothing will touch it again.  Its task
   goes on, as one spawned without a future; a failure already in it is not
   reported. */
void gyre_future_drop(struct gyre_future *f);

/*
 * Prepare `r` for another thread to set; in a task, or on the loop's thread
 * with the loop at hand.  The loop is held (stays alive) until `r` is set, and
 * `r` must stay in place until its future is done.
 */
void gyre_remote_future_init(struct gyre_remote_future *r, struct gyre_loop *l);

/* Give the result.  Any thread, once.  -EPIPE if the loop is gone. */
int gyre_remote_future_set(struct gyre_remote_future *r, intptr_t result);

#pragma GCC visibility pop

#endif
