/*
 * test_listen.c - the claims of tcp.h about listening with options, and on all
 * addresses of a name.
 */
#include <errno.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loop/loop.h"
#include "task/scope.h"
#include "task/task.h"
#include "io/tcp.h"
#include "tests/io/loopback.h"
#include "tests/support/faults.h"
#include "tests/support/network.h"

#define MS   GYRE_MILLISECOND
#define SOON gyre_in(20 * GYRE_SECOND)

static struct gyre_listener *listener, *second;

static struct gyre_addr at(const char *host, int port)
{
    struct gyre_addr a;

    cr_expect_eq(gyre_addr_parse(&a, host, port), 0);
    return a;
}

static int listen_at(const char *host, int port,
                     const struct gyre_listen_options *o,
                     struct gyre_listener **out)
{
    struct gyre_addr a = at(host, port);

    return gyre_tcp_listen_at(gyre_loop_current(), &a, o, out);
}

static int port_of(const struct gyre_listener *l)
{
    struct gyre_addr a;

    cr_expect_eq(gyre_listener_addr(l, &a), 0);
    return gyre_addr_port(&a);
}

static void expect_connected(struct gyre_listener *l, const char *host)
{
    struct gyre_stream *one, *other;

    cr_expect_eq(gyre_tcp_connect(host, port_of(l), &one, SOON), 0);
    cr_expect_eq(gyre_accept(l, &other, SOON), 0);
    gyre_close(one);
    gyre_close(other);
}

CLAIM_ON_LOOPBACK(listen, is_at_an_address)
{
    cr_expect_eq(listen_at("127.0.0.1", 0, NULL, &listener), 0);
    expect_connected(listener, "127.0.0.1");
    gyre_listener_close(listener);
}

CLAIM_ON_LOOPBACK(listen, is_for_both_families_if_it_is_dual)
{
    struct gyre_listen_options dual = {.dual = true};
    struct gyre_stream *s;

    cr_expect_eq(listen_at("::", 0, &dual, &listener), 0);
    expect_connected(listener, "::1");
    expect_connected(listener, "127.0.0.1");
    gyre_listener_close(listener);
    cr_expect_eq(listen_at("::", 0, NULL, &listener), 0);
    cr_expect_eq(gyre_tcp_connect("127.0.0.1", port_of(listener), &s, SOON),
                 -ECONNREFUSED);
    gyre_listener_close(listener);
}

/* How many connect at once before the system says no more. */
static int queue_length(const struct gyre_listen_options *o)
{
    struct gyre_stream *s[16];
    struct gyre_addr a;
    int n = 0;

    cr_expect_eq(listen_at("127.0.0.1", 0, o, &listener), 0);
    cr_expect_eq(gyre_listener_addr(listener, &a), 0);
    while (n < 16 && gyre_tcp_connect_to(&a, &s[n], gyre_in(50 * MS)) == 0)
        n++;
    for (int i = 0; i < n; i++)
        gyre_close(s[i]);
    gyre_listener_close(listener);
    return n;
}

CLAIM_ON_LOOPBACK(listen, has_as_many_wait_as_was_said)
{
    struct gyre_listen_options few = {.backlog = 2};

    cr_expect_eq(queue_length(NULL), 16);
    cr_expect_leq(queue_length(&few), 4);
}

/* Guards against waiting for a minute to start a server anew, as connections of
   the last linger at its port. */
CLAIM_ON_LOOPBACK(listen, takes_a_port_whose_connections_linger)
{
    struct gyre_stream *one, *other;
    int port;

    cr_expect_eq(listen_at("127.0.0.1", 0, NULL, &listener), 0);
    port = port_of(listener);
    cr_expect_eq(gyre_tcp_connect("127.0.0.1", port, &one, SOON), 0);
    cr_expect_eq(gyre_accept(listener, &other, SOON), 0);
    gyre_listener_close(listener);
    gyre_close(other);
    cr_expect_eq(listen_at("127.0.0.1", port, NULL, &listener), 0);
    gyre_close(one);
    gyre_listener_close(listener);
}

