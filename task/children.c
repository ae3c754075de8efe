/*
 * children.c - the tasks in a scope: their beginnings and their ends.
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

/* Who waits for the next to end is to look again. */
static void wake_next(struct gyre_scope *s)
{
    struct gyre_wait *w = s->next;

    if (w == NULL)
        return;
    s->next = NULL;
    gyre_wait_wake(w, 0);
}

/* ---- spawning ---- */

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

static int fail_to_spawn(struct gyre_scope *s, struct gyre_future *done,
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

/* The stack that `options` ask for. */
static int take_stack(struct gyre_supply *supply,
                      const struct gyre_spawn_options *options,
                      struct gyre_stack **out)
{
    if (options->stack != NULL)
        *out = gyre_supply_lent(supply, options->stack, options->stack_size);
    else if (options->stack_size > 0)
        return gyre_supply_take(supply, options->stack_size, out);
    else
        return gyre_stacks_take(&supply->usual, out);
    return 0;
}

/* What a task is to run, and where it was asked for. */
struct order {
    intptr_t (*fn)(void *arg);
    void *arg;
    const void *site;
};

/* Is a task in the background, if it is spawned into `s`?  So are those that
   one in the background has spawned. */
static inline bool in_background(const struct gyre_scope *s,
                                 const struct gyre_spawn_options *options)
{
    const struct gyre_task *owner = s->branch.task;

    return s->branch.cause == 0 && ((options != NULL && options->background) ||
                                    (owner != NULL && owner->background));
}

/* A stack for a new task; but not of the parent's, for the child of a fork. */
static inline __attribute__((always_inline)) int
find_stack(struct gyre_runtime *rt, const struct gyre_spawn_options *options,
           struct gyre_stack **out)
{
    if (rt->forked)
        return -ECANCELED;
    return options != NULL ? take_stack(&rt->supply, options, out)
                           : gyre_stacks_take(&rt->supply.usual, out);
}

/* The two kinds of spawning are compiled apart: what most of them do without
   costs nothing there. */
static inline __attribute__((always_inline)) int
spawn(struct gyre_scope *s, struct gyre_future *done, const struct order *order,
      const struct gyre_spawn_options *options)
{
    const char *name = options != NULL ? options->name : NULL;
    struct gyre_stack *stack;
    struct gyre_task *t;
    int err;

    assert(s->runtime != NULL);
    gyre_scope_check_any(GYRE_FRAME);
    if (done != NULL)
        gyre_future_init(done);
    err = find_stack(s->runtime, options, &stack);
    if (err)
        return fail_to_spawn(s, done, name, err);
    t = gyre_task_new(s, stack, order->fn, order->arg);
    t->name = name;
    t->spawned_at = order->site;
    t->background = in_background(s, options);
    if (done != NULL) {
        t->future = done;
        done->task = t;
        s->promised++;
    }
    s->children++;
    if (options != NULL && options->eager)
        gyre_task_start_now(t);
    else
        gyre_task_wake(t);
    return 0;
}

GYRE_NOT_INLINED int gyre_spawn_with(struct gyre_scope *s,
                                     struct gyre_future *done,
                                     intptr_t (*fn)(void *arg), void *arg,
                                     const struct gyre_spawn_options *options)
{
    struct order order = {fn, arg, __builtin_return_address(0)};

    return spawn(s, done, &order, options);
}

GYRE_NOT_INLINED int gyre_spawn(struct gyre_scope *s, struct gyre_future *done,
                                intptr_t (*fn)(void *arg), void *arg)
{
    struct order order = {fn, arg, __builtin_return_address(0)};

    return spawn(s, done, &order, NULL);
}

size_t gyre_scope_children(const struct gyre_scope *s)
{
    return s->children;
}

/* ---- running ---- */

/*
 * Its frame is there for as long as the task is, so there is little in it.  And
 * it jumps to what does not return, as long as the compiler, which does not see
 * that here, knows nothing of it: a call without a return would put all the
 * predictions of returns out of step (switch.h).
 */
void gyre_task_main(void *task)
{
    struct gyre_task *t = task;

    gyre_task_end(t, t->fn(t->arg));
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

void gyre_task_ended(struct gyre_task *t, intptr_t result)
{
    struct gyre_scope *s = t->scope;
    bool echo = result == -ECANCELED && gyre_branch_echoes(&t->base);
    bool failed = gyre_is_error(result) && !echo;

    if (t->innermost != &t->base)
        gyre_scope_breach(t, t->site, "was still open when the task ended");
    if (t->holds.next != NULL)
        gyre_task_orphan(t);
    if (t->locals != s->locals)
        gyre_task_breach(t, "binding made", t->bound_at,
                         "was not undone when the task ended");
    if (t->future != NULL)
        keep_promise(t, result, failed);
    if (failed && t->start == NULL)
        spread(s, t->future, t->name, (int)result);
    gyre_branch_leave(&t->base);
    if (--s->children == 0)
        (void)gyre_waiters_wake_all(&s->emptying, 0);
    if (t->start != NULL)
        gyre_start_ended(t, result);
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
