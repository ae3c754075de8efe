/*
 * scope.c - scopes: what is inside ends before they do.
 *
 * How one ends, whatever happens first:
 *
 *      OPEN ---- limit passed [pass_limit], child or body failed [fail],
 *        |       gyre_scope_cancel, an enclosing scope [cancel.c] ---> CANCELLED
 *        |                                                               |
 *        +---- gyre_scope_close: parked until no child is left ----------+
 *                                  |
 *                                CLOSED: `verdict` says how it went
 *
 * Invariants:
 *   - `children` counts the tasks spawned here that have not ended, `promised`
 *     those of them whose future nobody has dropped;
 *   - `finished` has the futures of ended children, in order of ending, that
 *     gyre_scope_next has not given and nobody has dropped; if it is not empty,
 *     nobody waits in `next`;
 *   - a task's innermost branch is that of the scope it opened last, or its own.
 */
#include "task/scope.h"
#include "task/internal.h"
#include "task/result.h"
#include "task/task.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- scopes left by mistake ---- */

static void breach(const struct gyre_task *t, const struct gyre_scope *s,
                   const char *what)
{
    fprintf(stderr, "gyre: task %s (fn %p): the scope opened at %p %s\n",
            t->name != NULL ? t->name : "without a name",
            (void *)(uintptr_t)t->fn, s->site, what);
    abort();
}

/* Is `p` on the stack of `t`, below `sp`, where no live frame is? */
static bool below(const struct gyre_task *t, const void *p, const void *sp)
{
    uintptr_t at = (uintptr_t)p;

    return at >= (uintptr_t)t->stack->low && at < (uintptr_t)sp;
}

void gyre_scope_check(struct gyre_task *t, const void *frame)
{
    if (t->innermost != &t->base && below(t, t->innermost, frame))
        breach(t, gyre_branch_scope(t->innermost),
               "was left without gyre_scope_close");
}

/* ---- cancelling ---- */

void gyre_scope_cancel(struct gyre_scope *s)
{
    if (s->branch.cause == 0)
        gyre_branch_cancel(&s->branch, ASKED);
}

/* Something in the scope failed.  A cause of which nobody was told gives way. */
static void fail(struct gyre_scope *s, int err)
{
    struct gyre_branch *b = &s->branch;

    if (b->cause == 0)
        gyre_branch_cancel(b, err);
    else if (!b->told && b->cause != ASKED)
        b->cause = err;
    else
        return;
    b->told = true;
}

/*
 * The scope that is to be cancelled by the limit of `s`: at equal limits the
 * outermost, whatever the order in which they were set.
 */
static struct gyre_scope *outermost_due(struct gyre_scope *s)
{
    struct gyre_scope *due = s;

    for (struct gyre_branch *b = &s->branch; b != NULL; b = b->parent) {
        struct gyre_scope *around = gyre_branch_scope(b);

        if (around != NULL && around->limit <= s->limit && b->cause == 0)
            due = around;
        if (b->shielded)
            break;
    }
    return due;
}

static void pass_limit(struct gyre_scope *s)
{
    struct gyre_scope *due = outermost_due(s);

    if (due->branch.cause == 0)
        gyre_branch_cancel(&due->branch, -ETIMEDOUT);
}

static void limit_passed(struct gyre_timer *t)
{
    pass_limit(GYRE_OWNER(t, struct gyre_scope, timer));
}

void gyre_scope_limit(struct gyre_scope *s, gyre_time limit)
{
    struct gyre_loop *l = s->runtime->loop;

    s->limit = limit;
    gyre_timer_stop(l, &s->timer);
    if (s->branch.cause != 0 || limit == GYRE_FOREVER)
        return;
    if (limit <= gyre_loop_now(l))
        pass_limit(s);
    else
        gyre_timer_start(l, &s->timer, limit);
}

bool gyre_scope_cancelled(const struct gyre_scope *s)
{
    return s->branch.cause != 0;
}

gyre_time gyre_current_limit(void)
{
    gyre_time nearest = GYRE_FOREVER;

    assert(gyre_current != NULL);
    for (struct gyre_branch *b = gyre_current->innermost; b != NULL;
         b = b->parent) {
        struct gyre_scope *s = gyre_branch_scope(b);

        if (s != NULL && s->limit < nearest)
            nearest = s->limit;
        if (b->shielded)
            break;
    }
    return nearest;
}

