/*
 * test_run.c - the claims of run.h.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loop/poller.h"
#include "loop/result.h"
#include "loop/timer.h"
#include "loop/watch.h"
#include "task/run/run.h"
#include "task/scope.h"
#include "task/task.h"
#include "tests/support/faults.h"
#include "tests/task/world.h"

static intptr_t echo(void *arg)
{
    return (intptr_t)arg;
}

Test(run, returns_the_result_of_the_main_task)
{
    static const intptr_t results[] = {0, 49, -EIO, -ECANCELED, -5000};
    struct gyre_run_options defaults = {0};

    for (size_t i = 0; i < sizeof results / sizeof results[0]; i++) {
        cr_expect_eq(gyre_run(echo, (void *)results[i]), results[i]);
        cr_expect_eq(gyre_run_with(&defaults, echo, (void *)results[i]),
                     results[i]);
        cr_expect_eq(simulate(echo, (void *)results[i]), results[i]);
    }
}

static intptr_t spawn_and_return(void *arg)
{
    struct gyre_scope s;

    (void)arg;
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, PLAY('a', MS, 0));
    gyre_spawn(&s, NULL, PLAY('b', 2 * MS, 0));
    return gyre_scope_close(&s, 0);
}

Test(run, ends_when_all_its_tasks_have)
{
    cr_expect_eq(gyre_run(spawn_and_return, NULL), 0);
    expect_notes("ab");
}

/* ---- on a loop of one's own ---- */

static void tick(struct gyre_timer *t)
{
    (void)t;
    note('t');
}

Test(run, leaves_a_loop_that_it_was_given_and_what_others_have_on_it)
{
    struct gyre_timer timer = {.fire = tick, .every = 3 * MS};
    struct world w;

    world_open(&w);
    gyre_timer_start(w.loop, &timer, gyre_loop_in(w.loop, 3 * MS));
    for (int i = 0; i < 3; i++) {
        struct gyre_run_options options = {.loop = w.loop};
        struct part part = {'m', 4 * MS, i};

        cr_expect_eq(gyre_run_with(&options, play, &part), i);
    }
    expect_notes("tmtmttm");
    cr_expect(gyre_timer_started(&timer));
    gyre_timer_stop(w.loop, &timer);
    world_close(&w);
}

static intptr_t stop_at_once(void *arg)
{
    gyre_loop_stop(gyre_loop_current());
    return gyre_sleep(gyre_in((gyre_time)(intptr_t)arg));
}

static intptr_t wait_for_nothing(void *arg)
{
    struct gyre_future never = {0};

    (void)arg;
    return gyre_await(&never, GYRE_FOREVER);
}

static intptr_t fail_unheard(void *arg)
{
    struct gyre_scope s;

    gyre_scope_open_tolerant(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, echo, (void *)-EIO);
    return gyre_scope_close(&s, (intptr_t)arg);
}

/* Of what ended one, the next knows nothing; what is the loop's, its time and
   its hook for failures, goes on. */
Test(run, on_one_loop_follows_another_however_that_ended)
{
    static const struct {
        intptr_t (*fn)(void *arg);
        intptr_t result;
    } runs[] = {
        {stop_at_once, -ECANCELED},
        {fail_unheard, MS},
        {wait_for_nothing, -EDEADLK},
        {nap, 0},
    };
    struct world w;

    world_open(&w);
    for (int i = 0; i < 12; i++) {
        struct gyre_run_options options = {.loop = w.loop};

        cr_expect_eq(
            gyre_run_with(&options, runs[i % 4].fn, (void *)(intptr_t)MS),
            runs[i % 4].result);
        world_expect_idle(&w);
        cr_expect_eq(w.failures, (i + 3) / 4);
        cr_expect_eq(elapsed(), (i + 1) / 4 * MS);
    }
    world_close(&w);
}

/* ---- what a run needs ---- */

static int run_once(void)
{
    return (int)gyre_run(echo, NULL);
}

static int run_simulated(void)
{
    return (int)gyre_simulate(nap, (void *)(intptr_t)MS);
}

