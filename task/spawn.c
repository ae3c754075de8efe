/*
 * spawn.c - tasks are made, and begin.
 */
#include "task/scope.h"

#include <assert.h>
#include <errno.h>

#include "task/breach.h"
#include "task/internal.h"
#include "task/switching.h"

/* What a task is to run, and where it was asked for. */
struct order {
    intptr_t (*fn)(void *arg);
    void *arg;
    const void *site;
};

/* ---- its stack ---- */

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

/* A stack for a new task; but not of the parent's, for the child of a fork. */
GYRE_ALWAYS_INLINE int find_stack(struct gyre_runtime *rt,
                                  const struct gyre_spawn_options *options,
                                  struct gyre_stack **out)
{
    if (rt->forked)
        return -ECANCELED;
    return options != NULL ? take_stack(&rt->supply, options, out)
                           : gyre_stacks_take(&rt->supply.usual, out);
}

/* ---- what it is ---- */

/* One field after the other: clearing all first would take longer than the
   rest. */
GYRE_ALWAYS_INLINE void init(struct gyre_task *t, struct gyre_scope *s,
                             const struct order *order)
{
    struct gyre_runtime *rt = s->runtime;

    t->job = (struct gyre_job){.run = gyre_task_run};
    t->runtime = rt;
    t->innermost = &t->base;
    t->wait = NULL;
    t->timer = NULL;
    t->background = false;
    t->waived = 0;
    t->credits = rt->credits;
    t->scope = s;
    t->future = NULL;
    t->start = NULL;
    t->holds.next = NULL;
    t->locals = s->locals;
    t->defers = NULL;
    t->site = NULL;
    t->spawned_at = order->site;
    t->id = ++rt->spawned;
    t->fn = order->fn;
    t->arg = order->arg;
    t->search.mark = 0;
    t->search.told = -1;
    gyre_branch_init(&t->base, &s->branch, t);
}

/*
 * What calls a task's function: all that is on its stack is called by this.
 *
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

/* A task at the top of `stack`, which is its own from now on. */
GYRE_ALWAYS_INLINE struct gyre_task *
make(struct gyre_scope *s, struct gyre_stack *stack, const struct order *order)
{
    size_t room = (stack->size - sizeof(struct gyre_task)) & ~(size_t)63;
    struct gyre_task *t = (struct gyre_task *)(void *)(stack->low + room);

    init(t, s, order);
    t->stack = stack;
    gyre_fiber_init(&t->fiber, stack->low, room, gyre_task_main, t);
    return t;
}

/* ---- how it begins ---- */

/* Is a task in the background, if it is spawned into `s`?  So are those that
   one in the background has spawned. */
static inline bool in_background(const struct gyre_scope *s,
                                 const struct gyre_spawn_options *options)
{
    const struct gyre_task *owner = s->branch.task;

    return ((options != NULL && options->background) ||
            (owner != NULL && owner->background)) &&
           s->branch.cause == 0;
}

/*
 * Start `t`, which is not ready yet, and leave the current task for it, if
 * there is one; that goes on when `t` is left for the first time.
 *
 * The spawner is behind the task that it goes for, and so nothing is between
 * them; what was ready before waits for no more than it would have done for a
 * function called.  It was no rest for the spawner, whose credits stay.
 */
static void start_now(struct gyre_task *t)
{
    struct gyre_task *spawner = gyre_current;
    struct gyre_loop *l = t->runtime->loop;
    int credits;

    if (spawner == NULL) {
        gyre_job_start_next(l, &t->job);
        return;
    }
    gyre_job_start_next(l, &spawner->job);
    gyre_job_start_next(l, &t->job);
    credits = spawner->credits;
    gyre_task_switch(spawner);
    spawner->credits = credits;
}

/* The two kinds of spawning are compiled apart: what most of them do without
   costs nothing there. */
GYRE_ALWAYS_INLINE int spawn(struct gyre_scope *s, struct gyre_future *done,
                             const struct order *order,
                             const struct gyre_spawn_options *options)
{
    const char *name = options != NULL ? options->name : NULL;
    struct gyre_stack *stack;
    struct gyre_task *t;
    int err;

    assert(s->runtime != NULL);
    gyre_scope_check_any(GYRE_FRAME);
    if (done != NULL)
        *done = (struct gyre_future){0};
    err = find_stack(s->runtime, options, &stack);
    if (err)
        return gyre_spawn_failed(s, done, name, err);
    t = make(s, stack, order);
    t->name = name;
    if (in_background(s, options))
        t->background = true;
    if (t->runtime->hook != NULL)
        t->runtime->hook->made(t->runtime->hook, t);
    if (done != NULL) {
        t->future = done;
        done->task = t;
        s->promised++;
    }
    s->children++;
    if (options != NULL && options->eager)
        start_now(t);
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