/* ---- opening ---- */

static void init(struct gyre_scope *s, struct gyre_runtime *rt)
{
    s->timer = (struct gyre_timer){.fire = limit_passed};
    s->limit = GYRE_FOREVER;
    s->children = 0;
    s->promised = 0;
    gyre_list_init(&s->finished);
    s->next = NULL;
    s->runtime = rt;
    s->tolerant = false;
    s->closing = false;
}

static void open_inside(struct gyre_scope *s, const void *site)
{
    struct gyre_task *t = gyre_current;

    assert(t != NULL);
    gyre_scope_check(t, __builtin_frame_address(0));
    init(s, t->runtime);
    s->site = site;
    gyre_branch_init(&s->branch, t->innermost, t);
    t->innermost = &s->branch;
}

void gyre_scope_open_root(struct gyre_scope *s, struct gyre_runtime *rt)
{
    init(s, rt);
    s->site = NULL;
    s->tolerant = true;
    gyre_branch_init(&s->branch, NULL, NULL);
}

void gyre_scope_open(struct gyre_scope *s, gyre_time limit)
{
    open_inside(s, __builtin_return_address(0));
    if (limit != GYRE_FOREVER)
        gyre_scope_limit(s, limit);
}

void gyre_scope_open_tolerant(struct gyre_scope *s, gyre_time limit)
{
    open_inside(s, __builtin_return_address(0));
    s->tolerant = true;
    if (limit != GYRE_FOREVER)
        gyre_scope_limit(s, limit);
}

void gyre_scope_open_shielded(struct gyre_scope *s, gyre_time limit)
{
    assert(limit != GYRE_FOREVER);
    open_inside(s, __builtin_return_address(0));
    gyre_branch_shield(&s->branch);
    gyre_scope_limit(s, limit);
}

/* ---- spawning ---- */

int gyre_spawn_with(struct gyre_scope *s, struct gyre_future *done,
                    intptr_t (*fn)(void *arg), void *arg,
                    const struct gyre_spawn_options *options)
{
    struct gyre_task *t = gyre_task_new(s->runtime, fn, arg);

    if (done != NULL)
        gyre_future_init(done);
    if (t == NULL) {
        if (done != NULL)
            gyre_future_finish(done, -ENOMEM);
        if (!s->tolerant)
            fail(s, -ENOMEM);
        return -ENOMEM;
    }
    t->scope = s;
    t->future = done;
    t->name = options->name;
    gyre_branch_init(&t->base, &s->branch, t);
    t->innermost = &t->base;
    s->children++;
    if (done != NULL) {
        done->task = t;
        s->promised++;
    }
    gyre_task_wake(t);
    return 0;
}

int gyre_spawn(struct gyre_scope *s, struct gyre_future *done,
               intptr_t (*fn)(void *arg), void *arg)
{
    static const struct gyre_spawn_options defaults;

    return gyre_spawn_with(s, done, fn, arg, &defaults);
}

/* ---- children's ends ---- */

/* One promised child fewer: who waits for the next may wait in vain. */
static void promise_less(struct gyre_scope *s)
{
    struct gyre_wait *w = s->next;

    s->promised--;
    if (w == NULL || s->promised > 0)
        return;
    s->next = NULL;
    gyre_wait_wake(w, -ECHILD);
}

/* Hand `f` to who waits for the next, or keep it for who asks. */
static void hand(struct gyre_scope *s, struct gyre_future *f)
{
    struct gyre_wait *w = s->next;

    if (w == NULL) {
        gyre_list_append(&s->finished, &f->link);
        return;
    }
    s->next = NULL;
    gyre_wait_wake(w, (intptr_t)f);
}

/* The owner of the future may have left the frame it was in. */
static void check_future(const struct gyre_scope *s, const struct gyre_future *f)
{
    const struct gyre_task *owner = s->branch.task;

    if (owner != NULL && below(owner, f, owner->fiber.sp))
        breach(owner, s, "has a task whose future's frame was left");
}

static void complete(struct gyre_scope *s, struct gyre_future *f,
                     intptr_t result)
{
    check_future(s, f);
    f->task = NULL;
    gyre_future_finish(f, result);
    hand(s, f);
    promise_less(s);
}

