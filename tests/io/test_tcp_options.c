/*
 * test_tcp_options.c - the claims of tcp.h about options.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loop/watch.h"
#include "task/scope.h"
#include "task/task.h"
#include "io/memory.h"
#include "io/tcp.h"
#include "io/tcp_options.h"
#include "io/unix.h"
#include "tests/io/loopback.h"
#include "tests/task/world.h"

#define SOON gyre_in(20 * GYRE_SECOND)

#ifndef TCP_KEEPIDLE
#define TCP_KEEPIDLE TCP_KEEPALIVE
#endif

static struct gyre_stream *ours, *theirs;

static void close_pair(void)
{
    gyre_close(ours);
    gyre_close(theirs);
}

static int option_of(struct gyre_stream *s, int level, int name)
{
    int value = -1;

    getsockopt(gyre_stream_descriptor(s), level, name, &value,
               &(socklen_t){sizeof value});
    return value;
}

CLAIM_ON_LOOPBACK(tcp_options, send_small_writes_at_once_unless_told_otherwise)
{
    connect_pair(&ours, &theirs);
    cr_expect_neq(option_of(ours, IPPROTO_TCP, TCP_NODELAY), 0);
    cr_expect_neq(option_of(theirs, IPPROTO_TCP, TCP_NODELAY), 0);
    cr_expect_eq(gyre_tcp_set_nodelay(ours, false), 0);
    cr_expect_eq(option_of(ours, IPPROTO_TCP, TCP_NODELAY), 0);
    cr_expect_eq(gyre_tcp_set_nodelay(ours, true), 0);
    cr_expect_neq(option_of(ours, IPPROTO_TCP, TCP_NODELAY), 0);
    close_pair();
}

CLAIM_ON_LOOPBACK(tcp_options, ask_whether_the_peer_is_there)
{
    connect_pair(&ours, &theirs);
    cr_expect_eq(option_of(ours, SOL_SOCKET, SO_KEEPALIVE), 0);
    cr_expect_eq(gyre_tcp_set_keepalive(ours, 1500 * GYRE_MILLISECOND,
                                        3 * GYRE_SECOND, 4),
                 0);
    cr_expect_neq(option_of(ours, SOL_SOCKET, SO_KEEPALIVE), 0);
    cr_expect_eq(option_of(ours, IPPROTO_TCP, TCP_KEEPIDLE), 2);
    cr_expect_eq(option_of(ours, IPPROTO_TCP, TCP_KEEPINTVL), 3);
    cr_expect_eq(option_of(ours, IPPROTO_TCP, TCP_KEEPCNT), 4);
    cr_expect_eq(gyre_tcp_set_keepalive(ours, GYRE_SECOND, 0, 0), 0);
    cr_expect_eq(option_of(ours, IPPROTO_TCP, TCP_KEEPINTVL), 3);
    cr_expect_eq(gyre_tcp_set_keepalive(ours, 0, 0, 0), 0);
    cr_expect_eq(option_of(ours, SOL_SOCKET, SO_KEEPALIVE), 0);
    close_pair();
}

CLAIM_ON_LOOPBACK(tcp_options, give_up_after_as_long_as_was_said)
{
    int err;

    connect_pair(&ours, &theirs);
    err = gyre_tcp_set_user_timeout(ours, 2 * GYRE_SECOND);
    if (err != -ENOTSUP) {
        cr_expect_eq(err, 0);
#ifdef TCP_USER_TIMEOUT
        cr_expect_eq(option_of(ours, IPPROTO_TCP, TCP_USER_TIMEOUT), 2000);
#endif
        cr_expect_eq(gyre_tcp_set_user_timeout(ours, 0), 0);
    }
    close_pair();
}

CLAIM_ON_LOOPBACK(tcp_options, give_as_much_room_as_was_asked_for)
{
    connect_pair(&ours, &theirs);
    cr_expect_eq(gyre_stream_set_buffers(ours, 30000, 40000), 0);
    cr_expect_geq(option_of(ours, SOL_SOCKET, SO_SNDBUF), 30000);
    cr_expect_geq(option_of(ours, SOL_SOCKET, SO_RCVBUF), 40000);
    close_pair();
}

/* Guards against what is set on something else, or not set and said to be. */
CLAIM_ON_LOOPBACK(tcp_options, are_of_tcp_alone)
{
    struct gyre_stream *ends[2];

    for (int i = 0; i < 2; i++) {
        if (i == 0)
            cr_expect_eq(gyre_unix_pair(gyre_loop_current(), ends), 0);
        else
            cr_expect_eq(gyre_memory_pair(gyre_loop_current(), 0, ends), 0);
        cr_expect_eq(gyre_tcp_set_nodelay(ends[0], true), -ENOTSUP);
        cr_expect_eq(gyre_tcp_set_keepalive(ends[0], GYRE_SECOND, 0, 0),
                     -ENOTSUP);
        cr_expect_eq(gyre_tcp_set_keepalive(ends[0], 0, 0, 0), -ENOTSUP);
        cr_expect_eq(gyre_tcp_set_user_timeout(ends[0], 0), -ENOTSUP);
        cr_expect_eq(gyre_tcp_send_urgent(ends[0], 'x', SOON), -ENOTSUP);
        cr_expect_eq(gyre_stream_set_buffers(ends[0], 9000, 0),
                     i == 0 ? 0 : -ENOTSUP);
        gyre_close(ends[0]);
        gyre_close(ends[1]);
    }
}

