/*
 * test_poller_wait.c - what ends a poller's wait: times, wakes, and signals.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>

#include "loop/poller.h"
#include "tests/loop/pollers.h"

/* ---- time ---- */

CLAIM_OF_ALL(poller_wait, has_a_clock_that_never_goes_back)
{
    gyre_time last = 0;

    for (int i = 0; i < 10000; i++) {
        gyre_time t = p->ops->now(p);

        cr_assert_gt(t, 0);
        cr_assert_geq(t, last);
        last = t;
    }
}

CLAIM_OF_ALL(poller_wait, is_never_early)
{
    static const gyre_time spans[] = {1,      999,    50000,   123456,
                                      500000, 999999, 1000001, 5000000};

    for (int round = 0; round < 8; round++) {
        for (size_t i = 0; i < sizeof spans / sizeof *spans; i++)
            cr_expect(waited_until(p, p->ops->now(p) + spans[i]));
    }
}

CLAIM_OF_ALL(poller_wait, returns_at_once_when_the_time_is_past)
{
    cr_expect(waited_until(p, GYRE_NOW));
    cr_expect(waited_until(p, 1));
    cr_expect(waited_until(p, p->ops->now(p)));
    cr_expect(waited_until(p, p->ops->now(p) - GYRE_SECOND));
}

/* Deadlines moved out, moved in, passed unseen, and set twice. */
CLAIM(poller_wait, is_never_early_after_another_deadline)
{
    for (int i = 0; i < 8; i++) {
        gyre_time t = p->ops->now(p);

        p->ops->wake(p);
        cr_expect_not(waited_until(p, t + 20 * GYRE_SECOND));
        cr_expect(waited_until(p, t + GYRE_MILLISECOND));
        cr_expect(waited_until(p, t + GYRE_MILLISECOND));

        t = p->ops->now(p);
        p->ops->wake(p);
        waited_until(p, t + GYRE_MILLISECOND);
        while (p->ops->now(p) < t + GYRE_MILLISECOND)
            continue;
        cr_expect(waited_until(p, t + 3 * GYRE_MILLISECOND));
    }
}

CLAIM_OF_ALL(poller_wait, takes_the_farthest_deadlines)
{
    static const gyre_time far[] = {GYRE_FOREVER, GYRE_FOREVER - 1,
                                    GYRE_FOREVER / 2, INT64_C(1) << 61};

    for (size_t i = 0; i < sizeof far / sizeof *far; i++) {
        p->ops->wake(p);
        cr_expect_not(waited_until(p, far[i]));
    }
}

CLAIM(poller_wait, tells_of_events_before_the_time)
{
    int pair[2];
    struct gyre_poll_event ev;

    open_pipe(pair);
    watch(p, pair[0], GYRE_READ);
    put(pair[1], "x");
    cr_expect_eq(p->ops->wait(p, &ev, 1, GYRE_FOREVER), 1);
    cr_expect_eq(p->ops->wait(p, &ev, 1, far_off(p)), 1);
    unwatch(p, pair[0], GYRE_READ);
    close_pair(pair);
}

/* ---- wakes ---- */

CLAIM_OF_ALL(poller_wait, is_ended_by_a_wake_that_came_before)
{
    for (int i = 0; i < 3; i++) {
        p->ops->wake(p);
        cr_expect_not(waited_until(p, far_off(p)));
    }
}

CLAIM_OF_ALL(poller_wait, is_not_ended_by_wakes_spent)
{
    for (int i = 0; i < 1000; i++)
        p->ops->wake(p);
    cr_expect_not(waited_until(p, far_off(p)));
    cr_expect(waited_until(p, p->ops->now(p) + GYRE_MILLISECOND));
    cr_expect(waited_until(p, p->ops->now(p) + GYRE_MILLISECOND));
}

CLAIM(poller_wait, keeps_a_wake_apart_from_events)
{
    int pair[2];

    open_pipe(pair);
    watch(p, pair[0], GYRE_READ);
    put(pair[1], "x");
    for (int i = 0; i < 3; i++) {
        p->ops->wake(p);
        cr_expect_eq(await_told(p, pair[0], GYRE_READ), GYRE_READ);
    }
    unwatch(p, pair[0], GYRE_READ);
    close_pair(pair);
}

