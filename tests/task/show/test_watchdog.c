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
#include "tests/support/emulator.h"
#include "tests/task/world.h"

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
    pthread_t thread;
    stack_t stack; /* for handlers of signals; ss_sp is NULL: as it is */
};

static char room[64 * 1024]; /* for that one to be the end of */

/* Of an alternate stack: every system takes it, and no handler of ours fits. */
enum { SMALL = 8 * 1024 };

/* Run it with standard error led to the pipe, to which nobody else writes. */
static void *run_and_report(void *stalling)
{
    struct stalling *s = stalling;
    int before = dup(STDERR_FILENO);
    stack_t stack;

    sigaltstack(s->stack.ss_sp != NULL ? &s->stack : NULL, &stack);
    dup2(reports[1], STDERR_FILENO);
    close(reports[1]);
    s->result = gyre_run_with(&s->options, s->fn, NULL);
    dup2(before, STDERR_FILENO);
    close(before);
    sigaltstack(s->stack.ss_sp != NULL ? &stack : NULL, NULL);
    return NULL;
}

static void stall_begin(struct stalling *s)
{
    heard[0] = '\0';
    cr_assert_eq(pipe(reports) | pipe(signs), 0);
    cr_assert_eq(pthread_create(&s->thread, NULL, run_and_report, s), 0);
}

static void stall_end(struct stalling *s)
{
    cr_expect_eq(write(signs[1], "", 1), 1);
    hear(NULL);
    cr_expect_eq(pthread_join(s->thread, NULL), 0);
    cr_expect_eq(s->result, 0);
    close(reports[0]);
    close(signs[0]);
    close(signs[1]);
}

/* A run, where `limit` is a millisecond or for ever; it is to be heard of
   `word`, and goes on then. */
static void stall(intptr_t (*fn)(void *arg), gyre_time limit, const char *word)
{
    struct stalling s = {.options.stall_limit = limit, .fn = fn};

    stall_begin(&s);
    if (word != NULL)
        hear(word);
    stall_end(&s);
}

/* A claim about what a handler finds out.  TSan has those run later, and not on
   top of what they interrupt: so there it is not held. */
#ifdef GYRE_TSAN
#define ASKING_CLAIM(name) static __attribute__((unused)) void name(void)
#else
#define ASKING_CLAIM(name) Test(watchdog, name)
#endif

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

/* On a busy machine there may be more that takes longer than the limit. */
ASKING_CLAIM(names_a_task_that_keeps_its_loop_and_says_where)
{
    stall(spawn_blocking, MS, "block_task+0x");
    cr_expect_eq(times("gyre: #2 blocker has kept its loop for "), 1, "%s",
                 heard);
    cr_expect_neq(strstr(heard, " s, in\n    "), NULL, "%s", heard);
    cr_expect_eq(times("gyre: #2 blocker went on after "), 1, "%s", heard);
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

ASKING_CLAIM(names_a_callback_by_its_function)
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

/* From before the run begins, which on a busy machine may itself take longer
   than the limit. */
Test(watchdog, leaves_a_signal_alone_that_the_program_uses)
{
    signal(SIGURG, of_the_program);
    stall(spawn_blocking, MS, "gyre: a task has kept its loop for ");
    cr_expect_eq(strstr(heard, "block"), NULL);
    signal(SIGURG, SIG_IGN);
    stall(spawn_blocking, MS, "gyre: a task has kept its loop for ");
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

ASKING_CLAIM(puts_the_signal_back)
{
    stall(block_and_look, MS, "block_and_look+0x");
    cr_expect_neq(strstr(heard, "gyre: #1 main has kept"), NULL);
}

/* Puts the watchdog's own handler back, which it found while it was asked. */
static intptr_t put_back_and_block(void *arg)
{
    struct sigaction stood, now;
    sigset_t urgent;
    intptr_t result;

    sigemptyset(&urgent);
    sigaddset(&urgent, SIGURG);
    pthread_sigmask(SIG_BLOCK, &urgent, NULL);
    do
        sigaction(SIGURG, NULL, &stood);
    while (stood.sa_handler == SIG_DFL);
    pthread_sigmask(SIG_UNBLOCK, &urgent, NULL);
    do
        sigaction(SIGURG, NULL, &now);
    while (now.sa_handler != SIG_DFL);
    sigaction(SIGURG, &stood, NULL);
    result = spawn_blocking(arg);
    sigaction(SIGURG, NULL, &now);
    return now.sa_handler == SIG_DFL ? result : 1;
}

ASKING_CLAIM(does_not_take_its_own_handler_for_the_programs)
{
    stall(put_back_and_block, MS, "block_task+0x");
}

/* What lies below the stack is the program's. */
Test(watchdog, does_not_ask_on_a_stack_that_is_too_small)
{
    struct stalling s = {.options.stall_limit = MS, .fn = spawn_blocking};

    memset(room, '-', sizeof room);
    s.stack.ss_size = SMALL;
    s.stack.ss_sp = room + sizeof room - s.stack.ss_size;
    stall_begin(&s);
    hear("gyre: a task has kept its loop for ");
    stall_end(&s);
    cr_expect_null(strstr(heard, "block"));
    for (char *byte = room; byte < (char *)s.stack.ss_sp; byte++)
        cr_assert_eq(*byte, '-');
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
    unsetenv("GYRE_WATCHDOG");
}

ASKING_CLAIM(comes_if_the_environment_wants_it)
{
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

/* In the child: a run that blocks until it hears that it does.  Without a
   watchdog that would be for ever. */
static intptr_t hear_oneself(void *from)
{
    char text[256];

    return read((int)(intptr_t)from, text, sizeof text) > 0 ? 0 : 1;
}

static _Noreturn void run_in_child(void)
{
    struct gyre_run_options options = {.stall_limit = MS};
    int ends[2];

    alarm(10);
    if (pipe(ends) != 0 || dup2(ends[1], STDERR_FILENO) < 0)
        _exit(1);
    _exit(
        (int)gyre_run_with(&options, hear_oneself, (void *)(intptr_t)ends[0]));
}

static void fork_outside(void)
{
    struct stalling s = {.options.stall_limit = MS, .fn = spawn_blocking};
    int status = 1;
    pid_t child;

    stall_begin(&s);
    hear("block_task+0x");
    child = fork();
    if (child == 0)
        run_in_child();
    cr_expect_eq(waitpid(child, &status, 0), child);
    cr_expect_eq(status, 0);
    stall_end(&s);
}

/* The fork comes when the watchdog has spoken: a sanitizer's books on threads
   are not whole in the child of a process where one is being started.  An
   emulator's never are. */
ASKING_CLAIM(is_not_in_the_child_of_a_fork)
{
    if (is_emulated())
        return;
    stall(fork_and_run, MS, "fork_and_run+0x");
    fork_outside();
}