/* Guards against a server that looks balanced and is not. */
CLAIM_ON_LOOPBACK(listen, is_balanced_or_says_that_it_is_not)
{
    struct gyre_listen_options balance = {.balance = true};
    struct gyre_stream *s[64], *got;
    int port, err = listen_at("127.0.0.1", 0, &balance, &listener), n = 0;

    if (err == -ENOTSUP)
        return;
    cr_expect_eq(err, 0);
    port = port_of(listener);
    cr_expect_eq(listen_at("127.0.0.1", port, NULL, &second), -EADDRINUSE);
    cr_expect_eq(listen_at("127.0.0.1", port, &balance, &second), 0);
    for (int i = 0; i < 64; i++)
        cr_expect_eq(gyre_tcp_connect("127.0.0.1", port, &s[i], SOON), 0);
    for (; gyre_accept(listener, &got, GYRE_NOW) == 0; n++)
        gyre_close(got);
    cr_expect(n > 4 && n < 60, "%d of 64", n);
    for (; gyre_accept(second, &got, GYRE_NOW) == 0; n++)
        gyre_close(got);
    cr_expect_eq(n, 64);
    for (int i = 0; i < 64; i++)
        gyre_close(s[i]);
    gyre_listener_close(listener);
    gyre_listener_close(second);
}

/* ---- what there is no listening at ---- */

CLAIM_ON_LOOPBACK(listen, is_at_an_address_of_v6_that_nobody_has_else)
{
    cr_expect_eq(listen_at("::1", 0, NULL, &listener), 0);
    cr_expect_eq(listen_at("::1", port_of(listener), NULL, &second),
                 -EADDRINUSE);
    cr_expect_eq(listen_at("127.0.0.1", port_of(listener), NULL, &second), 0);
    gyre_listener_close(second);
    gyre_listener_close(listener);
}

CLAIM_ON_LOOPBACK(listen, is_at_no_address_of_v6_that_is_elsewhere)
{
    cr_expect_eq(listen_at("2001:db8::1", 0, NULL, &listener), -EADDRNOTAVAIL);
}

CLAIM_ON_LOOPBACK(listen, is_at_no_address_of_a_family_there_is_not)
{
    struct gyre_addr none = at("127.0.0.1", 0);

    none.is.any.sa_family = 255;
    cr_expect_eq(
        gyre_tcp_listen_at(gyre_loop_current(), &none, NULL, &listener),
        -EAFNOSUPPORT);
}

/* ---- all addresses of a name ---- */

static const char *hosts[2];

static int know_hosts(const char *host, struct addrinfo **out)
{
    static struct gyre_addr a[2];
    static struct addrinfo answer[2];

    (void)host;
    for (int i = 0; i < 2; i++) {
        a[i] = at(hosts[i], 0);
        answer[i] = (struct addrinfo){.ai_family = a[i].is.any.sa_family,
                                      .ai_addr = &a[i].is.any,
                                      .ai_addrlen = a[i].length,
                                      .ai_next = i == 0 ? &answer[1] : NULL};
    }
    *out = answer;
    return 0;
}

static void name_is(const char *first, const char *other)
{
    hosts[0] = first;
    hosts[1] = other;
    network_look_up = know_hosts;
}

CLAIM_ON_LOOPBACK(listen, may_be_on_all_addresses_of_a_name)
{
    struct gyre_listener *all[3];

    name_is("127.0.0.1", "::1");
    cr_expect_eq(gyre_tcp_listen_all("a.name", 0, NULL, all, 3, SOON), 2);
    cr_expect_eq(port_of(all[0]), port_of(all[1]));
    expect_connected(all[0], "127.0.0.1");
    expect_connected(all[1], "::1");
    gyre_listener_close(all[0]);
    gyre_listener_close(all[1]);
    cr_expect_eq(gyre_tcp_listen_all("a.name", 0, NULL, all, 1, SOON), 1);
    gyre_listener_close(all[0]);
    cr_expect_eq(gyre_tcp_listen_all(NULL, 0, NULL, all, 3, SOON), 1);
    expect_connected(all[0], "127.0.0.1");
    expect_connected(all[0], "::1");
    gyre_listener_close(all[0]);
}

