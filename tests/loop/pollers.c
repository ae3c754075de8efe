/*
 * pollers.c - pollers to hold against their contract, and what to watch.
 */
#include "tests/loop/pollers.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loop/sim.h"

/* Only with the kqueue poller can this header be found. */
#if __has_include(<sys/event.h>)

const struct poller_kind poller_kinds[] = {
    {"kqueue", gyre_poller_new},
};

#else

#include "loop/poller_epoll.h"

static int make_with_timerfd(struct gyre_poller **out)
{
    return gyre_poller_epoll_new(out, true);
}

const struct poller_kind poller_kinds[] = {
    {"epoll", gyre_poller_new},
    {"epoll with a timerfd", make_with_timerfd},
};

#endif

const size_t n_poller_kinds = sizeof poller_kinds / sizeof *poller_kinds;

int count_open(void)
{
    int n = 0;

    for (int fd = 0; fd < 1000; fd++)
        n += fcntl(fd, F_GETFD) != -1;
    return n;
}

static void hold(const struct poller_kind *kind,
                 void (*claim)(struct gyre_poller *p))
{
    int before = count_open();
    struct gyre_poller *p;

    cr_log_info("on %s\n", kind->name);
    cr_assert_eq(kind->make(&p), 0);
    claim(p);
    p->ops->free(p);
    cr_expect_eq(count_open(), before, "on %s: descriptors left open",
                 kind->name);
}

void each_poller(void (*claim)(struct gyre_poller *p))
{
    for (size_t i = 0; i < n_poller_kinds; i++)
        hold(&poller_kinds[i], claim);
}

static int make_simulation(struct gyre_poller **out)
{
    struct gyre_sim *sim;
    int err = gyre_sim_new(&sim);

    if (err == 0)
        *out = gyre_sim_poller(sim);
    return err;
}

void each_poller_and_simulation(void (*claim)(struct gyre_poller *p))
{
    static const struct poller_kind simulation = {"sim", make_simulation};

    each_poller(claim);
    hold(&simulation, claim);
}

static void do_not_block(int pair[2])
{
    for (int i = 0; i < 2; i++)
        cr_assert_neq(fcntl(pair[i], F_SETFL, O_NONBLOCK), -1);
}

void open_pipe(int pair[2])
{
    cr_assert_eq(pipe(pair), 0);
    do_not_block(pair);
}

void open_unix(int pair[2])
{
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    do_not_block(pair);
}

void open_tcp(int pair[2])
{
    struct sockaddr_in a = {.sin_family = AF_INET};
    socklen_t size = sizeof a;
    int listener = socket(AF_INET, SOCK_STREAM, 0);

    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    cr_assert_eq(bind(listener, (struct sockaddr *)&a, size), 0);
    cr_assert_eq(listen(listener, 1), 0);
    cr_assert_eq(getsockname(listener, (struct sockaddr *)&a, &size), 0);
    pair[1] = socket(AF_INET, SOCK_STREAM, 0);
    cr_assert_eq(connect(pair[1], (struct sockaddr *)&a, size), 0);
    pair[0] = accept(listener, NULL, NULL);
    cr_assert_geq(pair[0], 0);
    close(listener);
    do_not_block(pair);
}

const struct pair_kind pair_kinds[] = {
    {"pipe", open_pipe},
    {"Unix sockets", open_unix},
    {"TCP", open_tcp},
};
const size_t n_pair_kinds = sizeof pair_kinds / sizeof *pair_kinds;

void close_end(int *fd)
{
    if (*fd >= 0)
        cr_assert_eq(close(*fd), 0);
    *fd = -1;
}

void close_pair(int pair[2])
{
    close_end(&pair[0]);
    close_end(&pair[1]);
}

void each_pair(struct gyre_poller *p,
               void (*claim)(struct gyre_poller *p, int pair[2]))
{
    for (size_t i = 0; i < n_pair_kinds; i++) {
        int pair[2];

        cr_log_info("with %s\n", pair_kinds[i].name);
        pair_kinds[i].open(pair);
        claim(p, pair);
        close_pair(pair);
    }
}

void watch(struct gyre_poller *p, int fd, unsigned events)
{
    cr_assert_eq(p->ops->set(p, fd, (uint64_t)fd, 0, events), 0);
}

void unwatch(struct gyre_poller *p, int fd, unsigned events)
{
    cr_assert_eq(p->ops->set(p, fd, (uint64_t)fd, events, 0), 0);
}

/* Wait until `until`, once; what was told of `fd`, and of nothing else. */
static unsigned wait_once(struct gyre_poller *p, int fd, gyre_time until)
{
    struct gyre_poll_event ev[8];
    int n = p->ops->wait(p, ev, 8, until);

    cr_assert_geq(n, 0, "%s", strerror(-n));
    if (n == 0)
        return 0;
    cr_assert_eq(n, 1, "one event a descriptor");
    cr_assert_eq(ev[0].tag, (uint64_t)fd);
    cr_assert_neq(ev[0].events, 0);
    return ev[0].events;
}

unsigned told(struct gyre_poller *p, int fd)
{
    return wait_once(p, fd, GYRE_NOW);
}

unsigned await_told(struct gyre_poller *p, int fd, unsigned events)
{
    gyre_time until = p->ops->now(p) + 20 * GYRE_SECOND;
    unsigned seen = 0;

    while ((seen & events) != events) {
        cr_assert_lt(p->ops->now(p), until, "told %u, but not %u", seen,
                     events & ~seen);
        seen |= wait_once(p, fd, until);
    }
    return seen;
}

gyre_time far_off(struct gyre_poller *p)
{
    return p->ops->now(p) + 20 * GYRE_SECOND;
}

bool waited_until(struct gyre_poller *p, gyre_time until)
{
    struct gyre_poll_event ev;

    cr_assert_eq(p->ops->wait(p, &ev, 1, until), 0);
    return p->ops->now(p) >= until;
}

void put(int fd, const char *bytes)
{
    cr_assert_eq(write(fd, bytes, strlen(bytes)), (ssize_t)strlen(bytes));
}

/* Read until the end or until it would block. */
size_t drain(int fd)
{
    static char buf[65536];
    size_t sum = 0;
    ssize_t n;

    while ((n = read(fd, buf, sizeof buf)) > 0)
        sum += (size_t)n;
    cr_assert(n == 0 || errno == EAGAIN);
    return sum;
}

/* Write until it would block. */
void fill(int fd)
{
    static const char buf[65536];

    while (write(fd, buf, sizeof buf) > 0)
        continue;
    cr_assert_eq(errno, EAGAIN);
}