CLAIM_ON_LOOPBACK(tcp_options, have_a_cancel_point_where_there_is_no_tcp_too)
{
    struct gyre_stream *ends[2];
    struct gyre_scope s;

    cr_expect_eq(gyre_memory_pair(gyre_loop_current(), 0, ends), 0);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_tcp_send_urgent(ends[0], 'x', SOON), -ECANCELED);
    (void)gyre_scope_close(&s, 0);
    gyre_close(ends[0]);
    gyre_close(ends[1]);
}

CLAIM_ON_LOOPBACK(tcp_options, do_not_hold_back_an_urgent_byte)
{
    struct pollfd p = {.events = POLLPRI};
    int there;
    char byte;

    connect_raw(&ours, &there);
    cr_expect_eq(gyre_write(ours, "before", 6, SOON), 0);
    cr_expect_eq(gyre_tcp_send_urgent(ours, '!', SOON), 0);
    p.fd = there;
    cr_expect_eq(poll(&p, 1, 20000), 1);
    cr_expect(p.revents & POLLPRI);
    cr_expect_eq(recv(there, &byte, 1, MSG_OOB), 1);
    cr_expect_eq(byte, '!');
    close(there);
    gyre_close(ours);
}

static int watched_for;

static void watched(struct gyre_watch *w, unsigned events)
{
    (void)w;
    watched_for |= (int)events;
}

CLAIM_ON_LOOPBACK(tcp_options, let_a_watch_see_an_urgent_byte)
{
    struct gyre_watch w = {.ready = watched};
    struct gyre_loop *l = gyre_loop_current();
    int there;

    connect_raw(&ours, &there);
    cr_expect_eq(gyre_tcp_send_urgent(ours, '!', SOON), 0);
    cr_expect_eq(gyre_watch_start(l, &w, there, GYRE_PRIORITY | GYRE_EDGE), 0);
    wait_until((watched_for & GYRE_PRIORITY));
    cr_expect(watched_for & GYRE_PRIORITY);
    gyre_watch_stop(l, &w);
    close(there);
    gyre_close(ours);
}

static intptr_t write_until_sent_home(void *arg)
{
    static char much[1 << 20];
    int err = 0;

    (void)arg;
    while (err == 0)
        err = gyre_write(ours, much, sizeof much, SOON);
    cr_expect_eq(err, -EBADF);
    return 0;
}

static intptr_t be_urgent(void *arg)
{
    (void)arg;
    cr_expect_eq(gyre_tcp_send_urgent(ours, '!', SOON), -EBADF);
    return 0;
}

CLAIM_ON_LOOPBACK(tcp_options, have_an_urgent_byte_wait_its_turn)
{
    struct gyre_scope s;

    connect_pair(&ours, &theirs);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, write_until_sent_home, NULL);
    let_all_settle();
    cr_expect_eq(gyre_tcp_send_urgent(ours, '!', GYRE_NOW), -ETIMEDOUT);
    gyre_spawn(&s, NULL, be_urgent, NULL);
    let_all_settle();
    gyre_close(ours);
    ours = NULL;
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    close_pair();
}
