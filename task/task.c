/*
 * task.c - tasks as the loop sees them: jobs that switch stacks.
 *
 * A task that parks goes straight to the next task that is ready, without the
 * loop's stack in between; when what is next is no task, it goes back to the
 * loop's stack and has it run there.
 *
 *               spawn            taken by the loop, or by a task that parks
 *      (none) --------> READY -----------------------------------> RUNNING
 *                       ^   ^                                      |  |  |
 *                       |   |   woken, deadline, cancelled         |  |  |
 *                       |   +--------------- PARKED <--------------+  |  |
 *                       |                                             |  |
 *                       +---------------------------------------------+  |
 *                              gave way: no credits, or a yield          |
 *                                                            ENDED <-----+
 *
 *      (none) -> READY     [gyre_spawn]
 *      READY -> RUNNING    [run, or gyre_task_switch of another task]
 *      RUNNING -> PARKED   [gyre_wait_park]
 *      RUNNING -> READY    [give_way, gyre_yield]
 *      PARKED -> READY     [gyre_task_wake]
 *      RUNNING -> ENDED    [gyre_task_end]
 *
 * READY is `job` started; PARKED is neither that nor current, and then `wait`
 * is not NULL.
 *
 * Invariant: gyre_current is the task whose stack this is, or NULL on the
 * loop's.  gyre_running is the run that the thread is in, on either.
 */
#include "task/task.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "task/breach.h"
#include "task/internal.h"

/* Defined as declared: or the compiler forgets which model it is. */
_Thread_local struct gyre_task *gyre_current
    __attribute__((tls_model("initial-exec")));
_Thread_local struct gyre_runtime *gyre_running
    __attribute__((tls_model("initial-exec")));

/* ---- switching ---- */

/* The job of every task: run it, on the loop's stack, until no task is next. */
static void run(struct gyre_job *j)
{
    struct gyre_task *t = GYRE_OWNER(j, struct gyre_task, job);
    struct gyre_runtime *rt = t->runtime;
    struct gyre_job *handed;

    gyre_task_enter(t);
    gyre_fiber_switch(&rt->base, &t->fiber);
    handed = rt->handed;
    rt->handed = NULL;
    if (handed != NULL)
        handed->run(handed);
}

struct gyre_task *gyre_task_of(struct gyre_job *j)
{
    return j->run == run ? GYRE_OWNER(j, struct gyre_task, job) : NULL;
}

/* The fiber to go on with: of the next task, or the loop's. */
static struct gyre_fiber *next(struct gyre_runtime *rt)
{
    struct gyre_job *j = gyre_loop_take(rt->loop);

    if (j != NULL && j->run == run) {
        struct gyre_task *t = GYRE_OWNER(j, struct gyre_task, job);

        gyre_task_enter(t);
        return &t->fiber;
    }
    rt->handed = j;
    gyre_task_enter(NULL);
    return &rt->base;
}

void gyre_task_switch(struct gyre_task *t)
{
    struct gyre_fiber *to = next(t->runtime);

    t->credits = t->runtime->credits;
    if (to == &t->fiber)
        return;
    gyre_fiber_switch(&t->fiber, to);
}

/* The spawner is behind the task that it goes for, and so nothing is between
   them; what was ready before waits for no more than it would have done for a
   function called.  It was no rest for the spawner, whose credits stay. */
void gyre_task_start_now(struct gyre_task *t)
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

/* ---- beginning and ending ---- */

void gyre_task_end(struct gyre_task *t, intptr_t result)
{
    struct gyre_runtime *rt = t->runtime;
    struct gyre_fiber *to;

    if (t->defers != NULL)
        gyre_defers_run(t);
    gyre_task_ended(t, result);
    if (rt->highwater.on)
        gyre_highwater_ended(t);
    if (rt->hook != NULL)
        rt->hook->ended(rt->hook, t);

    /* We still stand on the stack we give back, and `t` lies on it; but nobody
       takes it before the switch. */
    to = next(rt);
    gyre_supply_give(&rt->supply, t->stack);
    gyre_fiber_exit(&t->fiber, to);
}