/* Guards against a name that has an address twice, as files of hosts may say,
   and a server that is in its own way. */
CLAIM_ON_LOOPBACK(listen, is_once_on_an_address_that_a_name_has_twice)
{
    struct gyre_listener *all[2];

    name_is("127.0.0.1", "127.0.0.1");
    cr_expect_eq(gyre_tcp_listen_all("a.name", 0, NULL, all, 2, SOON), 1);
    gyre_listener_close(all[0]);
}

/* Guards against a server that does not start where there is no IPv6, for
   localhost is ::1 as well: as asyncio's leaves such an address out. */
CLAIM_ON_LOOPBACK(listen, leaves_out_addresses_that_are_not_here)
{
    struct gyre_listener *all[2];

    for (int room = 1; room <= 2; room++) {
        name_is("192.0.2.1", "127.0.0.1");
        cr_expect_eq(gyre_tcp_listen_all("a.name", 0, NULL, all, room, SOON),
                     1);
        expect_connected(all[0], "127.0.0.1");
        gyre_listener_close(all[0]);
    }
    name_is("127.0.0.1", "192.0.2.1");
    cr_expect_eq(gyre_tcp_listen_all("a.name", 0, NULL, all, 2, SOON), 1);
    gyre_listener_close(all[0]);
    name_is("2001:db8::1", "192.0.2.1");
    cr_expect_eq(gyre_tcp_listen_all("a.name", 0, NULL, all, 2, SOON),
                 -EADDRNOTAVAIL);
}

CLAIM_ON_LOOPBACK(listen, is_on_none_if_another_has_one_of_them)
{
    struct gyre_listener *all[2], *other, *first;
    int port;

    cr_expect_eq(listen_at("::1", 0, NULL, &other), 0);
    port = port_of(other);
    name_is("127.0.0.1", "::1");
    cr_expect_eq(gyre_tcp_listen_all("a.name", port, NULL, all, 2, SOON),
                 -EADDRINUSE);
    cr_expect_eq(listen_at("127.0.0.1", port, NULL, &first), 0);
    gyre_listener_close(first);
    gyre_listener_close(other);
}

/* Several listeners are one server by a scope. */
static intptr_t answer(struct gyre_stream *s, void *arg)
{
    (void)arg;
    return gyre_write(s, "!", 1, SOON);
}

static intptr_t serve(void *l)
{
    return gyre_tcp_serve(l, answer, NULL, GYRE_FOREVER);
}

CLAIM_ON_LOOPBACK(listen, on_several_addresses_is_one_server_by_a_scope)
{
    struct gyre_listener *all[2];
    struct gyre_scope s;
    struct gyre_stream *one;
    char byte;

    name_is("127.0.0.1", "::1");
    cr_expect_eq(gyre_tcp_listen_all("a.name", 0, NULL, all, 2, SOON), 2);
    gyre_scope_open(&s, GYRE_FOREVER);
    for (int i = 0; i < 2; i++)
        gyre_spawn(&s, NULL, serve, all[i]);
    for (int i = 0; i < 2; i++) {
        cr_expect_eq(gyre_tcp_connect(hosts[i], port_of(all[i]), &one, SOON),
                     0);
        cr_expect_eq(gyre_read(one, &byte, 1, SOON), 1);
        gyre_close(one);
    }
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    for (int i = 0; i < 2; i++)
        gyre_listener_close(all[i]);
}

static int listen_on_all(void)
{
    struct gyre_listener *all[2];
    int n = gyre_tcp_listen_all("127.0.0.1", 0, NULL, all, 2, SOON);

    if (n < 0)
        return n;
    while (n > 0)
        gyre_listener_close(all[--n]);
    return 0;
}

CLAIM_ON_LOOPBACK(listen, leaves_nothing_when_it_fails)
{
    cr_expect_gt(faults_in_memory(listen_on_all), 0);
    cr_expect_gt(faults_in_descriptors(listen_on_all), 0);
}