void gyre_scope_child_ended(struct gyre_task *t, intptr_t result)
{
    struct gyre_scope *s = t->scope;
    bool echo = result == -ECANCELED && t->base.told;

    if (t->innermost != &t->base)
        breach(t, gyre_branch_scope(t->innermost),
               "was still open when the task ended");
    if (t->future != NULL)
        complete(s, t->future, result);
    if (gyre_is_error(result) && !echo) {
        if (!s->tolerant)
            fail(s, (int)result);
        else if (t->future == NULL)
            gyre_loop_fail(s->runtime->loop,
                           t->name != NULL ? t->name : "a task", (int)result);
    }
    gyre_branch_leave(&t->base);
    if (--s->children == 0 && s->closing)
        gyre_task_wake(s->branch.task);
}

void gyre_future_drop(struct gyre_future *f)
{
    struct gyre_task *t = f->task;

    assert(gyre_list_empty(&f->waiters));
    gyre_list_remove(&f->link);
    f->task = NULL;
    if (t == NULL)
        return;
    t->future = NULL;
    promise_less(t->scope);
}

size_t gyre_scope_children(const struct gyre_scope *s)
{
    return s->children;
}

/* ---- the next to end ---- */

/* A wait in gyre_scope_next, and where. */
struct next_wait {
    struct gyre_wait wait;
    struct gyre_scope *scope;
};

static void forget_next(struct gyre_wait *w)
{
    GYRE_OWNER(w, struct next_wait, wait)->scope->next = NULL;
}

static struct gyre_future *take_finished(struct gyre_scope *s)
{
    struct gyre_future *f = GYRE_OWNER(s->finished.next, struct gyre_future,
                                       link);

    gyre_list_remove(&f->link);
    return f;
}

int gyre_scope_next(struct gyre_scope *s, struct gyre_future **done,
                    gyre_time deadline)
{
    struct next_wait w = {.wait.abandon = forget_next, .scope = s};
    intptr_t r = gyre_checkpoint(deadline);

    if (r != 0)
        return (int)r;
    if (s->next != NULL)
        return -EBUSY;
    if (!gyre_list_empty(&s->finished)) {
        *done = take_finished(s);
        return 0;
    }
    if (s->promised == 0)
        return -ECHILD;
    s->next = &w.wait;
    r = gyre_wait_park(&w.wait, deadline);
    if (gyre_is_error(r))
        return (int)r;
    *done = (struct gyre_future *)r;
    return 0;
}

/* ---- closing ---- */

/* Unlink what nobody asked for.  Of tolerated failures that nobody has seen the
   loop is told, unless the scope was cancelled: then nobody wanted to. */
static void let_go(struct gyre_scope *s)
{
    while (!gyre_list_empty(&s->finished)) {
        struct gyre_future *f = take_finished(s);

        if (s->tolerant && s->branch.cause == 0 && !f->read &&
            gyre_is_error(f->result))
            gyre_loop_fail(s->runtime->loop, "a task", (int)f->result);
    }
}

static void join(struct gyre_scope *s)
{
    s->closing = true;
    while (s->children > 0)
        gyre_task_switch(gyre_current);
}

static intptr_t verdict(const struct gyre_scope *s, intptr_t result, bool echo)
{
    const struct gyre_branch *b = &s->branch;

    if (b->cause == 0)
        return result;
    if (b->cause == ASKED)
        return echo ? 0 : result;
    return b->told ? b->cause : result;
}

intptr_t gyre_scope_close(struct gyre_scope *s, intptr_t result)
{
    struct gyre_task *t = gyre_current;
    bool echo = result == -ECANCELED && s->branch.told;

    assert(t != NULL);
    if (t->innermost != &s->branch)
        breach(t, s, "is closed out of order, or by another task");
    if (gyre_is_error(result) && !echo)
        fail(s, (int)result);
    join(s);
    let_go(s);
    gyre_timer_stop(s->runtime->loop, &s->timer);
    t->innermost = s->branch.parent;
    gyre_branch_leave(&s->branch);
    s->runtime = NULL;
    return verdict(s, result, echo);
}

void gyre_scope_leave(struct gyre_scope *s)
{
    if (s->runtime == NULL)
        return;
    gyre_scope_cancel(s);
    (void)gyre_scope_close(s, 0);
}
