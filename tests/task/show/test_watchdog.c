/*
 * test_watchdog.c - the claims of watchdog.h, and of run.h about stalls.
 *
 * Nothing is timed: what stalls waits to be told of, and goes on then.
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loop/job.h"
#include "loop/loop.h"
#include "task/run/run.h"
#include "task/sanitize.h"
#include "task/scope.h"
#include "task/show/backtrace.h"
#include "task/task.h"
#include "tests/task/world.h"

TestSuite(watchdog, .timeout = 60);

static int reports[2], signs[2]; /* pipes: from the run, and to it */
static char heard[4096];

/* Hear what the run says, up to `word`; or to the end, if that is NULL. */
static void hear(const char *word)
{
    size_t n = strlen(heard);

    while (word == NULL || strstr(heard, word) == NULL) {
        ssize_t got = read(reports[0], heard + n, sizeof heard - 1 - n);

        if (got <= 0)
            break;
        n += (size_t)got;
        heard[n] = '\0';
    }
    cr_expect(word == NULL || strstr(heard, word) != NULL, "%s not in: %s",
              word, heard);
}

/* Block the thread until it has been heard what is to be heard. */
static __attribute__((noinline)) void block(void)
{
    char sign;

    while (read(signs[0], &sign, 1) != 1)
        continue;
}

/* A run on a thread of its own. */
struct stalling {
    struct gyre_run_options options;
    intptr_t (*fn)(void *arg);
    intptr_t result;
};

/* Run it with standard error led to the pipe, to which nobody else writes. */
static void *run_and_report(void *stalling)
{
    struct stalling *s = stalling;
    int before = dup(STDERR_FILENO);

    dup2(reports[1], STDERR_FILENO);
    close(reports[1]);
    s->result = gyre_run_with(&s->options, s->fn, NULL);
    dup2(before, STDERR_FILENO);
    close(before);
    return NULL;
}

/* A run, where `limit` is a millisecond or for ever; it is to be heard of
   `word`, and goes on then. */
static void stall(intptr_t (*fn)(void *arg), gyre_time limit, const char *word)
{
    struct stalling s = {.options.stall_limit = limit, .fn = fn};
    pthread_t thread;

    heard[0] = '\0';
    cr_assert_eq(pipe(reports) | pipe(signs), 0);
    cr_assert_eq(pthread_create(&thread, NULL, run_and_report, &s), 0);
    if (word != NULL)
        hear(word);
    cr_expect_eq(write(signs[1], "", 1), 1);
    hear(NULL);
    cr_expect_eq(pthread_join(thread, NULL), 0);
    cr_expect_eq(s.result, 0);
    close(reports[0]);
    close(signs[0]);
    close(signs[1]);
}

static __attribute__((noinline)) intptr_t block_task(void *arg)
{
    block();
    return (intptr_t)arg;
}

static intptr_t spawn_blocking(void *arg)
{
    struct gyre_spawn_options options = {.name = "blocker"};
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn_with(&s, NULL, block_task, arg, &options);
    return gyre_scope_close(&s, 0);
}

static int times(const char *word)
{
    int n = 0;

    for (const char *at = heard; (at = strstr(at, word)) != NULL; at++)
        n++;
    return n;
}

Test(watchdog, names_a_task_that_keeps_its_loop_and_says_where)
{
    stall(spawn_blocking, MS, "block_task+0x");
    cr_expect_eq(strncmp(heard, "gyre: #2 blocker has kept its loop for ", 39),
                 0, "%s", heard);
    cr_expect_neq(strstr(heard, " s, in\n    "), NULL);
    cr_expect_neq(strstr(heard, "gyre: #2 blocker went on after "), NULL);
    cr_expect_eq(times("has kept"), 1);
    cr_expect_eq(times("went on"), 1);
}

static void block_job(struct gyre_job *j)
{
    (void)j;
    block();
}

static intptr_t start_blocking(void *arg)
{
    struct gyre_job j = {.run = block_job};

    (void)arg;
    gyre_job_start(gyre_loop_current(), &j);
    return gyre_sleep(gyre_in(MS));
}

