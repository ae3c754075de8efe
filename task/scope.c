/*
 * scope.c - scopes: what is inside ends before they do.
 *
 * How one ends, whatever happens first:
 *
 *      OPEN ---- limit passed [pass_limit], child or body failed
 *        |       [gyre_scope_fail], gyre_scope_cancel, an enclosing scope
 *        |       [cancel.c] -------------------------------------> CANCELLED
 *        |                                                             |
 *        +---- gyre_scope_close: parked until no child is left --------+
 *                                  |
 *                                CLOSED: `verdict` says how it went
 *
 * Invariant: a task's innermost branch is that of the scope it opened last, or
 * its own.
 */
#include "task/scope.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "loop/result.h"
#include "task/breach.h"
#include "task/internal.h"
#include "task/task.h"

/* ---- what is left by mistake ---- */

void gyre_task_breach(const struct gyre_task *t, const char *thing,
                      const void *site, const char *what)
{
    fprintf(stderr, "gyre: task %s, spawned at %s: the %s at %s %s\n",
            gyre_task_title(t).text, gyre_name_site(t->spawned_at).text, thing,
            gyre_name_site(site).text, what);
    abort();
}

void gyre_scope_breach(const struct gyre_task *t, const void *site,
                       const char *what)
{
    gyre_task_breach(t, "scope opened", site, what);
}

void gyre_scope_left(const struct gyre_task *t)
{
    gyre_scope_breach(t, t->site, "was left without gyre_scope_close");
}

/* ---- cancelling ---- */

GYRE_NOT_INLINED void gyre_scope_cancel(struct gyre_scope *s)
{
    assert(s->runtime != NULL);
    gyre_scope_check_any(GYRE_FRAME);
    if (s->branch.cause == 0)
        gyre_branch_cancel(&s->branch, ASKED);
}

