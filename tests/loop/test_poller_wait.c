/*
 * test_poller_wait.c - what ends a poller's wait, and what it costs to make one.
 */
#include "loop/poller.h"
#include "tests/loop/pollers.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

TestSuite(poller_wait, .timeout = 60);

/* A time no test gets to. */
static gyre_time far_off(struct gyre_poller *p)
{
    return p->ops->now(p) + 20 * GYRE_SECOND;
}

/* Wait until `until`, with nothing to tell of; true if that time has come. */
static bool waited_until(struct gyre_poller *p, gyre_time until)
{
    struct gyre_event ev;

    cr_assert_eq(p->ops->wait(p, &ev, 1, until), 0);
    return p->ops->now(p) >= until;
}

/* ---- time ---- */

CLAIM(poller_wait, has_a_clock_that_never_goes_back)
{
    gyre_time last = 0;

    for (int i = 0; i < 10000; i++) {
        gyre_time t = p->ops->now(p);

        cr_assert_gt(t, 0);
        cr_assert_geq(t, last);
        last = t;
    }
}

CLAIM(poller_wait, is_never_early)
{
    static const gyre_time spans[] = {1, 999, 50000, 123456, 500000, 999999,
                                      1000001, 5000000};

    for (int round = 0; round < 8; round++) {
        for (size_t i = 0; i < sizeof spans / sizeof *spans; i++)
            cr_expect(waited_until(p, p->ops->now(p) + spans[i]));
    }
}

CLAIM(poller_wait, returns_at_once_when_the_time_is_past)
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

CLAIM(poller_wait, takes_the_farthest_deadlines)
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
    struct gyre_event ev;

    open_pipe(pair);
    watch(p, pair[0], GYRE_READ);
    put(pair[1], "x");
    cr_expect_eq(p->ops->wait(p, &ev, 1, GYRE_FOREVER), 1);
    cr_expect_eq(p->ops->wait(p, &ev, 1, far_off(p)), 1);
    unwatch(p, pair[0], GYRE_READ);
    close_pair(pair);
}

/* ---- wakes ---- */

CLAIM(poller_wait, is_ended_by_a_wake_that_came_before)
{
    for (int i = 0; i < 3; i++) {
        p->ops->wake(p);
        cr_expect_not(waited_until(p, far_off(p)));
    }
}

CLAIM(poller_wait, is_not_ended_by_wakes_spent)
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

CLAIM(poller_wait, leaves_errno_to_whoever_wakes)
{
    errno = 4321;
    for (int i = 0; i < 70000; i++)     /* more than a pipe takes */
        p->ops->wake(p);
    cr_expect_eq(errno, 4321);
}

enum { TURNS = 2000 };

