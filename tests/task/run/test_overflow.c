/*
 * test_overflow.c - the claims of overflow.h, and of run.h about overflows.
 *
 * Where a sanitizer has handlers of its own up, ours stay away, and only that
 * can be seen.
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loop/symbol.h"
#include "task/run/run.h"
#include "task/scope.h"
#include "task/task.h"
#include "tests/task/world.h"

typedef void handler(int);

static handler *handler_of(int number)
{
    struct sigaction action;

    sigaction(number, NULL, &action);
    return action.sa_handler;
}

/* ---- what is told ---- */

static char heard[2048];
static int died_of;

/* Have a child run `fn`; hear what it says on standard error. */
static void run_in_child(intptr_t (*fn)(void *arg))
{
    static const struct rlimit no_core;
    static const struct gyre_run_options options = {
        .stall_limit = GYRE_FOREVER}; /* emulators start no thread in a child */
    size_t n = 0;
    ssize_t got;
    int ends[2], status;
    pid_t child;

    cr_assert_eq(pipe(ends), 0);
    child = fork();
    if (child == 0) {
        setrlimit(RLIMIT_CORE, &no_core);
        dup2(ends[1], STDERR_FILENO);
        gyre_run_with(&options, fn, NULL);
        _exit(0);
    }
    close(ends[1]);
    while ((got = read(ends[0], heard + n, sizeof heard - 1 - n)) > 0)
        n += (size_t)got;
    heard[n] = '\0';
    close(ends[0]);
    cr_assert_eq(waitpid(child, &status, 0), child);
    died_of = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static __attribute__((noinline)) intptr_t go_deep(void *arg)
{
    volatile char room[1000] = {0};

    if (arg == heard)
        return room[0];
    return go_deep((char *)arg + 1) + room[1];
}

static intptr_t spawn_deep(void *arg)
{
    static const struct gyre_spawn_options options = {.name = "diver"};
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn_with(&s, NULL, go_deep, arg, &options);
    return gyre_scope_close(&s, 0);
}

static intptr_t spawn_deep_unnamed(void *arg)
{
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, go_deep, arg);
    return gyre_scope_close(&s, 0);
}

/* How the name of a place in `function` begins, if that is known. */
#ifdef GYRE_SYMBOLS_DLADDR
#define IN(function) ""
#else
#define IN(function) function "+0x"
#endif

static const char *rest; /* of what was heard */

static void expect_next(const char *words)
{
    const char *found = strstr(rest, words);

    cr_expect_not_null(found, "\"%s\" is not in %s", words, rest);
    if (found != NULL)
        rest = found + strlen(words);
}

/* The task called `title`, spawned at `site`, overflowed in go_deep. */
static void expect_overflow(const char *title, const char *site)
{
    rest = heard;
    expect_next("gyre: task ");
    expect_next(title);
    expect_next(", spawned at ");
    expect_next(site);
    expect_next(", has overflowed its stack of ");
    expect_next(" bytes in\n");
    for (int i = 0; i < 8; i++) {
        expect_next("gyre:     ");
        expect_next(IN("go_deep"));
    }
    cr_expect(died_of == SIGSEGV || died_of == SIGBUS);
}

Test(overflow, of_a_task_s_stack_names_it_and_is_deadly_still)
{
    struct gyre_name function = gyre_name_function((uintptr_t)go_deep);
    char title[300];

    if (handler_of(SIGSEGV) != SIG_DFL)
        return;
    run_in_child(spawn_deep_unnamed);
    expect_overflow(function.text, IN("spawn_deep_unnamed"));
    snprintf(title, sizeof title, "diver (%s)", function.text);
    run_in_child(spawn_deep);
    expect_overflow(title, IN("spawn_deep"));
    snprintf(title, sizeof title, "main (%s)", function.text);
    run_in_child(go_deep);
    expect_overflow(title, IN("run_in_child"));
}

static intptr_t spawn_deep_on_more(void *arg)
{
    static const struct gyre_spawn_options options = {.name = "deeper",
                                                      .stack_size = 1 << 20};
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn_with(&s, NULL, go_deep, arg, &options);
    return gyre_scope_close(&s, 0);
}

Test(overflow, of_a_stack_of_another_size_is_told_as_well)
{
    unsigned long size = 0;
    char *words;

    if (handler_of(SIGSEGV) != SIG_DFL)
        return;
    run_in_child(spawn_deep_on_more);
    words = strstr(heard, "has overflowed its stack of ");
    cr_assert_not_null(words, "%s", heard);
    cr_expect_not_null(strstr(heard, "gyre: task deeper"));
    cr_expect_eq(sscanf(words, "has overflowed its stack of %lu", &size), 1);
    cr_expect_gt(size, 1000000);
}

static void *volatile nowhere;