/* A cause of which nobody was told gives way to a failure. */
void gyre_scope_fail(struct gyre_scope *s, int err)
{
    struct gyre_branch *b = &s->branch;

    if (b->cause == 0)
        gyre_branch_cancel(b, err);
    else if (!gyre_branch_counts(b))
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

        if (around != NULL && around->limit <= s->limit)
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

/* From now on this is the limit, and it may have passed. */
static void limit_by(struct gyre_scope *s, gyre_time limit)
{
    struct gyre_loop *l = s->runtime->loop;
    const struct gyre_task *owner = s->branch.task;

    s->limit = limit;
    if (limit <= gyre_loop_now(l)) {
        pass_limit(s);
    } else if (limit != GYRE_FOREVER) {
        s->timer.background = owner != NULL && owner->background;
        gyre_timer_start(l, &s->timer, limit);
    }
}

GYRE_NOT_INLINED void gyre_scope_limit(struct gyre_scope *s, gyre_time limit)
{
    gyre_scope_check_any(GYRE_FRAME);
    assert(s->runtime != NULL);
    assert(!s->branch.shielded || limit != GYRE_FOREVER);
    if (s->branch.cause != 0)
        return;
    gyre_timer_stop(s->runtime->loop, &s->timer);
    limit_by(s, limit);
}

bool gyre_scope_cancelled(const struct gyre_scope *s)
{
    return s->branch.cause != 0;
}

gyre_time gyre_task_limit(const struct gyre_task *t)
{
    gyre_time nearest = GYRE_FOREVER;

    for (struct gyre_branch *b = t->innermost; b != NULL; b = b->parent) {
        struct gyre_scope *s = gyre_branch_scope(b);

        if (s != NULL && s->limit < nearest)
            nearest = s->limit;
        if (b->shielded)
            break;
    }
    return nearest;
}

gyre_time gyre_current_limit(void)
{
    assert(gyre_current != NULL);
    return gyre_task_limit(gyre_current);
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
    s->emptying = (struct gyre_waiters){0};
}

/* Is `s` about to be where `open`, which may be NULL, still is?  Then that was
   left by the end of its block, whose frame may live on. */
static bool overlaps(const struct gyre_scope *s, const struct gyre_scope *open)
{
    uintptr_t new = (uintptr_t)s, old = (uintptr_t)open;

    return open != NULL && (new - old < sizeof *s || old - new < sizeof *s);
}

static void open_inside(struct gyre_scope *s, const void *site,
                        const void *frame)
{
    struct gyre_task *t = gyre_current;

    assert(t != NULL);
    gyre_scope_check(t, frame);
    gyre_locals_check(t, frame);
    if (overlaps(s, gyre_branch_scope(t->innermost)))
        gyre_scope_left(t);
    init(s, t->runtime);
    s->site = site;
    s->locals = t->locals;
    gyre_branch_init(&s->branch, t->innermost, t);
    t->innermost = &s->branch;
    t->site = site;
}

static void leave(struct gyre_scope *s)
{
    struct gyre_task *t = s->branch.task;
    struct gyre_scope *around = gyre_branch_scope(s->branch.parent);

    t->innermost = s->branch.parent;
    t->site = around != NULL ? around->site : NULL;
    gyre_branch_leave(&s->branch);
    s->runtime = NULL;
}

void gyre_scope_open_root(struct gyre_scope *s, struct gyre_runtime *rt)
{
    init(s, rt);
    rt->root = s;
    s->site = NULL;
    s->locals = NULL;
    s->tolerant = true;
    gyre_branch_init(&s->branch, NULL, NULL);
}

GYRE_NOT_INLINED void gyre_scope_open(struct gyre_scope *s, gyre_time limit)
{
    open_inside(s, __builtin_return_address(0), GYRE_FRAME);
    limit_by(s, limit);
}

GYRE_NOT_INLINED void gyre_scope_open_tolerant(struct gyre_scope *s,
                                               gyre_time limit)
{
    open_inside(s, __builtin_return_address(0), GYRE_FRAME);
    s->tolerant = true;
    limit_by(s, limit);
}

GYRE_NOT_INLINED void gyre_scope_open_shielded(struct gyre_scope *s,
                                               gyre_time limit)
{
    assert(limit != GYRE_FOREVER);
    open_inside(s, __builtin_return_address(0), GYRE_FRAME);
    if (!s->runtime->forked)
        gyre_branch_shield(&s->branch);
    limit_by(s, limit);
}

/* ---- closing ---- */

/* The next of the tasks in the scope: they come and go in the list of its
   branches, together with the scopes that its owner opened inside. */
static struct gyre_task *child(const struct gyre_wait *w,
                               const struct gyre_task *last)
{
    const struct gyre_scope *s = w->on;
    const struct gyre_list *head = &s->branch.branches;
    const struct gyre_list *i = last == NULL ? head : &last->base.link;

    for (i = i->next; i != head; i = i->next) {
        struct gyre_branch *b = GYRE_OWNER(i, struct gyre_branch, link);

        if (gyre_branch_scope(b) == NULL)
            return b->task;
    }
    return NULL;
}

static const struct gyre_wait_kind joins = {
    .name = "for the tasks in its scope",
    .abandon = gyre_wait_refuse,
    .owner = child,
};

/* Those of the parent are not waited for by the child of a fork. */
static bool is_to_be_joined(const struct gyre_scope *s)
{
    return s->children > 0 && !s->runtime->forked;
}

/* In the frame of who waits, as everything that parks, however this is
   compiled. */
GYRE_ALWAYS_INLINE void join(struct gyre_scope *s)
{
    while (is_to_be_joined(s)) {
        struct gyre_wait w = {.kind = &joins, .on = s};
        intptr_t woken = gyre_waiters_park(&s->emptying, &w, GYRE_FOREVER);

        assert(woken == 0);
        (void)woken;
    }
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

GYRE_NOT_INLINED intptr_t gyre_scope_close(struct gyre_scope *s,
                                           intptr_t result)
{
    struct gyre_task *t = gyre_current;
    bool echo = result == -ECANCELED && gyre_branch_echoes(&s->branch);

    assert(t != NULL);
    gyre_scope_check(t, GYRE_FRAME);
    if (t->innermost != &s->branch)
        gyre_scope_breach(t, s->site,
                          "is closed out of order, or by another task");
    if (gyre_is_error(result) && !echo)
        gyre_scope_fail(s, (int)result);
    do {
        join(s);
        gyre_scope_let_go(s); /* which may have somebody spawn another */
    } while (is_to_be_joined(s));
    gyre_timer_stop(s->runtime->loop, &s->timer);
    leave(s);
    return verdict(s, result, echo);
}

static const struct gyre_wait_kind waits = {
    .name = "for the tasks in a scope",
    .owner = child,
};

/* Is `t` in the scope, or in one that such a task has opened? */
static bool is_inside(const struct gyre_task *t, const struct gyre_scope *s)
{
    while (t != NULL && t->scope != s)
        t = t->scope->branch.task;
    return t != NULL;
}

int gyre_scope_wait(struct gyre_scope *s, gyre_time deadline)
{
    struct gyre_wait w = {.kind = &waits, .on = s};
    int err = gyre_checkpoint(GYRE_NOW); /* as in gyre_await */

    if (err)
        return err;
    if (s->children == 0) {
        gyre_checkpoint_passed(deadline);
        return 0;
    }
    if (is_inside(gyre_current, s))
        return -EDEADLK;
    return (int)gyre_waiters_park(&s->emptying, &w, deadline);
}

void gyre_scope_leave(struct gyre_scope *s)
{
    struct gyre_loop *l;
    intptr_t result;

    if (s->runtime == NULL)
        return;
    l = s->runtime->loop;
    gyre_scope_cancel(s);
    result = gyre_scope_close(s, 0);
    if (result != 0 && result != -ECANCELED)
        gyre_loop_fail(l, "a scope", (int)result);
}
