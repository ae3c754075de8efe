/*
 * test_calls_run.c - a run that sleeps, has a thread do something, and hears of
 * a signal, whose system calls fail one after the other: the claims of run.h,
 * offload.h, and stack.h about that.
 */
#include <criterion/criterion.h>

#include <errno.h>
#include <signal.h>
#include <time.h>

#include "loop/loop.h"
#include "task/offload.h"
#include "task/run/run.h"
#include "task/scope.h"
#include "task/sync/signals.h"
#include "task/task.h"
#include "tests/support/failing.h"

#define SOON gyre_in(20 * GYRE_SECOND)

enum { SLEEPERS = 60 }; /* more than the first mapping has stacks for */

static intptr_t sleep_a_little(void *arg)
{
    (void)arg;
    return gyre_sleep(gyre_in(GYRE_MILLISECOND / 10));
}

static intptr_t work(void *arg)
{
    const struct timespec little = {.tv_nsec = GYRE_MILLISECOND / 2};

    (void)arg;
    nanosleep(&little, NULL);
    return 0;
}

static intptr_t sleep_and_work(void *arg)
{
    struct gyre_scope s;
    intptr_t err = 0;

    (void)arg;
    gyre_scope_open(&s, GYRE_FOREVER);
    for (int i = 0; i < SLEEPERS && err == 0; i++)
        err = gyre_spawn(&s, NULL, sleep_a_little, NULL);
    if (err == 0)
        err = gyre_offload(work, NULL, SOON);
    return gyre_scope_close(&s, err);
}

static int untidy; /* it was begun, and has not come to its end */

/* What is to be done in any case: it cannot be cancelled, but ends. */
static void clean_up(void)
{
    struct gyre_scope s;

    untidy = 1;
    gyre_scope_open_shielded(&s, SOON);
    if (gyre_sleep(gyre_in(GYRE_MILLISECOND)) == 0 &&
        gyre_offload(work, NULL, SOON) == 0)
        untidy = 0;
    (void)gyre_scope_close(&s, 0);
}

static int hear_signal(void)
{
    struct gyre_caught usr1 = {.number = SIGUSR1};
    struct gyre_signals s = {.caught = &usr1, .n = 1};
    int err = gyre_signals_start(&s, gyre_loop_current());

    if (err)
        return err;
    raise(SIGUSR1);
    err = gyre_signals_wait(&s, SOON);
    gyre_signals_stop(&s);
    return err == SIGUSR1 ? 0 : err;
}

static intptr_t live(void *arg)
{
    intptr_t err = hear_signal();

    if (err == 0)
        err = sleep_and_work(arg);
    clean_up();
    return err;
}

static int play(void)
{
    int result = (int)gyre_run(live, NULL);

    return untidy ? -EBADMSG : result;
}

/* Fewer stacks at a time will do, and are no memory if there are none; and
   who is interrupted waits on. */
static struct promise promised(enum call c, int err)
{
    if (err == EINTR)
        return (struct promise){.hidden = true};
    if (c == CALL_MMAP)
        return (struct promise){.error = -ENOMEM, .hidden = true};
    return (struct promise){.error = -err};
}

static const struct scenario run = {play, promised};

Test(calls_run, a_run_that_cannot_be_made_says_why)
{
    int epoll = fails_cleanly(&run, CALL_EPOLL_CREATE);
    int kqueue = fails_cleanly(&run, CALL_KQUEUE);
    int bell = fails_cleanly(&run, CALL_EVENTFD);
    int pipe = fails_cleanly(&run, CALL_PIPE);
    int added = fails_cleanly(&run, CALL_EPOLL_CTL);
    int changed = fails_cleanly(&run, CALL_KEVENT);

    cr_expect(epoll >= 0 && kqueue >= 0);
    cr_expect_geq(epoll + kqueue, 3);
    cr_expect(bell >= 0 && pipe >= 0);
    cr_expect_geq(bell + pipe, 5);
    cr_expect(added >= 0 && changed >= 0);
    cr_expect_geq(added + changed, 8);
}

Test(calls_run, stacks_that_cannot_be_mapped_are_fewer_or_no_memory)
{
    cr_expect_geq(fails_cleanly(&run, CALL_MMAP), 3 * 11);
}

/* At once and half way through: tasks that clean up are heard to the end,
   though there is nothing to wait with. */
Test(calls_run, whose_poller_fails_cleans_up_to_the_end)
{
    int epoll = fails_cleanly_but_up_to(&run, CALL_EPOLL_WAIT, 4);
    int kqueue = fails_cleanly_but_up_to(&run, CALL_KEVENT_WAIT, 4);

    cr_expect(epoll >= 0 && kqueue >= 0);
    cr_expect_geq(epoll + kqueue, 4 * 4);
}