Test(watchdog, names_a_callback_by_its_function)
{
    const void *frames[2];

    stall(start_blocking, MS, "gyre: a callback has kept its loop");
    if (gyre_backtrace(NULL, frames, 2) > 1) /* where frame pointers are all
                                                there is, for tasks alone */
        cr_expect_neq(strstr(heard, "block_job+0x"), NULL, "%s", heard);
    cr_expect_neq(strstr(heard, "gyre: a callback went on after "), NULL);
}

static void of_the_program(int number)
{
    (void)number;
    _exit(7);
}

static intptr_t handle_and_block(void *arg)
{
    signal(SIGURG, of_the_program);
    return spawn_blocking(arg);
}

static intptr_t ignore_and_block(void *arg)
{
    signal(SIGURG, SIG_IGN);
    return spawn_blocking(arg);
}

Test(watchdog, leaves_a_signal_alone_that_the_program_uses)
{
    stall(handle_and_block, MS, "gyre: a task has kept its loop for ");
    cr_expect_eq(strstr(heard, "block"), NULL);
    stall(ignore_and_block, MS, "gyre: a task has kept its loop for ");
    cr_expect_neq(strstr(heard, "gyre: a task went on"), NULL);
}

static intptr_t block_and_look(void *arg)
{
    struct sigaction now;

    (void)arg;
    block();
    sigaction(SIGURG, NULL, &now);
    return now.sa_handler != SIG_DFL;
}

Test(watchdog, puts_the_signal_back)
{
    stall(block_and_look, MS, "block_and_look+0x");
    cr_expect_neq(strstr(heard, "gyre: #1 main has kept"), NULL);
}

static intptr_t sleep_for_a_while(void *arg)
{
    block();
    for (int i = 0; i < 20; i++) {
        if (gyre_sleep(gyre_in(MS)) != 0)
            return 1;
    }
    return (intptr_t)arg;
}

Test(watchdog, may_be_told_to_stay_away)
{
    stall(sleep_for_a_while, GYRE_FOREVER, NULL);
    cr_expect_str_eq(heard, "");
    setenv("GYRE_WATCHDOG", "0", true);
    stall(sleep_for_a_while, MS, NULL);
    cr_expect_str_eq(heard, "");
    setenv("GYRE_WATCHDOG", "1", true);
    stall(spawn_blocking, GYRE_FOREVER, "#2 blocker has kept");
    unsetenv("GYRE_WATCHDOG");
}

static intptr_t sleep_long(void *arg)
{
    return gyre_sleep(gyre_in((gyre_time)(intptr_t)arg));
}

static void *run_and_sleep(void *arg)
{
    struct gyre_run_options options = {.stall_limit = GYRE_MICROSECOND};
    intptr_t failed = 0;

    for (int i = 0; i < 20; i++)
        failed |= gyre_run_with(&options, sleep_long, arg);
    return (void *)failed;
}

/* Here what matters is what the sanitizers say. */
Test(watchdog, watches_many_loops_that_come_and_go)
{
    int before = dup(STDERR_FILENO), nowhere = open("/dev/null", O_WRONLY);
    pthread_t threads[4];
    void *failed;

    dup2(nowhere, STDERR_FILENO);
    for (int i = 0; i < 4; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, run_and_sleep,
                                    (void *)(intptr_t)(MS / 4)),
                     0);
    for (int i = 0; i < 4; i++) {
        cr_expect_eq(pthread_join(threads[i], &failed), 0);
        cr_expect_eq(failed, NULL);
    }
    dup2(before, STDERR_FILENO);
    close(before);
    close(nowhere);
}

static intptr_t fork_and_run(void *arg)
{
    pid_t child;
    int status = 1;

    block();
    child = fork();
    if (child == 0) {
        gyre_run_forget();
        _exit((int)gyre_run(sleep_long, arg));
    }
    return waitpid(child, &status, 0) != child || status != 0;
}

/* The fork comes when the watchdog has spoken: a sanitizer's books on threads
   are not whole in the child of a process where one is being started.  TSan's
   and an emulator's never are. */
Test(watchdog, is_not_in_the_child_of_a_fork)
{
#ifndef GYRE_TSAN
    if (getenv("EMULATOR") == NULL)
        stall(fork_and_run, MS, "fork_and_run+0x");
#endif
}
