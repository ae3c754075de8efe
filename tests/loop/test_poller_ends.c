/*
 * test_poller_ends.c - what a poller tells of peers that leave, and how.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loop/poller.h"
#include "tests/loop/pollers.h"

static void half_close(struct gyre_poller *p, int pair[2], unsigned mode)
{
    unsigned asked = GYRE_READ | GYRE_HANGUP | mode;

    watch(p, pair[0], asked);
    put(pair[1], "last");
    cr_assert_eq(shutdown(pair[1], SHUT_WR), 0);
    cr_expect_eq(await_told(p, pair[0], GYRE_READ | GYRE_HANGUP),
                 GYRE_READ | GYRE_HANGUP);
    cr_expect_eq(drain(pair[0]), 4);
    if (mode == GYRE_EDGE)
        cr_expect_eq(told(p, pair[0]), 0);
    else
        cr_expect_eq(told(p, pair[0]), GYRE_READ | GYRE_HANGUP);
    unwatch(p, pair[0], asked);
}

CLAIM(poller_ends, tells_the_end_of_one_half_with_the_last_bytes)
{
    static void (*const open[])(int pair[2]) = {open_unix, open_tcp};
    static const unsigned modes[] = {0, GYRE_EDGE};

    for (int i = 0; i < 4; i++) {
        int pair[2];

        open[i / 2](pair);
        half_close(p, pair, modes[i % 2]);
        close_pair(pair);
    }
}

static void gone_writer(struct gyre_poller *p, int pair[2])
{
    watch(p, pair[0], GYRE_READ);
    put(pair[1], "last");
    close_end(&pair[1]);
    cr_expect(await_told(p, pair[0], GYRE_READ | GYRE_HANGUP) & GYRE_READ);
    cr_expect_eq(drain(pair[0]), 4);
    cr_expect(told(p, pair[0]) & GYRE_READ, "the end can be read");
    unwatch(p, pair[0], GYRE_READ);
}

CLAIM(poller_ends, wakes_a_reader_whose_peer_is_gone)
{
    static void (*const open[])(int pair[2]) = {open_pipe, open_unix};

    for (int i = 0; i < 2; i++) {
        int pair[2];

        open[i](pair);
        gone_writer(p, pair);
        close_pair(pair);
    }
}

static void gone_reader(struct gyre_poller *p, int pair[2])
{
    fill(pair[1]);
    watch(p, pair[1], GYRE_WRITE);
    cr_expect_eq(told(p, pair[1]), 0);
    close_end(&pair[0]);
    cr_expect(await_told(p, pair[1], GYRE_WRITE) & (GYRE_HANGUP | GYRE_ERROR));
    unwatch(p, pair[1], GYRE_WRITE);
}

CLAIM(poller_ends, wakes_a_writer_whose_peer_is_gone)
{
    each_pair(p, gone_reader);
}

CLAIM(poller_ends, lets_a_writer_whose_peer_was_gone_before_try)
{
    unsigned both = GYRE_READ | GYRE_WRITE;
    int pair[2], err;

    open_pipe(pair);
    close_end(&pair[0]);
    err = p->ops->set(p, pair[1], (uint64_t)pair[1], 0, both);
    cr_assert(err == 0 || err == -EPERM, "or else nobody would ever wake it");
    if (err == 0)
        cr_expect(told(p, pair[1]) & GYRE_WRITE);
    else
        cr_expect_eq(told(p, pair[1]), 0, "half of it is still watched");
    close_pair(pair);
}

static void reset(int *fd)
{
    struct linger now = {.l_onoff = 1};

    cr_assert_eq(setsockopt(*fd, SOL_SOCKET, SO_LINGER, &now, sizeof now), 0);
    close_end(fd);
}

CLAIM(poller_ends, tells_reader_and_writer_of_a_reset)
{
    unsigned both = GYRE_READ | GYRE_WRITE;
    unsigned asked[] = {GYRE_READ, GYRE_WRITE, both | GYRE_EDGE};

    for (int i = 0; i < 3; i++) {
        int pair[2];

        open_tcp(pair);
        fill(pair[0]);
        watch(p, pair[0], asked[i]);
        cr_expect_eq(told(p, pair[0]), 0);
        reset(&pair[1]);
        await_told(p, pair[0], (asked[i] & both) | GYRE_ERROR);
        cr_expect_eq(read(pair[0], &(char){0}, 1), -1);
        cr_expect_eq(errno, ECONNRESET);
        unwatch(p, pair[0], asked[i]);
        close_pair(pair);
    }
}

CLAIM(poller_ends, tells_of_a_hangup_without_being_asked_for_bytes)
{
    int pair[2];

    open_tcp(pair);
    watch(p, pair[0], GYRE_HANGUP);
    put(pair[1], "x");
    cr_expect_eq(told(p, pair[0]) & ~GYRE_READ, 0);
    for (int i = 0; i < 3; i++)
        cr_expect_eq(told(p, pair[0]), 0, "it would go on for ever");
    cr_assert_eq(shutdown(pair[1], SHUT_WR), 0);
    await_told(p, pair[0], GYRE_HANGUP);
    unwatch(p, pair[0], GYRE_HANGUP);
    close_pair(pair);
}

CLAIM(poller_ends, tells_of_a_hangup_whatever_was_asked_for)
{
    static const unsigned asked[] = {GYRE_READ, GYRE_WRITE, GYRE_HANGUP,
                                     GYRE_PRIORITY};

    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        int pair[2], err;

        open_unix(pair);
        err = p->ops->set(p, pair[0], (uint64_t)pair[0], 0, asked[i]);
        cr_assert(err == 0 || (err == -ENOTSUP && asked[i] == GYRE_PRIORITY));
        close_end(&pair[1]);
        if (err == 0) {
            cr_expect_eq(await_told(p, pair[0], GYRE_HANGUP) & GYRE_ERROR, 0);
            unwatch(p, pair[0], asked[i]);
        }
        close_pair(pair);
    }
}

/* That there is room may be told again, when the peer has the end. */
CLAIM(poller_ends, does_not_tell_our_own_half_close_as_the_peers)
{
    unsigned asked = GYRE_READ | GYRE_WRITE | GYRE_HANGUP | GYRE_EDGE;
    int pair[2];

    open_tcp(pair);
    watch(p, pair[0], asked);
    cr_assert_eq(shutdown(pair[0], SHUT_WR), 0);
    cr_expect_eq(await_told(p, pair[0], GYRE_WRITE), GYRE_WRITE);
    cr_expect_eq(told(p, pair[0]) & ~(unsigned)GYRE_WRITE, 0);
    unwatch(p, pair[0], asked);
    close_pair(pair);
}

