/*
 * test_listener.c - the claims of tcp.h about listening and accepting.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loop/loop.h"
#include "task/scope.h"
#include "task/task.h"
#include "io/tcp.h"
#include "tests/io/loopback.h"
#include "tests/io/pairs.h"
#include "tests/task/world.h"

#define MS GYRE_MILLISECOND

static struct gyre_listener *listener;
static int port;
static char order[32];
static int accepted;

static intptr_t accept_one(void *name)
{
    struct gyre_stream *s;
    int err = gyre_accept(listener, &s, GYRE_FOREVER);

    order[accepted++] = err == 0 ? *(char *)name : err == -EBADF ? '!' : '?';
    if (err == 0)
        gyre_close(s);
    return 0;
}

static void connect_once(void)
{
    struct gyre_stream *s;

    cr_expect_eq(gyre_tcp_connect("127.0.0.1", port, &s, GYRE_FOREVER), 0);
    gyre_close(s);
}

CLAIM_ON_LOOPBACK(listener, lets_several_tasks_accept_in_turn)
{
    static char names[] = "abc";
    struct gyre_scope s;

    listener = listen_anywhere(&port);
    gyre_scope_open(&s, GYRE_FOREVER);
    for (int i = 0; i < 3; i++)
        gyre_spawn(&s, NULL, accept_one, &names[i]);
    cr_expect_eq(gyre_yield(), 0);
    for (int i = 0; i < 3; i++) {
        connect_once();
        wait_until(accepted > i);
    }
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_str_eq(order, "abc");
    gyre_listener_close(listener);
}

CLAIM_ON_LOOPBACK(listener, wakes_all_for_connections_that_come_at_once)
{
    static char names[] = "xxxxx";
    struct gyre_scope s;

    listener = listen_anywhere(&port);
    gyre_scope_open(&s, gyre_in(20 * GYRE_SECOND));
    for (int i = 0; i < 5; i++)
        gyre_spawn(&s, NULL, accept_one, &names[i]);
    cr_expect_eq(gyre_yield(), 0);
    for (int i = 0; i < 5; i++)
        connect_once();
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_str_eq(order, "xxxxx");
    gyre_listener_close(listener);
}

CLAIM_ON_LOOPBACK(listener, sends_home_who_accepts_when_it_is_closed)
{
    static char names[] = "ab";
    struct gyre_scope s;

    listener = listen_anywhere(&port);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, accept_one, &names[0]);
    gyre_spawn(&s, NULL, accept_one, &names[1]);
    let_all_settle();
    gyre_listener_close(listener);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_str_eq(order, "!!");
}

/* ---- one after the other ---- */

/* What becomes of the connections that are handed over, in order. */
struct taker {
    const int *errs;
    int calls;
};

static int take(struct gyre_stream *s, void *arg)
{
    struct taker *t = arg;

    gyre_close(s);
    return t->errs[t->calls++];
}

CLAIM_ON_LOOPBACK(listener, hands_over_each_until_one_fails_for_good)
{
    static const int errs[] = {0, -ENOMEM, 0, -EPERM};
    struct taker t = {.errs = errs};

    listener = listen_anywhere(&port);
    for (int i = 0; i < 4; i++)
        connect_once();
    cr_expect_eq(gyre_accept_each(listener, take, &t, GYRE_FOREVER), -EPERM);
    cr_expect_eq(t.calls, 4);
    cr_expect_eq(gyre_accept_each(listener, take, &t, GYRE_NOW), -ETIMEDOUT);
    gyre_listener_close(listener);
}

static int close_listener(struct gyre_stream *s, void *arg)
{
    gyre_close(s);
    gyre_listener_close(listener);
    return *(int *)arg;
}

CLAIM_ON_LOOPBACK(listener, may_be_closed_by_who_is_handed_a_connection)
{
    static int results[] = {0, -ENOMEM, -EPERM};

    for (int i = 0; i < 3; i++) {
        listener = listen_anywhere(&port);
        connect_once();
        cr_expect_eq(gyre_accept_each(listener, close_listener, &results[i],
                                      GYRE_FOREVER),
                     -EBADF);
    }
}

/* ---- cancelled, and a connection comes ---- */

static struct gyre_scope *accepting;
static int client;

static void connect_client(void)
{
    if (client < 0)
        client = connect_to_port(port);
}

static void cancel_accepting(void)
{
    gyre_scope_cancel(accepting);
}

/* A task accepts; it is woken by `first`, and before it runs `then` happens.
   How many it accepted. */
static int accept_amid(void (*first)(void), void (*then)(void))
{
    static char name[] = "a";
    struct gyre_scope s;

    accepted = 0;
    accepting = &s;
    client = -1;
    gyre_scope_open(&s, SOON);
    gyre_spawn(&s, NULL, accept_one, name);
    cr_expect_eq(gyre_yield(), 0);
    upon_waking(first, then);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(accepted, 1);
    close(client);
    return order[0] == name[0];
}

CLAIM_ON_LOOPBACK(listener,
                  keeps_a_connection_that_a_cancelled_task_did_not_take)
{
    struct gyre_stream *s;

    listener = listen_anywhere(&port);
    cr_expect_eq(accept_amid(cancel_accepting, connect_client), 0);
    cr_expect_eq(gyre_accept(listener, &s, SOON), 0);
    gyre_close(s);
    gyre_listener_close(listener);
}

