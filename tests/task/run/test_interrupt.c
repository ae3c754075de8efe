/*
 * test_interrupt.c - the claims of run.h about SIGINT.
 */
#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "task/run/run.h"
#include "task/scope.h"
#include "task/task.h"
#include "tests/task/world.h"

/* Sleeps until it is cancelled, and says so. */
static intptr_t sleep_on(void *arg)
{
    int err = gyre_sleep(GYRE_FOREVER);

    (void)arg;
    note(err == -ECANCELED ? 'C' : 'x');
    return err;
}

static int caught;

static void count(int number)
{
    (void)number;
    caught++;
}

/* A shell that runs the tests in the background has them ignore SIGINT. */
static void heed(void)
{
    signal(SIGINT, SIG_DFL);
}

static intptr_t interrupt_and_sleep(void *arg)
{
    raise(SIGINT);
    return sleep_on(arg);
}

Test(interrupt, cancels_the_run, .init = heed)
{
    cr_expect_eq(gyre_run(interrupt_and_sleep, NULL), -ECANCELED);
    expect_notes("C");
}

static intptr_t nap_a_little(void *arg)
{
    (void)arg;
    return gyre_sleep(gyre_in(0));
}

Test(interrupt, cancels_one_of_several_runs_on_a_loop, .init = heed)
{
    struct gyre_run_options options = {0};

    cr_assert_eq(gyre_loop_new(&options.loop), 0);
    for (int i = 0; i < 3; i++) {
        cr_expect_eq(gyre_run_with(&options, interrupt_and_sleep, NULL),
                     -ECANCELED);
        expect_notes("C");
        cr_expect_eq(gyre_run_with(&options, nap_a_little, NULL), 0);
    }
    gyre_loop_free(options.loop);
}

static intptr_t interrupt_twice(void *arg)
{
    (void)arg;
    raise(SIGINT);
    cr_expect_eq(gyre_sleep(GYRE_FOREVER), -ECANCELED);
    raise(SIGINT);
    return 0;
}

Test(interrupt, a_second_time_ends_the_process, .init = heed, .signal = SIGINT)
{
    gyre_run(interrupt_twice, NULL);
}

static intptr_t interrupt_twice_at_once(void *arg)
{
    (void)arg;
    raise(SIGINT);
    raise(SIGINT);
    return gyre_sleep(gyre_in(60 * GYRE_SECOND));
}

Test(interrupt, twice_at_once_ends_the_process, .init = heed, .signal = SIGINT)
{
    gyre_run(interrupt_twice_at_once, NULL);
}

/* Never gets back to the loop. */
static intptr_t interrupt_twice_and_compute(void *arg)
{
    (void)arg;
    raise(SIGINT);
    raise(SIGINT);
    _exit(0);
}

Test(interrupt, twice_ends_the_process_whatever_the_tasks_do, .init = heed,
     .signal = SIGINT)
{
    gyre_run(interrupt_twice_and_compute, NULL);
}

static intptr_t interrupt_and_return(void *arg)
{
    raise(SIGINT);
    return (intptr_t)arg;
}

Test(interrupt, that_comes_too_late_to_stop_the_run_is_raised_afterwards)
{
    signal(SIGINT, count);
    cr_expect_eq(gyre_run(interrupt_and_return, (void *)7), 7);
    cr_expect_eq(caught, 1);
}

static intptr_t interrupt_and_go_on(void *arg)
{
    raise(SIGINT);
    return gyre_sleep(gyre_in(0)) == 0 ? (intptr_t)arg : -1;
}

Test(interrupt, is_left_alone_if_the_process_ignores_it)
{
    signal(SIGINT, SIG_IGN);
    cr_expect_eq(gyre_run(interrupt_and_go_on, (void *)7), 7);
}

Test(interrupt, is_left_alone_if_the_run_is_told_to)
{
    struct gyre_run_options options = {.ignore_interrupt = true};

    signal(SIGINT, count);
    cr_expect_eq(gyre_run_with(&options, interrupt_and_go_on, (void *)7), 7);
    cr_expect_eq(caught, 1);
}

Test(interrupt, goes_to_the_program_s_own_handler_afterwards)
{
    signal(SIGINT, count);
    cr_expect_eq(gyre_run(interrupt_and_sleep, NULL), -ECANCELED);
    cr_expect_eq(caught, 0);
    raise(SIGINT);
    cr_expect_eq(caught, 1);
}
