/*
 * test_inspect.c - the claims of run.h about looking at a run from outside.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loop/signal.h"
#include "task/future.h"
#include "task/scope.h"
#include "task/task.h"
#include "tests/task/show/dumped.h"
#include "tests/task/world.h"

/* ---- a signal ---- */

/* Has the signal come, and the loop look. */
static intptr_t raise_it(void *number)
{
    raise((int)(intptr_t)number);
    return gyre_sleep(gyre_in(MS));
}

static const char dump_of_main[] =
    "#1 main waits for a while; 0.000 s so far, 0.001 s more at most\n"
    "    spawned at *\n";

/* What is heard when that signal comes, with GYRE_DUMP set to `value`. */
static void expect_heard(const char *value, int number, const char *expected)
{
    if (value != NULL)
        setenv("GYRE_DUMP", value, 1);
    hear_begin();
    cr_expect_eq(simulate(raise_it, (void *)(intptr_t)number), 0);
    hear_end();
    cr_expect_str_eq(dumped, expected, "%s: %s", value, dumped);
}

Test(inspect, dumps_all_tasks_on_sigusr1)
{
    unsetenv("GYRE_DUMP");
    expect_heard(NULL, SIGUSR1, dump_of_main);
    expect_heard(NULL, SIGUSR1, dump_of_main);
}

Test(inspect, dumps_on_another_signal_if_it_is_told_to)
{
    char number[8];

    expect_heard("USR2", SIGUSR2, dump_of_main);
    expect_heard("SIGQUIT", SIGQUIT, dump_of_main);
    sprintf(number, "%d", SIGHUP);
    expect_heard(number, SIGHUP, dump_of_main);
}

Test(inspect, leaves_no_handler_behind, .signal = SIGUSR1)
{
    unsetenv("GYRE_DUMP");
    expect_heard(NULL, SIGUSR1, dump_of_main);
    raise(SIGUSR1);
}

static intptr_t is_unclaimed(void *number)
{
    return gyre_signal_unclaimed((int)(intptr_t)number);
}

Test(inspect, dumps_on_no_signal_if_it_is_told_to, .signal = SIGUSR1)
{
    setenv("GYRE_DUMP", "", 1);
    cr_expect_eq(simulate(is_unclaimed, (void *)(intptr_t)SIGUSR1), true);
    setenv("GYRE_DUMP", "0", 1);
    simulate(raise_it, (void *)(intptr_t)SIGUSR1);
}

static int caught;

static void count(int number)
{
    (void)number;
    caught++;
}

Test(inspect, leaves_a_signal_alone_that_the_program_catches_or_ignores)
{
    unsetenv("GYRE_DUMP");
    signal(SIGUSR1, count);
    expect_heard(NULL, SIGUSR1, "");
    cr_expect_eq(caught, 1);
    signal(SIGUSR1, SIG_IGN);
    expect_heard(NULL, SIGUSR1, "");
}

static void count_signal(struct gyre_signal *s, unsigned times)
{
    (void)s;
    caught += (int)times;
}

static intptr_t ask_for_it_and_raise_it(void *number)
{
    struct gyre_signal ours = {.caught = count_signal};
    intptr_t err;

    gyre_signal_start(gyre_loop_current(), &ours, (int)(intptr_t)number);
    err = raise_it(number);
    gyre_signal_stop(gyre_loop_current(), &ours);
    return err == 0 ? raise_it(number) : err;
}

Test(inspect, leaves_a_signal_alone_while_the_program_asks_the_loop_for_it)
{
    unsetenv("GYRE_DUMP");
    hear_begin();
    cr_expect_eq(simulate(ask_for_it_and_raise_it, (void *)(intptr_t)SIGUSR1),
                 0);
    hear_end();
    cr_expect_eq(caught, 1);
    expect_dumped(dump_of_main);
}

static intptr_t expect_failure(void *what)
{
    cr_expect_eq(world->failures, 1);
    cr_expect_eq(world->failure, -EINVAL);
    cr_expect_str_eq(world->failed, (const char *)what);
    return 7;
}

/* The run says what is wrong with a variable, and goes on. */
static void expect_invalid(const char *name, const char *value)
{
    char copy[32];

    strcpy(copy, name);
    setenv(name, value, 1);
    cr_expect_eq(simulate(expect_failure, copy), 7, "%s=%s", name, value);
    unsetenv(name);
}

Test(inspect, tells_what_is_wrong_with_the_environment)
{
    expect_invalid("GYRE_DUMP", "off");
    expect_invalid("GYRE_DUMP", "USR3");
    expect_invalid("GYRE_DUMP", "10x");
    expect_invalid("GYRE_DUMP", "9");
    expect_invalid("GYRE_DUMP", "65");
    expect_invalid("GYRE_CYCLES", "-1");
    expect_invalid("GYRE_CYCLES", "5s");
    expect_invalid("GYRE_WATCHDOG", "yes");
    expect_invalid("GYRE_WATCHDOG", "1s");
    expect_invalid("GYRE_WORK_THREADS", "lots");
    expect_invalid("GYRE_FILES_THREADS", "1025");
    expect_invalid("GYRE_NAMES_THREADS", "-1");
    expect_invalid("GYRE_STEP", "abc");
    expect_invalid("GYRE_STACKS", "yes");
    expect_invalid("GYRE_ACCOUNTS", "2");
}

/* ---- cycles ---- */

static intptr_t await(void *f)
{
    return gyre_await(f, GYRE_FOREVER);
}

/* Lives beside two rings, of which the second is closed ten seconds after the
   first; for a minute each. */
static intptr_t live_beside_two_rings(void *arg)
{
    struct gyre_spawn_options options = {.name = "ring"};
    struct gyre_future f[4];
    struct gyre_scope s;

    (void)arg;
    gyre_scope_open(&s, GYRE_FOREVER);
    for (int i = 0; i < 4; i++) {
        gyre_spawn_with(&s, &f[i], await, &f[i ^ 1], &options);
        if (i == 1)
            cr_expect_eq(gyre_sleep(gyre_in(10 * GYRE_SECOND)), 0);
    }
    cr_expect_eq(gyre_sleep(gyre_in(60 * GYRE_SECOND)), 0);
    gyre_scope_cancel(&s);
    return gyre_scope_close(&s, 0);
}

Test(inspect, tells_of_each_cycle_once_it_is_old)
{
    setenv("GYRE_CYCLES", "4", 1);
    hear_begin();
    cr_expect_eq(simulate(live_beside_two_rings, NULL), 0);
    hear_end();
    expect_dumped(
        "gyre: deadlock among 2 tasks:\n"
        "  #2 ring waits for a future (*), held up by #3; 4.000 s so far\n"
        "  #3 ring waits for a future (*), held up by #2; 4.000 s so far\n"
        "gyre: deadlock among 2 tasks:\n"
        "  #4 ring waits for a future (*), held up by #5; 6.000 s so far\n"
        "  #5 ring waits for a future (*), held up by #4; 6.000 s so far\n");
}

Test(inspect, looks_for_cycles_only_if_it_is_told_to)
{
    unsetenv("GYRE_CYCLES");
    hear_begin();
    cr_expect_eq(simulate(live_beside_two_rings, NULL), 0);
    hear_end();
    expect_dumped("");
}
