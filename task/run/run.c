/*
 * run.c - running a program of tasks, from the outside.
 *
 * Tasks are never dropped in the middle of their stacks: whatever ends a run
 * early cancels the root scope, and the loop goes on until the tasks have
 * unwound.
 */
#include "task/run/run.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "loop/environment.h"
#include "loop/poller.h"
#include "loop/result.h"
#include "loop/signal.h"
#include "loop/sim.h"
#include "task/breach.h"
#include "task/internal.h"
#include "task/run/inspect.h"
#include "task/run/onlookers.h"
#include "task/run/overflow.h"
#include "task/show/format.h"
#include "task/show/place.h"
#include "task/show/sites.h"
#include "task/show/stacks.h"
#include "task/show/step.h"
#include "task/task.h"

#define MOST_THREADS    1024 /* that the environment may ask for */
#define USUAL_FOR_NAMES 16   /* which spend their time waiting */

/* What is to be run, and by whom it was asked for, the address of the call. */
struct program {
    intptr_t (*fn)(void *arg);
    void *arg;
    const void *site;
};

struct run {
    struct gyre_runtime runtime;
    struct gyre_scope root;
    struct gyre_future main;
    struct gyre_signal interrupt;
    struct gyre_inspect inspect;
    struct gyre_onlookers onlookers;
    struct gyre_places places;
    int step;      /* drawn there after each; 0: it is no run in steps */
    unsigned late; /* interrupts when there was nothing left to stop */
    const struct program *program;
};

/* The first ^C asks the tasks to stop; the next is nobody's but the system's.
   Two can come at once, on two threads. */
static void interrupted(struct gyre_signal *s, unsigned times)
{
    struct run *r = GYRE_OWNER(s, struct run, interrupt);

    gyre_scope_cancel(&r->root);
    if (times > 1)
        raise(SIGINT);
}

/* Run the loop once; say why it returned before the main task had ended. */
static int run_loop(struct run *r)
{
    struct gyre_loop *l = r->runtime.loop;
    int err = r->step != 0 ? gyre_step_through(l, r->step) : gyre_loop_run(l);

    if (gyre_future_done(&r->main))
        return 0;
    return err == 0 && !gyre_loop_stopped(l) ? -EDEADLK : err;
}

/* Who is stuck, and where, before the cancellation moves them. */
static void report(struct run *r, int err)
{
    if (err == -EDEADLK)
        (void)gyre_dump_run(&r->runtime, STDERR_FILENO, GYRE_DUMP_TEXT);
    fprintf(stderr, "gyre: the run is cancelled: %s\n", gyre_strerror(err));
}

/* There are tasks of shielded scopes, which can neither go on nor be
   dropped. */
static _Noreturn void give_up(int err)
{
    fprintf(stderr, "gyre: tasks are stuck for good: %s\n", gyre_strerror(err));
    abort();
}

/*
 * The poller fails for good, and no task could go on.  Other threads post all
 * the same, and timers fire as time passes, that of a shield at the latest; but
 * there is nothing to wait for them with.  On a deadlock nothing will come, nor
 * where it is the poller that makes time pass.
 */
static void linger(const struct gyre_loop *l, int err)
{
    const struct timespec pause = {.tv_nsec = GYRE_MILLISECOND};

    if (err == -EDEADLK || gyre_loop_simulated(l))
        give_up(err);
    nanosleep(&pause, NULL);
}

/*
 * Run the loop until the main task has ended.  The loop may return before, and
 * is run again after a cancellation.
 */
static int run_tasks(struct run *r)
{
    struct gyre_loop *l = r->runtime.loop;
    int why = 0;

    while (!gyre_future_done(&r->main)) {
        uint64_t before = gyre_loop_stats(l).jobs;
        int err = run_loop(r);

        if (err && why == 0) {
            why = err;
            report(r, err);
        } else if (err && gyre_loop_stats(l).jobs == before) {
            linger(l, err);
            continue;
        }
        gyre_scope_cancel(&r->root);
    }
    return why;
}

/* The main task.  Others may use the loop too, so its end must end the run; but
   what it has deferred comes before, for that may park. */
static intptr_t run_main(void *arg)
{
    struct run *r = arg;
    const struct program *p = r->program;
    intptr_t result;

    gyre_current->fn = p->fn; /* what reports are to name */
    gyre_current->spawned_at = p->site;
    gyre_onlookers_enter(&r->onlookers);
    result = p->fn(p->arg);
    gyre_defers_run(gyre_current);
    if (r->runtime.highwater.on)
        gyre_stack_report(STDERR_FILENO);
    gyre_onlookers_leave(&r->onlookers);
    r->late = gyre_signal_stop(r->runtime.loop, &r->interrupt);
    gyre_loop_stop(r->runtime.loop);
    return result;
}