static intptr_t touch_nothing(void *arg)
{
    (void)arg;
    return *(volatile char *)nowhere;
}

static intptr_t send_one(void *arg)
{
    raise(SIGSEGV);
    return (intptr_t)arg;
}

Test(overflow, is_not_what_other_faults_are_taken_for)
{
    if (handler_of(SIGSEGV) != SIG_DFL)
        return;
    run_in_child(touch_nothing);
    cr_expect_null(strstr(heard, "gyre"), "%s", heard);
    cr_expect_eq(died_of, SIGSEGV);
    run_in_child(send_one);
    cr_expect_null(strstr(heard, "gyre"), "%s", heard);
    cr_expect_eq(died_of, SIGSEGV, "it is not lost");
}

/* ---- what else there is ---- */

static void own(int number)
{
    (void)number;
}

static intptr_t who_handles(void *number)
{
    return (intptr_t)(uintptr_t)handler_of((int)(intptr_t)number);
}

Test(overflow, leaves_handlers_of_others_alone)
{
    handler *const others[] = {SIG_IGN, own};

    for (int i = 0; i < 2; i++) {
        intptr_t other = (intptr_t)(uintptr_t)others[i];

        signal(SIGSEGV, others[i]);
        cr_expect_eq(gyre_run(who_handles, (void *)SIGSEGV), other);
        cr_expect_eq(handler_of(SIGSEGV), others[i]);
    }
}

static void *run_elsewhere(void *arg)
{
    return (void *)gyre_run(who_handles, arg);
}

/* Another run begins and ends on another thread, and leaves ours protected. */
static intptr_t run_another(void *number)
{
    intptr_t before = who_handles(number);
    pthread_t thread;
    void *there;

    pthread_create(&thread, NULL, run_elsewhere, number);
    pthread_join(thread, &there);
    cr_expect_eq((intptr_t)there, before);
    cr_expect_eq(who_handles(number), before);
    return before != (intptr_t)(uintptr_t)SIG_DFL;
}

Test(overflow, has_a_handler_and_a_stack_for_it_only_while_there_are_runs)
{
    stack_t stack;

    signal(SIGSEGV, SIG_DFL);
    signal(SIGBUS, SIG_DFL);
    for (int i = 0; i < 2; i++) {
        cr_expect_eq(gyre_run(run_another, (void *)SIGSEGV), 1);
        cr_expect_eq(gyre_run(run_another, (void *)SIGBUS), 1);
        cr_expect_eq(handler_of(SIGSEGV), SIG_DFL);
        cr_expect_eq(handler_of(SIGBUS), SIG_DFL);
    }
    cr_expect_eq(sigaltstack(NULL, &stack), 0);
    cr_expect(stack.ss_flags & SS_DISABLE || stack.ss_size != 32 * 1024);
}

static int started[2], over[2]; /* pipes */

static intptr_t wait_until_over(void *arg)
{
    char byte;

    return write(started[1], "", 1) + read(over[0], &byte, 1) + (intptr_t)arg;
}

static void *run_until_over(void *arg)
{
    return (void *)gyre_run(wait_until_over, arg);
}

/* Without a watchdog, whose thread may just be making itself known to a
   sanitizer: which the child would then wait for. */
Test(overflow, has_no_handler_in_a_child_whose_parent_had_a_run_elsewhere)
{
    pthread_t thread;
    int status = 1;
    char byte;
    pid_t child;

    setenv("GYRE_WATCHDOG", "0", 1);
    signal(SIGSEGV, SIG_DFL);
    cr_assert_eq(pipe(started) | pipe(over), 0);
    pthread_create(&thread, NULL, run_until_over, NULL);
    cr_expect_eq(read(started[0], &byte, 1), 1);
    child = fork();
    if (child == 0) {
        alarm(10);
        (void)gyre_run(who_handles, (void *)SIGSEGV);
        _exit(handler_of(SIGSEGV) != SIG_DFL);
    }
    cr_expect_eq(waitpid(child, &status, 0), child);
    cr_expect_eq(status, 0);
    cr_expect_eq(write(over[1], "", 1), 1);
    pthread_join(thread, NULL);
}

static intptr_t which_stack(void *arg)
{
    stack_t *stack = arg;

    return sigaltstack(NULL, stack);
}

Test(overflow, uses_the_alternate_stack_that_is_there)
{
    static char room[64 * 1024];
    stack_t own_stack = {.ss_sp = room, .ss_size = sizeof room}, inside, after;

    cr_assert_eq(sigaltstack(&own_stack, NULL), 0);
    cr_expect_eq(gyre_run(which_stack, &inside), 0);
    cr_expect_eq(inside.ss_sp, room);
    cr_expect_eq(sigaltstack(NULL, &after), 0);
    cr_expect_eq(after.ss_sp, room);
}