CLAIM(poller_ends, tells_of_a_refused_connection)
{
    struct sockaddr_in a = {.sin_family = AF_INET};
    socklen_t size = sizeof a;
    int deaf = socket(AF_INET, SOCK_STREAM, 0);
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    cr_assert_eq(bind(deaf, (struct sockaddr *)&a, size), 0);
    cr_assert_eq(getsockname(deaf, (struct sockaddr *)&a, &size), 0);
    cr_assert_neq(fcntl(fd, F_SETFL, O_NONBLOCK), -1);
    cr_assert_eq(connect(fd, (struct sockaddr *)&a, size), -1);
    watch(p, fd, GYRE_WRITE);
    await_told(p, fd, GYRE_WRITE | GYRE_ERROR);
    unwatch(p, fd, GYRE_WRITE);
    close(fd);
    close(deaf);
}

CLAIM(poller_ends, tells_of_urgent_bytes)
{
    int pair[2];
    int err;

    open_tcp(pair);
    err = p->ops->set(p, pair[0], (uint64_t)pair[0], 0, GYRE_PRIORITY);
    cr_assert(err == 0 || err == -ENOTSUP);
    if (err == 0) {
        put(pair[1], "x");
        cr_expect_eq(told(p, pair[0]), 0);
        cr_assert_eq(send(pair[1], "!", 1, MSG_OOB), 1);
        cr_expect_eq(await_told(p, pair[0], GYRE_PRIORITY), GYRE_PRIORITY);
        unwatch(p, pair[0], GYRE_PRIORITY);
    }
    close_pair(pair);
}
