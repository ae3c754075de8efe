/*
 * start.c - a task that says when it is ready.
 *
 *      STARTING ---- gyre_started, or its end -------------> OVER
 *          |                                                   ^
 *          +-- deadline, cancellation --> CANCELLED -- its end +
 *
 * Invariant: t->start is not NULL exactly while it is not over; then it lies in
 * the frame of who waits for it.
 */
#include "task/start.h"

#include <assert.h>
#include <errno.h>

#include "loop/result.h"
#include "task/breach.h"
#include "task/internal.h"

struct gyre_start {
    struct gyre_task *task;
    struct gyre_waiters starter; /* who waits, and nobody else */
    bool cancelled;              /* it took too long */
    bool over;
    intptr_t result;
};

/* What a task is to run, and where it was asked for. */
struct order {
    intptr_t (*fn)(void *arg);
    void *arg;
    const void *site;
};

/* The starter may go, and the start with it. */
static void finish(struct gyre_task *t, intptr_t result)
{
    struct gyre_start *st = t->start;

    t->start = NULL;
    st->over = true;
    st->result = result;
    (void)gyre_waiters_wake_all(&st->starter, 0);
}

void gyre_started(intptr_t value)
{
    struct gyre_task *t = gyre_current;

    assert(t != NULL && !gyre_is_error(value));
    if (t->start != NULL && !t->start->cancelled)
        finish(t, value);
}

void gyre_start_ended(struct gyre_task *t, intptr_t result)
{
    finish(t, gyre_is_error(result) ? result : -ECHILD);
}

static struct gyre_task *starting(const struct gyre_wait *w,
                                  const struct gyre_task *last)
{
    const struct gyre_start *st = w->on;

    return last == NULL ? st->task : NULL;
}

static const struct gyre_wait_kind starts = {
    .name = "for a task to start",
    .owner = starting,
};

static const struct gyre_wait_kind ends = {
    .name = "for a task that did not start to end",
    .abandon = gyre_wait_refuse,
    .owner = starting,
};

static int wait_for(struct gyre_start *st, const struct gyre_wait_kind *kind,
                    gyre_time deadline)
{
    struct gyre_wait w = {.kind = kind, .on = st};

    return (int)gyre_waiters_park(&st->starter, &w, deadline);
}

/* It may have started after the wait was over and before this task's turn. */
static intptr_t await_start(struct gyre_start *st, gyre_time deadline)
{
    int why = wait_for(st, &starts, deadline);

    if (st->over)
        return st->result;
    st->cancelled = true;
    if (st->task->base.cause == 0)
        gyre_branch_cancel(&st->task->base, ASKED);
    while (!st->over)
        (void)wait_for(st, &ends, GYRE_FOREVER);
    return why;
}

static GYRE_NOT_INLINED intptr_t spawn_start(struct gyre_scope *s,
                                             struct gyre_future *done,
                                             const struct order *order,
                                             gyre_time deadline)
{
    struct gyre_start st = {0};
    struct gyre_future own;
    struct gyre_future *f = done != NULL ? done : &own;

    if (gyre_spawn(s, f, order->fn, order->arg) != 0)
        return gyre_future_result(f);
    st.task = f->task;
    st.task->spawned_at = order->site;
    st.task->start = &st;
    if (done == NULL)
        gyre_future_drop(f);
    return await_start(&st, deadline);
}

GYRE_NOT_INLINED intptr_t gyre_spawn_start(struct gyre_scope *s,
                                           struct gyre_future *done,
                                           intptr_t (*fn)(void *arg), void *arg,
                                           gyre_time deadline)
{
    struct order order = {fn, arg, __builtin_return_address(0)};
    int err = gyre_checkpoint(deadline);

    if (err == 0 && deadline == GYRE_NOW)
        err = -ETIMEDOUT;
    if (err == 0)
        return spawn_start(s, done, &order, deadline);
    if (done != NULL) {
        gyre_future_init(done);
        gyre_future_set(done, err);
    }
    return err;
}