CLAIM_ON_LOOPBACK(listener, gives_a_connection_to_who_was_woken_for_it)
{
    struct gyre_stream *s;

    listener = listen_anywhere(&port);
    cr_expect_eq(accept_amid(connect_client, cancel_accepting), 1);
    cr_expect_eq(gyre_accept(listener, &s, GYRE_NOW), -ETIMEDOUT);
    gyre_listener_close(listener);
}

CLAIM_ON_LOOPBACK(listener, says_what_it_cannot_listen_on)
{
    struct gyre_listener *second;

    listener = listen_anywhere(&port);
    cr_expect_eq(gyre_tcp_listen("127.0.0.1", port, &second, GYRE_NOW),
                 -EADDRINUSE);
    cr_expect_eq(gyre_tcp_listen("192.0.2.1", 0, &second, GYRE_NOW),
                 -EADDRNOTAVAIL);
    gyre_listener_close(listener);
    gyre_listener_close(NULL);
}

CLAIM_ON_LOOPBACK(listener, listens_on_ipv6_too)
{
    struct gyre_addr a;

    cr_expect_eq(gyre_tcp_listen("::1", 0, &listener, GYRE_NOW), 0);
    cr_expect_eq(gyre_listener_addr(listener, &a), 0);
    cr_expect_eq(gyre_tcp_connect_to(&a, &ours, GYRE_FOREVER), 0);
    cr_expect_eq(gyre_accept(listener, &theirs, GYRE_FOREVER), 0);
    close_pair();
    gyre_listener_close(listener);
}

static int try_to_connect(const char *host)
{
    struct gyre_stream *s;
    int err = gyre_tcp_connect(host, port, &s, GYRE_FOREVER);

    if (err == 0)
        gyre_close(s);
    return err;
}

CLAIM_ON_LOOPBACK(listener, listens_at_every_address_of_one_family_or_of_both)
{
    static const struct {
        const char *host;
        int v4, v6;
    } cases[] = {
        {NULL, 0, 0},
        {"", 0, 0},
        {"0.0.0.0", 0, -ECONNREFUSED},
        {"::", -ECONNREFUSED, 0},
        {"::1", -ECONNREFUSED, 0},
    };
    struct gyre_addr a;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cr_expect_eq(gyre_tcp_listen(cases[i].host, 0, &listener, GYRE_NOW), 0);
        cr_expect_eq(gyre_listener_addr(listener, &a), 0);
        port = gyre_addr_port(&a);
        cr_expect_eq(try_to_connect("127.0.0.1"), cases[i].v4, "case %zu", i);
        cr_expect_eq(try_to_connect("::1"), cases[i].v6, "case %zu", i);
        gyre_listener_close(listener);
    }
}

CLAIM_ON_LOOPBACK(listener, takes_over_a_socket_that_listens)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct gyre_addr a;

    gyre_addr_parse(&a, "127.0.0.1", 0);
    cr_expect_eq(bind(fd, &a.is.any, a.length), 0);
    cr_expect_eq(listen(fd, 5), 0);
    cr_expect_eq(gyre_listener_adopt(gyre_loop_current(), fd, &listener), 0);
    cr_expect_eq(gyre_listener_addr(listener, &a), 0);
    port = gyre_addr_port(&a);
    static char name[] = "a";
    struct gyre_scope s;
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, accept_one, name);
    connect_once();
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    gyre_listener_close(listener);
}

/* To accept from what does not listen fails each time, with what may as well be
   a connection's fault. */
CLAIM_ON_LOOPBACK(listener, takes_over_nothing_else)
{
    int fds[] = {socket(AF_INET, SOCK_STREAM, 0),
                 socket(AF_INET, SOCK_DGRAM, 0)};

    for (int i = 0; i < 2; i++) {
        cr_expect_eq(
            gyre_listener_adopt(gyre_loop_current(), fds[i], &listener),
            -EINVAL, "case %d", i);
        cr_expect_eq(close(fds[i]), 0, "it is the caller's still");
    }
    cr_expect_eq(gyre_listener_adopt(gyre_loop_current(), fds[0], &listener),
                 -EBADF);
}

/* ---- out of descriptors ---- */

CLAIM_ON_LOOPBACK(listener, does_not_spin_without_descriptors_and_recovers)
{
    struct gyre_stream *s;
    int clients[4];
    uint64_t began;

    listener = listen_anywhere(&port);
    for (int i = 0; i < 4; i++)
        clients[i] = connect_to_port(port);
    use_up_descriptors();
    began = gyre_loop_stats(gyre_loop_current()).polls;
    cr_expect_eq(gyre_accept(listener, &s, gyre_in(20 * MS)), -ETIMEDOUT);
    cr_expect_lt(gyre_loop_stats(gyre_loop_current()).polls - began, 20);
    give_back_descriptors();

    /* Those that were turned away know; a new one is taken. */
    close(clients[3]);
    clients[3] = connect_to_port(port);
    cr_expect_eq(gyre_accept(listener, &s, gyre_in(10 * GYRE_SECOND)), 0);
    gyre_close(s);
    for (int i = 0; i < 4; i++)
        close(clients[i]);
    gyre_listener_close(listener);
}
