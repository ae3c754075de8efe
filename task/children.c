/*
 * children.c - what becomes of the tasks in a scope.
 *
 * Invariants:
 *   - `children` counts the tasks spawned in a scope that have not ended,
 *     `promised` those of them whose future nobody has dropped;
 *   - `finished` has the futures of the ended, in order of ending, that nobody
 *     has read or dropped;
 *   - somebody is parked in `next` only while `finished` is empty and somebody
 *     else is promised; whatever may change that wakes him, to look again;
 *   - of the end of a task that has not started only its starter is told.
 */
#include "task/scope.h"

#include <assert.h>
#include <errno.h>

#include "loop/result.h"
#include "task/breach.h"
#include "task/internal.h"
#include "task/switching.h"

/* Who waits for the next to end is to look again. */
static void wake_next(struct gyre_scope *s)
{
    struct gyre_wait *w = s->next;

    if (w == NULL)
        return;
    s->next = NULL;
    gyre_wait_wake(w, 0);
}

/* ---- failing ---- */

/* What becomes of a failure, beside being in a future, if there is one. */
static void spread(struct gyre_scope *s, const struct gyre_future *f,
                   const char *name, int err)
{
    if (!s->tolerant)
        gyre_scope_fail(s, err);
    else if (f == NULL)
        gyre_loop_fail(s->runtime->loop, name != NULL ? name : "a task", err);
}

/* Keep the future that nobody awaited for whoever asks for the next. */
static void keep(struct gyre_scope *s, struct gyre_future *f, const char *name,
                 bool failed)
{
    f->alarming = failed && s->tolerant;
    f->name = name;
    gyre_list_append(&s->finished, &f->link);
}

int gyre_spawn_failed(struct gyre_scope *s, struct gyre_future *done,
                      const char *name, int err)
{
    if (done != NULL) {
        (void)gyre_future_finish(done, err);
        keep(s, done, name, true);
        wake_next(s);
    }
    spread(s, done, name, err);
    return err;
}

size_t gyre_scope_children(const struct gyre_scope *s)
{
    return s->children;
}

/* ---- ending ---- */

/* The owner of the scope may have left the frame that the future was in, or
   have given it to another task as well. */
static void check_future(const struct gyre_task *t, const struct gyre_future *f)
{
    const struct gyre_scope *s = t->scope;
    const struct gyre_task *owner = s->branch.task;

    if (f->task != t)
        gyre_scope_breach(t, s->site, "has a task whose future was used again");
    if (owner != NULL && gyre_task_below(owner, f, owner->fiber.sp))
        gyre_scope_breach(owner, s->site,
                          "has a task whose future's frame was left");
}

static void keep_promise(struct gyre_task *t, intptr_t result, bool failed)
{
    struct gyre_scope *s = t->scope;
    struct gyre_future *f = t->future;

    check_future(t, f);
    f->task = NULL;
    if (!gyre_future_finish(f, result) && t->start == NULL)
        keep(s, f, t->name, failed);
    s->promised--;
    wake_next(s);
}

/* Nothing that `t` made in frames that are gone may be left. */
GYRE_ALWAYS_INLINE void check_left(struct gyre_task *t)
{
    if (t->innermost != &t->base)
        gyre_scope_breach(t, t->site, "was still open when the task ended");
    if (t->holds.next != NULL)
        gyre_task_orphan(t);
    if (t->locals != t->scope->locals)
        gyre_task_breach(t, "binding made", t->bound_at,
                         "was not undone when the task ended");
}

/* Tell the future of `t`, its scope, and who waits for it to start. */
GYRE_ALWAYS_INLINE void tell(struct gyre_task *t, intptr_t result)
{
    struct gyre_scope *s = t->scope;
    bool failed = gyre_is_error(result) &&
                  !(result == -ECANCELED && gyre_branch_echoes(&t->base));

    if (t->future != NULL)
        keep_promise(t, result, failed);
    if (failed && t->start == NULL)
        spread(s, t->future, t->name, (int)result);
    gyre_branch_leave(&t->base);
    if (--s->children == 0 && gyre_waiters_first(&s->emptying) != NULL)
        (void)gyre_waiters_wake_all(&s->emptying, 0);
    if (t->start != NULL)
        gyre_start_ended(t, result);
}

void gyre_task_end(struct gyre_task *t, intptr_t result)
{
    struct gyre_runtime *rt = t->runtime;
    struct gyre_fiber *to;

    if (t->defers != NULL)
        gyre_defers_run(t);
    check_left(t);
    tell(t, result);
    if (rt->highwater.on)
        gyre_highwater_ended(t);
    if (rt->hook != NULL)
        rt->hook->ended(rt->hook, t);

    /* We still stand on the stack we give back, and `t` lies on it; but nobody
       takes it before the switch. */
    to = gyre_fiber_next(rt, gyre_ready_take(rt->loop));
    gyre_supply_give(&rt->supply, t->stack);
    gyre_fiber_exit(&t->fiber, to);
}

void gyre_future_drop(struct gyre_future *f)
{
    struct gyre_task *t = f->task;

    assert(gyre_waiters_first(&f->waiters) == NULL);
    gyre_list_remove(&f->link);
    f->task = NULL;
    if (t == NULL)
        return;
    t->future = NULL;
    t->scope->promised--;
    wake_next(t->scope);
}

/* ---- the next to end ---- */

static bool forget_next(struct gyre_wait *w)
{
    struct gyre_scope *s = w->on;

    s->next = NULL;
    return true;
}

static const struct gyre_wait_kind next = {
    .name = "for the next task to end",
    .abandon = forget_next,
};

/* Of the promised, the task that asks, which cannot wait for itself: 1 or 0. */
static size_t own_promise(const struct gyre_scope *s)
{
    const struct gyre_task *t = gyre_current;

    return t != NULL && t->scope == s && t->future != NULL;
}

static int wait_for_next(struct gyre_scope *s, gyre_time deadline)
{
    struct gyre_wait w = {.kind = &next, .on = s};

    if (s->promised == own_promise(s))
        return -ECHILD;
    if (s->next != NULL)
        return -EBUSY;
    s->next = &w;
    return (int)gyre_wait_park(&w, deadline);
}

static struct gyre_future *first_finished(const struct gyre_scope *s)
{
    return GYRE_OWNER(s->finished.next, struct gyre_future, link);
}

/* The future stays in the list until we run, and may be read or dropped by
   then: so look again. */
int gyre_scope_next(struct gyre_scope *s, struct gyre_future **done,
                    gyre_time deadline)
{
    int err = gyre_checkpoint(deadline);

    while (err == 0 && gyre_list_empty(&s->finished))
        err = wait_for_next(s, deadline);
    if (err)
        return err;
    *done = first_finished(s);
    (void)gyre_future_result(*done);
    return 0;
}

/* Of failures that nobody has read the loop is told. */
void gyre_scope_let_go(struct gyre_scope *s)
{
    while (!gyre_list_empty(&s->finished)) {
        struct gyre_future *f = first_finished(s);
        bool alarming = f->alarming;
        const char *name = f->name;
        int err = (int)gyre_future_result(f);

        if (alarming)
            gyre_loop_fail(s->runtime->loop, name != NULL ? name : "a task",
                           err);
    }
}