CLAIM_OF_ALL(poller_wait, leaves_errno_to_whoever_wakes)
{
    errno = 4321;
    for (int i = 0; i < 70000; i++) /* more than a pipe takes */
        p->ops->wake(p);
    cr_expect_eq(errno, 4321);
}

enum { TURNS = 2000 };

/* Two threads that take turns; the poller's is woken for each of its own. */
struct game {
    struct gyre_poller *p;
    atomic_int turn; /* even: the waker's; odd: the poller's */
};

static void *wake_in_turn(void *arg)
{
    struct game *g = arg;

    for (int i = 0; i < TURNS; i++) {
        while (atomic_load(&g->turn) != 2 * i)
            sched_yield();
        atomic_store(&g->turn, 2 * i + 1);
        g->p->ops->wake(g->p);
    }
    return NULL;
}

CLAIM_OF_ALL(poller_wait, is_ended_by_another_thread)
{
    struct game g = {.p = p};
    pthread_t thread;

    cr_assert_eq(pthread_create(&thread, NULL, wake_in_turn, &g), 0);
    for (int i = 0; i < TURNS; i++) {
        while (atomic_load(&g.turn) != 2 * i + 1)
            cr_assert_not(waited_until(p, GYRE_FOREVER));
        atomic_store(&g.turn, 2 * i + 2);
    }
    pthread_join(thread, NULL);
}

static struct gyre_poller *to_wake; /* by the handler, or NULL */
static atomic_int caught;

static void wake_in_handler(int number)
{
    (void)number;
    if (to_wake != NULL)
        to_wake->ops->wake(to_wake);
    atomic_fetch_add(&caught, 1);
}

static struct sigaction handle_signals(struct gyre_poller *p)
{
    struct sigaction old, new = {.sa_handler = wake_in_handler};

    to_wake = p;
    sigemptyset(&new.sa_mask);
    cr_assert_eq(sigaction(SIGUSR1, &new, &old), 0);
    return old;
}

CLAIM_OF_ALL(poller_wait, is_ended_from_a_signal_handler)
{
    struct sigaction old = handle_signals(p);

    raise(SIGUSR1);
    cr_expect_not(waited_until(p, far_off(p)));
    sigaction(SIGUSR1, &old, NULL);
}

/* Send signals to a thread until it has had enough. */
struct pest {
    pthread_t victim;
    atomic_bool enough;
};

static void *pester(void *arg)
{
    struct pest *pest = arg;

    while (!atomic_load(&pest->enough)) {
        pthread_kill(pest->victim, SIGUSR1);
        sched_yield();
    }
    return NULL;
}

CLAIM_OF_ALL(poller_wait, is_ended_by_a_signal)
{
    struct sigaction old = handle_signals(NULL);
    struct pest pest = {.victim = pthread_self()};
    pthread_t thread;

    atomic_store(&caught, 0);
    cr_assert_eq(pthread_create(&thread, NULL, pester, &pest), 0);
    waited_until(p, GYRE_FOREVER);
    atomic_store(&pest.enough, true);
    pthread_join(thread, NULL);
    cr_expect_gt(atomic_load(&caught), 0);
    sigaction(SIGUSR1, &old, NULL);
}

static void *wake_after_a_while(void *arg)
{
    struct gyre_poller *p = arg;
    gyre_time until = p->ops->now(p) + 3 * GYRE_MILLISECOND;

    while (p->ops->now(p) < until)
        sched_yield();
    p->ops->wake(p);
    return NULL;
}

CLAIM(poller_wait, for_ever_is_not_ended_by_an_earlier_deadline)
{
    gyre_time start = p->ops->now(p);
    pthread_t thread;

    p->ops->wake(p);
    waited_until(p, start + GYRE_MILLISECOND);
    start = p->ops->now(p);
    cr_assert_eq(pthread_create(&thread, NULL, wake_after_a_while, p), 0);
    waited_until(p, GYRE_FOREVER);
    cr_expect_geq(p->ops->now(p), start + 3 * GYRE_MILLISECOND);
    pthread_join(thread, NULL);
}