/* Two threads that take turns; the poller's must be woken for each of its own. */
struct game {
    struct gyre_poller *p;
    atomic_int turn;        /* even: the waker's; odd: the poller's */
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

CLAIM(poller_wait, is_ended_by_another_thread)
{
    struct game g = {.p = p};
    pthread_t thread;

    cr_assert_eq(pthread_create(&thread, NULL, wake_in_turn, &g), 0);
    for (int i = 0; i < TURNS; i++) {
        gyre_time until = far_off(p);

        while (atomic_load(&g.turn) != 2 * i + 1)
            cr_assert_not(waited_until(p, until));
        atomic_store(&g.turn, 2 * i + 2);
    }
    pthread_join(thread, NULL);
}

static struct gyre_poller *to_wake;     /* by the handler, or NULL */
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

CLAIM(poller_wait, is_ended_from_a_signal_handler)
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

CLAIM(poller_wait, is_ended_by_a_signal)
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

/* ---- many events ---- */

enum { CROWD = 300, ROOM = 1000 };

/* Count in `seen` who is told of in one wait for `n` events at most. */
static int take(struct gyre_poller *p, int n, int seen[ROOM])
{
    static struct gyre_event ev[ROOM];
    int got = p->ops->wait(p, ev, n, GYRE_FOREVER);

    cr_assert(got > 0 && got <= n);
    for (int i = 0; i < got; i++) {
        cr_assert_lt(ev[i].tag, ROOM);
        seen[ev[i].tag]++;
    }
    return got;
}

CLAIM(poller_wait, tells_of_everybody_in_turn)
{
    static const int batches[] = {1, 7, 256, ROOM};
    int pair[2], crowd[CROWD];

    open_pipe(pair);
    put(pair[1], "x");
    for (int i = 0; i < CROWD; i++) {
        crowd[i] = dup(pair[0]);
        cr_assert_geq(crowd[i], 0);
        watch(p, crowd[i], GYRE_READ);
    }
    for (size_t b = 0; b < sizeof batches / sizeof *batches; b++) {
        int seen[ROOM] = {0};

        for (int told_of = 0; told_of < 2 * CROWD;)
            told_of += take(p, batches[b], seen);
        for (int i = 0; i < CROWD; i++)
            cr_expect_geq(seen[crowd[i]], 1);
    }
    for (int i = 0; i < CROWD; i++) {
        unwatch(p, crowd[i], GYRE_READ);
        close(crowd[i]);
    }
    close_pair(pair);
}

CLAIM(poller_wait, does_not_lose_a_wake_in_a_crowd)
{
    int pair[2], told_of = 0;
    struct gyre_event ev;

    open_pipe(pair);
    watch(p, pair[0], GYRE_READ);
    put(pair[1], "x");
    p->ops->wake(p);
    for (int i = 0; i < 3; i++)
        told_of += p->ops->wait(p, &ev, 1, GYRE_NOW);
    cr_expect_eq(told_of, 2, "one wait of the three was the wake's");
    unwatch(p, pair[0], GYRE_READ);
    cr_expect(waited_until(p, p->ops->now(p) + GYRE_MILLISECOND), "told once");
    close_pair(pair);
}

/* ---- embedding ---- */

static bool polls_readable(int fd)
{
    struct pollfd f = {.fd = fd, .events = POLLIN};

    return poll(&f, 1, 0) == 1 && (f.revents & POLLIN);
}

CLAIM(poller_wait, has_a_descriptor_that_polls_when_there_is_something_to_tell)
{
    int fd = p->ops->fd(p), pair[2];

    cr_assert_geq(fd, 0);
    cr_expect_eq(p->ops->fd(p), fd);
    open_pipe(pair);
    watch(p, pair[0], GYRE_READ);
    cr_expect_not(polls_readable(fd));
    put(pair[1], "x");
    cr_expect(polls_readable(fd));
    cr_expect_eq(told(p, pair[0]), GYRE_READ);
    cr_expect(polls_readable(fd), "a level stays");
    drain(pair[0]);
    cr_expect_not(polls_readable(fd));
    unwatch(p, pair[0], GYRE_READ);
    for (int i = 0; i < 3; i++) {
        p->ops->wake(p);
        cr_expect(polls_readable(fd));
        waited_until(p, GYRE_NOW);
        cr_expect_not(polls_readable(fd), "a wake is told of once");
    }
    waited_until(p, p->ops->now(p) + GYRE_MILLISECOND);
    cr_expect_not(polls_readable(fd), "a deadline is told of once");
    close_pair(pair);
}

/* A poller within a poller, as somebody else's loop would have it. */
CLAIM(poller_wait, may_be_watched_by_another_poller)
{
    struct gyre_poller *outer;
    int pair[2], fd = p->ops->fd(p);

    cr_assert_eq(gyre_poller_new(&outer), 0);
    open_pipe(pair);
    watch(outer, fd, GYRE_READ);
    watch(p, pair[0], GYRE_READ);
    for (int i = 0; i < 3; i++) {
        cr_expect_eq(told(outer, fd), 0);
        put(pair[1], "x");
        cr_expect_eq(await_told(outer, fd, GYRE_READ), GYRE_READ);
        cr_expect_eq(told(p, pair[0]), GYRE_READ);
        drain(pair[0]);
    }
    if (p->ops->renew != NULL) {
        cr_expect_eq(p->ops->renew(p), 0);
        cr_expect_eq(p->ops->fd(p), fd);
        waited_until(p, GYRE_NOW);
        cr_expect_eq(told(outer, fd), 0);
        watch(p, pair[0], GYRE_READ);
        put(pair[1], "x");
        cr_expect_eq(await_told(outer, fd, GYRE_READ), GYRE_READ);
    }
    unwatch(p, pair[0], GYRE_READ);
    unwatch(outer, fd, GYRE_READ);
    close_pair(pair);
    outer->ops->free(outer);
}

/* ---- running out of descriptors ---- */

Test(poller_wait, no_program_we_start_gets_its_descriptors)
{
    for (size_t i = 0; i < n_poller_kinds; i++) {
        bool open_before[100];
        struct gyre_poller *p;

        for (int fd = 0; fd < 100; fd++)
            open_before[fd] = fcntl(fd, F_GETFD) != -1;
        cr_assert_eq(poller_kinds[i].make(&p), 0);
        cr_assert_geq(p->ops->fd(p), 0);
        for (int fd = 0; fd < 100; fd++) {
            int flags = fcntl(fd, F_GETFD);

            cr_expect(open_before[fd] || flags == -1 || flags & FD_CLOEXEC);
        }
        p->ops->free(p);
    }
}

/* Leave the process `n` descriptors more; the limit to put back. */
static struct rlimit leave_only(int n)
{
    struct rlimit old, new;
    int fd = 0;

    cr_assert_eq(getrlimit(RLIMIT_NOFILE, &old), 0);
    while (fcntl(fd, F_GETFD) != -1 || n-- > 0)
        fd++;
    new = old;
    new.rlim_cur = (rlim_t)fd;
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &new), 0);
    return old;
}

static int make_with(const struct poller_kind *kind, int n,
                     struct gyre_poller **out)
{
    struct rlimit old = leave_only(n);
    int err = kind->make(out);

    setrlimit(RLIMIT_NOFILE, &old);
    return err;
}

Test(poller_wait, making_one_fails_cleanly_for_want_of_descriptors)
{
    for (size_t i = 0; i < n_poller_kinds; i++) {
        int before = count_open(), n = 0, err;
        struct gyre_poller *p = NULL;

        while ((err = make_with(&poller_kinds[i], n, &p)) != 0) {
            cr_assert_eq(err, -EMFILE);
            cr_assert_null(p);
            cr_assert_eq(count_open(), before);
            cr_assert_lt(n++, 9);
        }
        cr_expect_geq(n, 2, "it was made of less than it needs");
        p->ops->free(p);
        cr_expect_eq(count_open(), before);
    }
}

CLAIM(poller_wait, lending_and_renewing_fail_cleanly_for_want_of_descriptors)
{
    int before = count_open(), fd;
    struct rlimit old = leave_only(0);

    fd = p->ops->fd(p);
    cr_expect(fd >= 0 || fd == -EMFILE);
    if (p->ops->renew != NULL)
        cr_expect_eq(p->ops->renew(p), -EMFILE);
    setrlimit(RLIMIT_NOFILE, &old);
    cr_expect_eq(count_open(), before);
    p->ops->wake(p);
    cr_expect_not(waited_until(p, far_off(p)), "it still works");
    cr_expect_geq(p->ops->fd(p), 0);
}