Test(run, fails_cleanly_without_memory_or_descriptors)
{
    cr_expect_geq(faults_in_memory(run_once), 2);
    cr_expect_geq(faults_in_descriptors(run_once), 2);
    cr_expect_geq(faults_in_memory(run_simulated), 3);
    cr_expect_geq(faults_in_descriptors(run_simulated), 2);
}

Test(run, fails_cleanly_without_a_stack)
{
    struct gyre_run_options options = {0};
    struct world w;

    world_open(&w);
    options.loop = w.loop;
    faults_in_mapping(true);
    cr_expect_eq(gyre_run_with(&options, echo, NULL), -ENOMEM);
    faults_in_mapping(false);
    world_close(&w);
}

static intptr_t fill_stack(void *arg)
{
    char room[900 * 1024];

    (void)arg;
    memset(room, 7, sizeof room);
    return ((volatile char *)room)[gyre_yield()];
}

Test(run, gives_tasks_stacks_of_the_size_that_was_asked_for)
{
    struct gyre_run_options options = {.stack_size = 1024 * 1024};

    cr_expect_eq(gyre_run_with(&options, fill_stack, NULL), 7);
}

static struct ledger ledger = {.base = FAULTS_LEDGER};

static void never(struct gyre_watch *w, unsigned events)
{
    (void)w;
    cr_expect(false, "nothing was written: %x", events);
}

/* Has the loop take more memory, and nobody else. */
static intptr_t need_memory(void *arg)
{
    struct gyre_watch watch = {.ready = never, .background = true};
    struct gyre_loop *l = gyre_loop_current();
    size_t calls = ledger.calls;
    long others = faults_blocks() - (long)ledger.blocks;
    int ends[2];

    cr_expect_eq(pipe(ends), 0);
    cr_expect_eq(gyre_watch_start(l, &watch, ends[0], GYRE_READ), 0);
    cr_expect_gt(ledger.calls, calls);
    cr_expect_eq(spawn_and_return(arg), 0);
    cr_expect_eq(faults_blocks() - (long)ledger.blocks, others);
    gyre_watch_stop(l, &watch);
    return close(ends[0]) + close(ends[1]);
}

Test(run, takes_memory_from_the_allocator_it_was_given)
{
    struct gyre_run_options options = {.making.allocator = &ledger.base};

    cr_expect_eq(gyre_run_with(&options, need_memory, NULL), 0);
    cr_expect_gt(ledger.calls, 0);
    cr_expect_eq(ledger.blocks, 0);
    cr_expect(!ledger.wrong);
}

/* ---- stopped from outside ---- */

/* Is cancelled, then cleans up behind a shield, then says so. */
static intptr_t clean_up(void *arg)
{
    struct gyre_scope s;
    int err = gyre_sleep(GYRE_FOREVER);

    (void)arg;
    note(err == -ECANCELED ? 'C' : 'x');
    gyre_scope_open_shielded(&s, gyre_in(GYRE_SECOND));
    note(gyre_sleep(gyre_in(MS)) == 0 ? 's' : 'x');
    return gyre_scope_close(&s, err);
}

static intptr_t clean_up_twice(void *arg)
{
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, clean_up, arg);
    return gyre_scope_close(&s, clean_up(arg));
}

static intptr_t stop_and_clean_up(void *arg)
{
    gyre_loop_stop(gyre_loop_current());
    return clean_up_twice(arg);
}

Test(run, that_is_stopped_is_cancelled_and_unwinds)
{
    cr_expect_eq(simulate(stop_and_clean_up, NULL), -ECANCELED);
    expect_notes("CCss");
    cr_expect_eq(gyre_run(stop_and_clean_up, NULL), -ECANCELED);
    expect_notes("CCss");
}

static void stop_loop(struct gyre_timer *t)
{
    (void)t;
    gyre_loop_stop(world->loop);
}

static intptr_t stop_and_sleep(void *arg)
{
    struct gyre_timer timer = {.fire = stop_loop};
    gyre_time delay = (gyre_time)(intptr_t)arg;

    if (delay == 0)
        stop_loop(&timer);
    else
        gyre_timer_start(world->loop, &timer, gyre_in(delay));
    return gyre_sleep(GYRE_FOREVER);
}

