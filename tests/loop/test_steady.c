/*
 * test_steady.c - a loop that is under way asks for no memory, whatever calls
 * it makes: neither of its allocator nor of malloc.
 */
#include <criterion/criterion.h>

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

#include "tests/loop/stage.h"
#include "tests/support/faults.h"

TestSuite(steady, .init = open_real, .fini = close_stage);

enum { ROUNDS = 1000, SETTLED = 10 };

static atomic_int rounds;
static long asked; /* for memory, when it was under way */

/* One more; the loop stops after the last. */
static void count(void)
{
    if (++rounds == SETTLED)
        asked = faults_asked();
    if (rounds == ROUNDS)
        gyre_loop_stop(loop);
}

static void expect_steady(void)
{
    long asked_since;

    gyre_loop_hold(loop);
    cr_expect_eq(gyre_loop_run(loop), 0);
    asked_since = faults_asked() - asked;
    gyre_loop_release(loop);
    cr_expect_eq(rounds, ROUNDS);
    cr_expect_eq(asked_since, 0);
}

/* ---- a timer ---- */

static void beat(struct gyre_timer *t)
{
    (void)t;
    count();
}

Test(steady, are_timers_that_repeat)
{
    struct gyre_timer t = {.fire = beat, .every = GYRE_MICROSECOND};

    gyre_timer_start(loop, &t, GYRE_NOW);
    expect_steady();
    gyre_timer_stop(loop, &t);
}

/* ---- a watch ---- */

static int pipe_fds[2];

static void pass_on(struct gyre_watch *w, unsigned events)
{
    char byte;

    (void)w;
    cr_expect_eq(events, GYRE_READ);
    cr_expect_eq(read(pipe_fds[0], &byte, 1), 1);
    cr_expect_eq(write(pipe_fds[1], &byte, 1), 1);
    count();
}

Test(steady, are_watches_that_are_called)
{
    struct gyre_watch w = {.ready = pass_on};

    cr_assert_eq(pipe(pipe_fds), 0);
    cr_assert_eq(write(pipe_fds[1], "x", 1), 1);
    cr_assert_eq(gyre_watch_start(loop, &w, pipe_fds[0], GYRE_READ), 0);
    expect_steady();
    gyre_watch_stop(loop, &w);
    close(pipe_fds[0]);
    close(pipe_fds[1]);
}

/* What it asks for changes each time, and now and then it is nothing. */
static void turn_over(struct gyre_watch *w, unsigned events)
{
    static const unsigned asks[] = {GYRE_WRITE, GYRE_READ | GYRE_WRITE};

    (void)events;
    if (rounds % 3 == 0)
        gyre_watch_stop(loop, w);
    cr_expect_eq(gyre_watch_start(loop, w, pipe_fds[1], asks[rounds % 2]), 0);
    count();
}

Test(steady, are_watches_that_change)
{
    struct gyre_watch w = {.ready = turn_over};

    cr_assert_eq(pipe(pipe_fds), 0);
    cr_assert_eq(gyre_watch_start(loop, &w, pipe_fds[1], GYRE_WRITE), 0);
    expect_steady();
    gyre_watch_stop(loop, &w);
    close(pipe_fds[0]);
    close(pipe_fds[1]);
}

/* ---- posts ---- */

static void arrive(struct gyre_post *p)
{
    (void)p;
    count();
}

/* Each when the one before has come, so that the loop is to be woken. */
static void *send_all(void *mailbox)
{
    struct gyre_post p = {.run = arrive};

    for (int i = 0; i < ROUNDS; i++) {
        cr_expect_eq(gyre_post(mailbox, &p), 0);
        while (rounds <= i)
            sched_yield();
    }
    return NULL;
}

Test(steady, are_posts_from_another_thread)
{
    pthread_t thread;

    cr_assert_eq(
        pthread_create(&thread, NULL, send_all, gyre_loop_mailbox(loop)), 0);
    expect_steady();
    pthread_join(thread, NULL);
}

/* ---- signals ---- */

static void caught(struct gyre_signal *s, unsigned times)
{
    (void)s;
    cr_expect_eq(times, 1);
    count();
    raise(SIGUSR1);
}

Test(steady, are_signals)
{
    struct gyre_signal s = {.caught = caught};

    cr_assert_eq(gyre_signal_start(loop, &s, SIGUSR1), 0);
    raise(SIGUSR1);
    expect_steady();
    cr_expect_eq(gyre_signal_stop(loop, &s), 1);
}

static void caught_once(struct gyre_signal *s, unsigned times)
{
    (void)times;
    count();
    cr_expect_eq(gyre_signal_start(loop, s, SIGUSR1), 0);
    raise(SIGUSR1);
}

Test(steady, are_signals_that_are_started_anew)
{
    struct gyre_signal s = {.caught = caught_once, .once = true};

    cr_assert_eq(gyre_signal_start(loop, &s, SIGUSR1), 0);
    raise(SIGUSR1);
    expect_steady();
    gyre_signal_stop(loop, &s);
}