/* One field after the other, but for the timer, which a wait prepares if it has
   a deadline: clearing all first would take longer than the rest. */
static void init(struct gyre_task *t, struct gyre_scope *s)
{
    t->job = (struct gyre_job){.run = run};
    t->runtime = s->runtime;
    t->innermost = &t->base;
    t->wait = NULL;
    t->timed = false;
    t->background = false;
    t->waived = 0;
    t->credits = s->runtime->credits;
    t->scope = s;
    t->future = NULL;
    t->start = NULL;
    gyre_branch_init(&t->base, &s->branch, t);
    t->holds.next = NULL;
    t->locals = s->locals;
    t->defers = NULL;
    t->site = NULL;
    t->name = NULL;
    t->id = ++t->runtime->spawned;
    t->search.mark = 0;
    t->search.told = -1;
}

struct gyre_task *gyre_task_new(struct gyre_scope *s, struct gyre_stack *stack,
                                intptr_t (*fn)(void *arg), void *arg)
{
    size_t room = (stack->size - sizeof(struct gyre_task)) & ~(size_t)63;
    struct gyre_task *t = (struct gyre_task *)(void *)(stack->low + room);

    init(t, s);
    t->stack = stack;
    t->fn = fn;
    t->arg = arg;
    gyre_fiber_init(&t->fiber, stack->low, room, gyre_task_main, t);
    if (t->runtime->hook != NULL)
        t->runtime->hook->made(t->runtime->hook, t);
    return t;
}

void gyre_runtime_init(struct gyre_runtime *rt, struct gyre_loop *l,
                       size_t stack_size, const unsigned threads[GYRE_POOLS])
{
    static const char *const names[] = {[GYRE_POOL_WORK] = "work",
                                        [GYRE_POOL_FILES] = "files",
                                        [GYRE_POOL_NAMES] = "names"};

    memset(rt, 0, sizeof *rt);
    rt->loop = l;
    rt->now = gyre_loop_clock(l);
    rt->credits = gyre_loop_seed(l) != 0 ? ~CREDITS : CREDITS;
    for (int i = 0; i < GYRE_POOLS; i++)
        rt->pools[i] =
            (struct gyre_pool){.name = names[i], .threads = threads[i]};
    gyre_fiber_adopt(&rt->base);
    gyre_supply_init(&rt->supply, l, stack_size);
    gyre_runtime_watch_forks();
    rt->outer = gyre_running;
    gyre_running = rt;
}

void gyre_runtime_free(struct gyre_runtime *rt)
{
    gyre_running = rt->outer;
    for (int i = 0; i < GYRE_POOLS; i++)
        gyre_pool_close(&rt->pools[i]);
    gyre_supply_free(&rt->supply);
    gyre_highwater_free(rt);
}

/* ---- what a task may ask ---- */

gyre_time gyre_in(gyre_time span)
{
    assert(gyre_current != NULL);
    return gyre_loop_in(gyre_current->runtime->loop, span);
}

struct gyre_loop *gyre_loop_current(void)
{
    assert(gyre_current != NULL);
    return gyre_current->runtime->loop;
}

bool gyre_in_task(void)
{
    return gyre_current != NULL;
}

GYRE_NOT_INLINED int gyre_yield(void)
{
    struct gyre_task *t = gyre_current;

    assert(t != NULL);
    gyre_scope_check(t, GYRE_FRAME);
    gyre_sanitize_fp(&t->fiber.sanitizer);
    if (gyre_task_looked_at(t)) {
        if (t->runtime->forked)
            return gyre_task_told(t);
        gyre_task_inject(t, GYRE_REACHED, __builtin_return_address(0));
    }
    gyre_task_wake(t);
    gyre_task_switch(t);
    return gyre_task_told(t);
}

static const struct gyre_wait_kind sleeps = {.name = "for a while"};

int gyre_sleep(gyre_time deadline)
{
    struct gyre_wait w = {.kind = &sleeps};
    intptr_t r = gyre_checkpoint(deadline);

    if (r == 0)
        r = gyre_wait_park(&w, deadline);
    return r == -ETIMEDOUT ? 0 : (int)r;
}