Test(run, that_is_stopped_when_nothing_else_is_awaited_is_no_deadlock)
{
    cr_expect_eq(simulate(stop_and_sleep, (void *)0), -ECANCELED);
    cr_expect_eq(simulate(stop_and_sleep, (void *)MS), -ECANCELED);
}

static intptr_t stop_and_return(void *arg)
{
    gyre_loop_stop(gyre_loop_current());
    return (intptr_t)arg;
}

Test(run, that_is_stopped_returns_what_its_main_task_does)
{
    cr_expect_eq(simulate(stop_and_return, (void *)7), 7);
    cr_expect_eq(gyre_run(stop_and_return, (void *)7), 7);
}

/* ---- deadlock ---- */

Test(run, in_which_nothing_can_happen_any_more_is_a_deadlock)
{
    cr_expect_eq(gyre_run(clean_up_twice, NULL), -EDEADLK);
    expect_notes("CCss");
    cr_expect_eq(simulate(clean_up_twice, NULL), -EDEADLK);
    expect_notes("CCss");
}

/* The stacks of a burst are to be given back, some time. */
static intptr_t burst_and_sleep(void *arg)
{
    gyre_time start = elapsed();
    struct gyre_scope s;
    intptr_t err;

    gyre_scope_open(&s, GYRE_FOREVER);
    for (intptr_t i = 0; i < 200; i++)
        gyre_spawn(&s, NULL, echo, arg);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    err = gyre_sleep(GYRE_FOREVER);
    cr_expect_eq(elapsed(), start);
    return err;
}

Test(run, with_stacks_to_give_back_is_a_deadlock_all_the_same)
{
    cr_expect_eq(simulate(burst_and_sleep, NULL), -EDEADLK);
}

static intptr_t await_each_other(void *arg)
{
    struct gyre_future **f = arg;

    return gyre_await(*f, GYRE_FOREVER);
}

static intptr_t make_a_circle(void *arg)
{
    struct gyre_future f[3], *next[3] = {&f[1], &f[2], &f[0]};
    struct gyre_scope s;

    (void)arg;
    gyre_scope_open(&s, GYRE_FOREVER);
    for (int i = 0; i < 3; i++)
        gyre_spawn(&s, &f[i], await_each_other, &next[i]);
    return gyre_scope_close(&s, 0);
}

Test(run, of_tasks_that_await_each_other_is_a_deadlock)
{
    cr_expect_eq(gyre_run(make_a_circle, NULL), -EDEADLK);
}

static intptr_t wait_under_a_limit(void *arg)
{
    struct gyre_scope s;

    (void)arg;
    gyre_scope_open(&s, gyre_in(MS));
    return gyre_scope_close(&s, gyre_sleep(GYRE_FOREVER));
}

Test(run, with_a_limit_to_come_is_no_deadlock)
{
    cr_expect_eq(gyre_run(wait_under_a_limit, NULL), -ETIMEDOUT);
    cr_expect_eq(simulate(wait_under_a_limit, NULL), -ETIMEDOUT);
}

/* ---- a poller that fails ---- */

/* A simulation whose waits fail: so many, from the first on. */
struct broken {
    struct gyre_poller base;
    struct gyre_poller *sim;
    int failures;
};

static struct gyre_poller *sim_of(struct gyre_poller *p)
{
    return GYRE_OWNER(p, struct broken, base)->sim;
}

static int broken_wait(struct gyre_poller *p, struct gyre_poll_event *ev, int n,
                       gyre_time until)
{
    struct gyre_poller *sim = sim_of(p);

    if (GYRE_OWNER(p, struct broken, base)->failures-- > 0)
        return -EBADF;
    return sim->ops->wait(sim, ev, n, until);
}

static void broken_wake(struct gyre_poller *p)
{
    sim_of(p)->ops->wake(sim_of(p));
}

static gyre_time broken_now(struct gyre_poller *p)
{
    return sim_of(p)->ops->now(sim_of(p));
}

static void broken_free(struct gyre_poller *p)
{
    sim_of(p)->ops->free(sim_of(p));
}

static const struct gyre_poller_ops broken_ops = {
    .name = "broken",
    .simulated = true,
    .wait = broken_wait,
    .wake = broken_wake,
    .now = broken_now,
    .free = broken_free,
};