static intptr_t run_root(struct run *r)
{
    static const struct gyre_spawn_options options = {.name = "main"};
    int err = gyre_spawn_with(&r->root, &r->main, run_main, r, &options);

    if (err == 0)
        err = run_tasks(r);
    return err ? err : gyre_future_result(&r->main);
}

/* How large the pools of a run of `l` are to be; 0: as pools are. */
static void size_pools(unsigned sizes[GYRE_POOLS], struct gyre_loop *l,
                       const struct gyre_run_options *options)
{
    static const char *const variables[] = {
        [GYRE_POOL_WORK] = "GYRE_WORK_THREADS",
        [GYRE_POOL_FILES] = "GYRE_FILES_THREADS",
        [GYRE_POOL_NAMES] = "GYRE_NAMES_THREADS"};

    for (int i = 0; i < GYRE_POOLS; i++) {
        long n = options->threads[i];

        if (n == 0)
            n = gyre_environment_number(l, variables[i], MOST_THREADS);
        sizes[i] = n > 0 ? (unsigned)n : 0;
    }
    if (sizes[GYRE_POOL_NAMES] == 0)
        sizes[GYRE_POOL_NAMES] = USUAL_FOR_NAMES;
}

static intptr_t run_on(struct gyre_loop *l,
                       const struct gyre_run_options *options,
                       const struct program *p)
{
    struct run r = {.interrupt = {.caught = interrupted, .once = true},
                    .step = options->step,
                    .program = p};
    struct gyre_overflow overflow;
    unsigned threads[GYRE_POOLS];
    intptr_t result = 0;

    if (!options->ignore_interrupt && !gyre_signal_ignored(SIGINT))
        result = gyre_signal_start(l, &r.interrupt, SIGINT);
    if (result != 0)
        return result;
    size_pools(threads, l, options);
    gyre_runtime_init(&r.runtime, l, options->stack_size, threads);
    if (options->measure_stacks ||
        gyre_environment_number(l, "GYRE_STACKS", 1) > 0)
        gyre_highwater_start(&r.runtime);
    r.runtime.places = &r.places;
    r.runtime.onlookers = &r.onlookers;
    gyre_scope_open_root(&r.root, &r.runtime);
    if (r.step == 0)
        r.step = gyre_onlookers_step(l);
    gyre_overflow_start(&overflow);
    gyre_onlookers_begin(&r.onlookers, l, options->stall_limit);
    gyre_inspect_start(&r.inspect, &r.runtime);
    result = run_root(&r);
    gyre_inspect_stop(&r.inspect);
    gyre_onlookers_end(&r.onlookers);
    gyre_overflow_stop(&overflow);
    r.late += gyre_signal_stop(l, &r.interrupt);
    gyre_runtime_free(&r.runtime);
    if (r.late > 0)
        raise(SIGINT);
    return result;
}

/* The poller is used up either way, so that nobody need ask whether it was. */
static int make_loop(struct gyre_loop **out,
                     const struct gyre_loop_options *making)
{
    int err = gyre_loop_new_with(out, making);

    if (err && making->poller != NULL)
        making->poller->ops->free(making->poller);
    return err;
}

static intptr_t run_with(const struct gyre_run_options *options,
                         const struct program *p)
{
    struct gyre_sites sites = {0};
    struct gyre_loop *l;
    intptr_t result;
    int err;

    assert(gyre_current == NULL);
    if (options->loop != NULL)
        return run_on(options->loop, options, p);
    err = make_loop(&l, &options->making);
    if (err)
        return err;
    if (gyre_environment_number(NULL, "GYRE_DEBUG", 1) > 0)
        gyre_sites_start(&sites, l);
    result = run_on(l, options, p);
    gyre_loop_free(l);
    gyre_sites_end(&sites);
    return result;
}

static const struct gyre_run_options defaults;

GYRE_NOT_INLINED intptr_t gyre_run_with(const struct gyre_run_options *options,
                                        intptr_t (*fn)(void *arg), void *arg)
{
    struct program p = {fn, arg, __builtin_return_address(0)};

    return run_with(options != NULL ? options : &defaults, &p);
}

GYRE_NOT_INLINED intptr_t gyre_run(intptr_t (*fn)(void *arg), void *arg)
{
    struct program p = {fn, arg, __builtin_return_address(0)};

    return run_with(&defaults, &p);
}

GYRE_NOT_INLINED intptr_t gyre_simulate(intptr_t (*fn)(void *arg), void *arg)
{
    struct program p = {fn, arg, __builtin_return_address(0)};
    struct gyre_run_options options = {0};
    struct gyre_sim *sim;
    int err = gyre_sim_new(&sim);

    if (err)
        return err;
    options.making.poller = gyre_sim_poller(sim);
    return run_with(&options, &p);
}

void gyre_run_forget(void)
{
    struct gyre_loop *l = gyre_loop_current();

    gyre_inspect_forget(
        &GYRE_OWNER(gyre_running, struct run, runtime)->inspect);
    gyre_task_enter(NULL);
    gyre_running = NULL;
    gyre_loop_forget(l);
}
