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
 *      READY -> RUNNING    [gyre_task_run, or gyre_task_switch of another task]
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
#include "task/switching.h"

/* Defined as declared: or the compiler forgets which model it is. */
_Thread_local struct gyre_task *gyre_current
    __attribute__((tls_model("initial-exec")));
_Thread_local struct gyre_runtime *gyre_running
    __attribute__((tls_model("initial-exec")));

/* ---- switching ---- */

/* On the loop's stack, until no task is next. */
void gyre_task_run(struct gyre_job *j)
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

/* ---- what they share ---- */

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
    gyre_task_give_way(t);
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