static intptr_t run_broken(int failures, intptr_t (*fn)(void *arg))
{
    struct broken broken = {.base.ops = &broken_ops, .failures = failures};
    struct gyre_run_options options = {.making.poller = &broken.base};
    struct gyre_sim *sim;

    cr_assert_eq(gyre_sim_new(&sim), 0);
    broken.sim = gyre_sim_poller(sim);
    return gyre_run_with(&options, fn, NULL);
}

/* Has more to unwind than fits in one round. */
static intptr_t unwind_long(void *arg)
{
    struct gyre_scope s;

    (void)arg;
    gyre_scope_open(&s, GYRE_FOREVER);
    for (int i = 0; i < 1000; i++)
        gyre_spawn(&s, NULL, nap, (void *)(intptr_t)MS);
    return gyre_scope_close(&s, 0);
}

Test(run, whose_poller_fails_is_cancelled_and_unwinds)
{
    cr_expect_eq(run_broken(1, clean_up_twice), -EBADF);
    expect_notes("CCss");
    cr_expect_eq(run_broken(INT32_MAX, unwind_long), -EBADF);
}

Test(run, whose_poller_fails_for_good_aborts_if_it_cannot_unwind,
     .signal = SIGABRT)
{
    run_broken(INT32_MAX, clean_up);
}

/* ---- in the child of a fork ---- */

static intptr_t fork_and_run(void *arg)
{
    pid_t child = fork();
    int status;

    if (child == 0) {
        gyre_run_forget();
        _exit((int)gyre_run(nap, (void *)MS) == 0 ? 7 : 1);
    }
    cr_expect_eq(waitpid(child, &status, 0), child);
    cr_expect(WIFEXITED(status));
    cr_expect_eq(WEXITSTATUS(status), 7);
    return arg == NULL ? gyre_sleep(gyre_in(MS)) : -1;
}

/* Without a watchdog, whose thread may just be making itself known to a
   sanitizer: which the child would then wait for. */
Test(run, can_be_left_by_a_child_that_has_one_of_its_own)
{
    setenv("GYRE_WATCHDOG", "0", 1);
    cr_expect_eq(gyre_run(fork_and_run, NULL), 0);
}

/* ---- several runs ---- */

static intptr_t count_up(void *arg)
{
    struct gyre_scope s;
    intptr_t sum = 0;

    for (int i = 0; i < 50; i++) {
        struct gyre_future f;

        gyre_scope_open(&s, gyre_in(60 * GYRE_SECOND));
        gyre_spawn(&s, &f, echo, arg);
        sum += gyre_await(&f, GYRE_FOREVER);
        sum += gyre_sleep(gyre_in(1));
        if (gyre_scope_close(&s, 0) != 0)
            return -1;
    }
    return sum;
}

static void *run_in_thread(void *arg)
{
    return (void *)gyre_run(count_up, arg);
}

Test(run, may_be_had_by_several_threads_at_once)
{
    enum { THREADS = 8 };
    pthread_t thread[THREADS];
    void *result;

    for (intptr_t i = 0; i < THREADS; i++)
        cr_assert_eq(pthread_create(&thread[i], NULL, run_in_thread, (void *)i),
                     0);
    for (intptr_t i = 0; i < THREADS; i++) {
        cr_assert_eq(pthread_join(thread[i], &result), 0);
        cr_expect_eq((intptr_t)result, 50 * i);
    }
}

#ifndef NDEBUG

static intptr_t run_inside(void *arg)
{
    return gyre_run(echo, arg);
}

Test(run, is_not_for_tasks, .signal = SIGABRT)
{
    gyre_run(run_inside, NULL);
}

#endif

/* ---- in a simulated world ---- */

static intptr_t sleep_for_a_day(void *slept)
{
    gyre_time start = gyre_in(0);
    int err = gyre_sleep(gyre_in(24 * 3600 * GYRE_SECOND));

    *(gyre_time *)slept = gyre_in(0) - start;
    return err ? err : 7;
}

Test(run, can_be_simulated)
{
    gyre_time slept = 0;

    cr_expect_eq(gyre_simulate(sleep_for_a_day, &slept), 7);
    cr_expect_eq(slept, 24 * 3600 * GYRE_SECOND);
}
