/*
 * test_signals.c - the claims of signals.h.
 */
#include <errno.h>
#include <signal.h>

#include "loop/timer.h"
#include "task/future.h"
#include "task/scope.h"
#include "task/sync/event.h"
#include "task/sync/signals.h"
#include "task/task.h"
#include "tests/task/show/dumped.h"
#include "tests/task/world.h"

static struct gyre_caught caught[2];
static struct gyre_signals set;

static void start(void)
{
    caught[0] = (struct gyre_caught){.number = SIGHUP};
    caught[1] = (struct gyre_caught){.number = SIGUSR2};
    set = (struct gyre_signals){.caught = caught, .n = 2};
    cr_expect_eq(gyre_signals_start(&set, gyre_loop_current()), 0);
}

static void expect_next(int number)
{
    cr_expect_eq(gyre_signals_wait(&set, gyre_in(GYRE_SECOND)), number);
}

static void (*handler_of(int number))(int)
{
    struct sigaction action;

    sigaction(number, NULL, &action);
    return action.sa_handler;
}

/* ---- nothing is lost ---- */

CLAIM(signals, are_counted_while_nobody_waits)
{
    start();
    raise(SIGUSR2);
    raise(SIGUSR2);
    raise(SIGHUP);
    cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
    expect_next(SIGHUP);
    expect_next(SIGUSR2);
    expect_next(SIGUSR2);
    cr_expect_eq(gyre_signals_wait(&set, gyre_in(MS)), -ETIMEDOUT);
    cr_expect_eq(gyre_signals_wait(&set, GYRE_NOW), -ETIMEDOUT);
    gyre_signals_stop(&set);
}

static intptr_t wait_once(void *name)
{
    int number = gyre_signals_wait(&set, GYRE_FOREVER);

    note(number > 0 ? *(char *)name : '!');
    return number;
}

CLAIM(signals, each_is_had_by_one_of_those_who_wait_in_order, .init = in_order)
{
    struct gyre_scope s;

    start();
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, wait_once, "a");
    gyre_spawn(&s, NULL, wait_once, "b");
    gyre_spawn(&s, NULL, wait_once, "c");
    cr_expect_eq(gyre_yield(), 0);
    raise(SIGHUP);
    raise(SIGHUP);
    cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
    expect_notes("ab");
    raise(SIGUSR2);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("c");
    gyre_signals_stop(&set);
}

/* One is handed over with the wake: who is cancelled after that has it. */
CLAIM(signals, that_were_handed_over_are_not_lost_to_a_cancellation)
{
    struct gyre_scope s;
    struct gyre_future done;

    start();
    gyre_scope_open_tolerant(&s, GYRE_FOREVER);
    gyre_spawn(&s, &done, wait_once, "a");
    cr_expect_eq(gyre_yield(), 0);
    gyre_scope_cancel(&s);
    raise(SIGHUP);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(gyre_future_result(&done), -ECANCELED);
    expect_next(SIGHUP);
    gyre_signals_stop(&set);
    notes[0] = '\0';
}

CLAIM(signals, are_had_by_every_set)
{
    struct gyre_caught more = {.number = SIGHUP};
    struct gyre_signals other = {.caught = &more, .n = 1};

    start();
    cr_expect_eq(gyre_signals_start(&other, gyre_loop_current()), 0);
    raise(SIGHUP);
    expect_next(SIGHUP);
    cr_expect_eq(gyre_signals_wait(&other, gyre_in(MS)), SIGHUP);
    gyre_signals_stop(&other);
    gyre_signals_stop(&set);
}

CLAIM(signals, can_be_waited_for_among_others)
{
    struct gyre_event never = {0};

    start();
    for (int i = 0; i < 2; i++) {
        struct gyre_case cases[] = {gyre_case_event(&never),
                                    gyre_case_signal(&set)};

        raise(SIGUSR2);
        if (i == 1)
            cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
        cr_expect_eq(gyre_select(cases, 2, gyre_in(GYRE_SECOND)), 1);
        cr_expect_eq(cases[1].result, SIGUSR2);
    }
    cr_expect_eq(gyre_signals_wait(&set, GYRE_NOW), -ETIMEDOUT);
    gyre_signals_stop(&set);
}

