/*
 * test_threads.c - a loop belongs to the thread that runs it, and threads to
 * none.
 */
#include <criterion/criterion.h>

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loop/ready.h"
#include "tests/loop/stage.h"

TestSuite(threads, .init = open_simulated, .fini = close_stage);

enum { LOOPS = 8, BEATS = 1000 };

struct own_loop {
    struct gyre_loop *loop;
    struct gyre_timer beat;
    struct gyre_job job;
    int beats;
    int jobs;
};

static void count_job(struct gyre_job *j)
{
    GYRE_OWNER(j, struct own_loop, job)->jobs++;
}

static void count_beat(struct gyre_timer *t)
{
    struct own_loop *o = GYRE_OWNER(t, struct own_loop, beat);

    gyre_job_start(o->loop, &o->job);
    if (++o->beats == BEATS)
        gyre_timer_stop(o->loop, t);
}

static void *run_own(void *arg)
{
    struct own_loop *o = arg;

    o->beat = (struct gyre_timer){.fire = count_beat, .every = 1000};
    o->job = (struct gyre_job){.run = count_job};
    if (gyre_loop_new(&o->loop) != 0)
        return NULL;
    gyre_timer_start(o->loop, &o->beat, GYRE_NOW);
    if (gyre_loop_run(o->loop) != 0)
        o->beats = -1;
    gyre_loop_free(o->loop);
    return NULL;
}

Test(threads, each_may_run_loops_of_its_own)
{
    struct own_loop own[LOOPS] = {0};
    pthread_t thread[LOOPS];

    for (int i = 0; i < LOOPS; i++)
        cr_assert_eq(pthread_create(&thread[i], NULL, run_own, &own[i]), 0);
    for (int i = 0; i < LOOPS; i++) {
        pthread_join(thread[i], NULL);
        cr_expect_eq(own[i].beats, BEATS);
        cr_expect_eq(own[i].jobs, BEATS);
    }
}

static void *run_loop(void *arg)
{
    (void)arg;
    return (void *)(intptr_t)gyre_loop_run(loop);
}

Test(threads, a_loop_at_rest_may_be_handed_to_another)
{
    pthread_t thread;
    void *result;

    for (int i = 0; i < 3; i++) {
        start_job(&a);
        pthread_create(&thread, NULL, run_loop, NULL);
        pthread_join(thread, &result);
        cr_expect_eq(result, NULL);
        start_timer(&b, gyre_loop_in(loop, GYRE_SECOND));
        cr_expect_str_eq(run(), "ab");
    }
}

#ifndef NDEBUG
static void start(void)
{
    start_job(&b);
}

static void start_in_line(void)
{
    gyre_ready_add(loop, &b.job);
}

static void await_in_line(void)
{
    gyre_ready_awaits(loop, 1);
}

static void ask_if_alive(void)
{
    (void)gyre_loop_alive(loop);
}

static void ask_the_time(void)
{
    (void)gyre_loop_now(loop);
}

static void ask_the_deadline(void)
{
    (void)gyre_loop_deadline(loop);
}

static void ask_what_was_done(void)
{
    (void)gyre_loop_stats(loop);
}

static void ask_who_watches(void)
{
    (void)gyre_loop_watch_of(loop, 0);
}

static void fail(void)
{
    gyre_loop_fail(loop, "a claim", -EIO);
}

/* Each in a process of its own, to abort. */
static void *call_elsewhere(void *arg)
{
    void (*const calls[])(void) = {
        start,        start_in_line,    await_in_line,     ask_if_alive,
        ask_the_time, ask_the_deadline, ask_what_was_done, ask_who_watches,
        fail,
    };

    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        pid_t child = fork();
        int status;

        if (child == 0) {
            signal(SIGABRT, SIG_DFL);
            calls[i]();
            _exit(0);
        }
        cr_expect_eq(waitpid(child, &status, 0), child);
        cr_expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT,
                  "call %zu was let pass", i);
    }
    return arg;
}

static void call_from_thread(struct actor *x)
{
    pthread_t thread;

    pthread_create(&thread, NULL, call_elsewhere, x);
    pthread_join(thread, NULL);
}

Test(threads, a_call_to_a_loop_running_elsewhere_aborts)
{
    a.act = call_from_thread;
    start_job(&a);
    cr_expect_str_eq(run(), "a");
}

static void run_again(struct actor *x)
{
    (void)x;
    gyre_loop_run(loop);
}

Test(threads, a_run_within_a_run_aborts, .signal = SIGABRT)
{
    a.act = run_again;
    start_job(&a);
    gyre_loop_run(loop);
}
#endif