/* ---- nothing is left ---- */

CLAIM(signals, leave_no_handler_behind)
{
    start();
    cr_expect_neq(handler_of(SIGHUP), SIG_DFL);
    gyre_signals_stop(&set);
    gyre_signals_stop(&set);
    cr_expect_eq(handler_of(SIGHUP), SIG_DFL);
    cr_expect_eq(handler_of(SIGUSR2), SIG_DFL);
    cr_expect_eq(gyre_signals_wait(&set, GYRE_FOREVER), -EBADF);
}

/* libuv/libuv#2398: who waited when it was closed waited for ever. */
CLAIM(signals, that_are_stopped_send_home_who_waits)
{
    struct gyre_scope s;
    struct gyre_future done[2];

    start();
    gyre_scope_open_tolerant(&s, GYRE_FOREVER);
    gyre_spawn(&s, &done[0], wait_once, "a");
    gyre_spawn(&s, &done[1], wait_once, "b");
    cr_expect_eq(gyre_yield(), 0);
    gyre_signals_stop(&set);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(gyre_future_result(&done[0]), -EBADF);
    cr_expect_eq(gyre_future_result(&done[1]), -EBADF);
    expect_notes("!!");
}

CLAIM(signals, are_caught_all_or_none)
{
    caught[0] = (struct gyre_caught){.number = SIGHUP};
    caught[1] = (struct gyre_caught){.number = SIGKILL};
    set = (struct gyre_signals){.caught = caught, .n = 2};
    cr_expect_eq(gyre_signals_start(&set, gyre_loop_current()), -EINVAL);
    cr_expect_eq(handler_of(SIGHUP), SIG_DFL);
    caught[1].number = SIGUSR2;
    cr_expect_eq(gyre_signals_start(&set, gyre_loop_current()), 0);
    cr_expect_eq(gyre_signals_start(&set, gyre_loop_current()), -EBUSY);
    gyre_signals_stop(&set);
}

static intptr_t wait_for_none(void *arg)
{
    (void)arg;
    start();
    return gyre_signals_wait(&set, GYRE_FOREVER) == SIGHUP ? 0 : -EINVAL;
}

static void send(struct gyre_timer *t)
{
    (void)t;
    raise(SIGHUP);
}

/* Whoever waits for a signal is not deadlocked: a shell may send it yet. */
CLAIM(signals, keep_the_loop_alive_while_started)
{
    struct gyre_loop *l = gyre_loop_current();
    struct gyre_timer t = {.fire = send, .background = true};
    struct gyre_scope s;

    gyre_timer_start(l, &t, gyre_in(GYRE_SECOND));
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, wait_for_none, NULL);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    gyre_signals_stop(&set);
}

/* ---- deadlocks ---- */

static intptr_t wait_in_vain(void *arg)
{
    (void)arg;
    cr_expect_eq(gyre_signals_wait(&set, GYRE_FOREVER), -ECANCELED);
    return -ECANCELED;
}

static intptr_t be_stuck_beside(void *arg)
{
    struct gyre_event never = {0};
    struct gyre_scope s;
    int err;

    (void)arg;
    caught[0] = (struct gyre_caught){.number = SIGHUP};
    set = (struct gyre_signals){.caught = caught, .n = 1, .background = true};
    cr_expect_eq(gyre_signals_start(&set, gyre_loop_current()), 0);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, wait_in_vain, NULL);
    err = gyre_event_wait(&never, GYRE_FOREVER);
    err = (int)gyre_scope_close(&s, err);
    gyre_signals_stop(&set);
    return err;
}

Test(signals, in_the_background_hide_no_deadlock)
{
    hear_begin();
    cr_expect_eq(gyre_run(be_stuck_beside, NULL), -EDEADLK);
    hear_end();
}
