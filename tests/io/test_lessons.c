/*
 * test_lessons.c - what goes wrong with sockets, and what is said of it.
 *
 * One claim for each way in which connecting, listening, reading and writing
 * are known to fail, over real sockets.
 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loop/loop.h"
#include "task/scope.h"
#include "task/task.h"
#include "io/connecting.h"
#include "io/datagram.h"
#include "io/tcp.h"
#include "io/tcp_options.h"
#include "tests/io/loopback.h"
#include "tests/support/faults.h"
#include "tests/support/network.h"
#include "tests/task/world.h"

#define MS   GYRE_MILLISECOND
#define SOON gyre_in(20 * GYRE_SECOND)

static struct gyre_stream *ours, *theirs;
static struct gyre_listener *listener;
static int port;

static struct gyre_addr at(const char *host, int number)
{
    struct gyre_addr a;

    cr_expect_eq(gyre_addr_parse(&a, host, number), 0);
    return a;
}

static void close_pair(void)
{
    gyre_close(ours);
    gyre_close(theirs);
    ours = theirs = NULL;
}

/* A port that nobody listens on. */
static int free_port(void)
{
    int number;

    gyre_listener_close(listen_anywhere(&number));
    return number;
}

/* ---- connecting ---- */

CLAIM_ON_LOOPBACK(io_lessons, connecting_is_refused_where_nobody_listens)
{
    struct gyre_addr nobody[2];
    int kept = keep_port(&port);

    nobody[0] = at("127.0.0.1", port);
    nobody[1] = at("::1", port);
    cr_expect_eq(gyre_tcp_connect_to(&nobody[0], &ours, SOON), -ECONNREFUSED);
    cr_expect_eq(gyre_tcp_connect_to(&nobody[1], &ours, SOON), -ECONNREFUSED);
    cr_expect_eq(gyre_tcp_connect_any(nobody, 2, NULL, &ours, SOON),
                 -ECONNREFUSED);
    close(kept);
}

/* A queue that is full answers nobody. */
static void expect_no_answer(const char *host)
{
    struct gyre_listen_options one = {.backlog = 1};
    struct gyre_addr a = at(host, 0), twice[2];
    struct gyre_stream *s[8];
    int n = 0, err = 0;

    cr_expect_eq(gyre_tcp_listen_at(gyre_loop_current(), &a, &one, &listener),
                 0);
    cr_expect_eq(gyre_listener_addr(listener, &a), 0);
    while (n < 8 && err == 0) {
        err = gyre_tcp_connect_to(&a, &s[n], gyre_in(30 * MS));
        n += err == 0;
    }
    cr_expect_eq(err, -ETIMEDOUT);
    twice[0] = twice[1] = a;
    cr_expect_eq(gyre_tcp_connect_any(twice, 2, NULL, &ours, gyre_in(30 * MS)),
                 -ETIMEDOUT);
    cr_expect_eq(gyre_tcp_connect_any(twice, 2, NULL, &ours, GYRE_NOW),
                 -ETIMEDOUT);
    while (n > 0)
        gyre_close(s[--n]);
    gyre_listener_close(listener);
}

CLAIM_ON_LOOPBACK(io_lessons, connecting_ends_in_time_where_nobody_answers)
{
    expect_no_answer("127.0.0.9");
}

CLAIM_ON_LOOPBACK(io_lessons, connecting_by_v6_ends_in_time_as_well)
{
    expect_no_answer("::1");
}

/* No address in particular is this machine, or none at all. */
CLAIM_ON_LOOPBACK(io_lessons, connecting_to_every_address_is_to_this_machine)
{
    static const char *const every[] = {"0.0.0.0", "::"};

    for (int i = 0; i < 2; i++) {
        struct gyre_addr a = at(every[i], 0);
        int err;

        cr_expect_eq(
            gyre_tcp_listen_at(gyre_loop_current(), &a, NULL, &listener), 0);
        cr_expect_eq(gyre_listener_addr(listener, &a), 0);
        err = gyre_tcp_connect_to(&a, &ours, SOON);
        if (err == 0) {
            cr_expect_eq(gyre_accept(listener, &theirs, SOON), 0);
            close_pair();
        }
        cr_expect(err == 0 || err == -ECONNREFUSED || err == -EADDRNOTAVAIL,
                  "%d", err);
        gyre_listener_close(listener);
    }
}

/* Guards against waiting for an answer from a network that nobody has named. */
CLAIM_ON_LOOPBACK(io_lessons, connecting_to_a_link_needs_its_name)
{
    struct gyre_addr a = at("fe80::1", 9);
    int err = gyre_tcp_connect_to(&a, &ours, SOON);

    cr_expect_lt(err, 0);
    cr_expect_neq(err, -ETIMEDOUT);
}

CLAIM_ON_LOOPBACK(io_lessons, connecting_to_what_is_no_address_fails_at_once)
{
    struct gyre_addr none = at("127.0.0.1", 9);

    none.is.any.sa_family = 255;
    cr_expect_eq(gyre_tcp_connect_to(&none, &ours, SOON), -EAFNOSUPPORT);
    cr_expect_eq(gyre_tcp_connect_any(&none, 1, NULL, &ours, SOON),
                 -EAFNOSUPPORT);
}

static int outcome;

static void remember(struct gyre_connecting *c, struct gyre_stream *s, int err)
{
    (void)c;
    cr_expect_null(s);
    outcome = err;
}

/* Guards against a client that waits for a server at a port which the system
   may choose for the client itself: it then talks to itself, for ever. */
CLAIM_ON_LOOPBACK(io_lessons, connecting_to_itself_by_chance_is_refused)
{
    struct gyre_connecting c = {.connected = remember};
    struct gyre_addr from = at("127.0.0.1", 0), to;
    struct gyre_connect_options o = {.from = &from};

    listener = listen_anywhere(&port);
    to = at("127.0.0.1", port);
    network_is_itself = true;
    cr_expect_eq(gyre_tcp_connect_to(&to, &ours, SOON), -ECONNREFUSED);
    cr_expect_eq(gyre_tcp_connect_any(&to, 1, &o, &ours, SOON), -ECONNREFUSED);
    cr_expect_eq(gyre_connecting_start(&c, gyre_loop_current(), &to), 0);
    wait_until(!gyre_connecting_started(&c));
    cr_expect_eq(outcome, -ECONNREFUSED);
    gyre_listener_close(listener);
}

/* But who has got the same number at another host is not he. */
CLAIM_ON_LOOPBACK(io_lessons, connecting_to_an_equal_port_elsewhere_is_possible)
{
    struct gyre_addr from = at("127.0.0.1", 0), to;
    struct gyre_connect_options o = {.from = &from};
    int err = gyre_tcp_listen("127.0.0.2", 0, &listener, SOON);

    if (err == -EADDRNOTAVAIL) /* not on every system */
        return;
    cr_assert_eq(err, 0);
    cr_expect_eq(gyre_listener_addr(listener, &to), 0);
    network_ports_agree = true;
    cr_expect_eq(gyre_tcp_connect_any(&to, 1, &o, &ours, SOON), 0);
    network_ports_agree = false;
    gyre_close(ours);
    gyre_listener_close(listener);
}

/* But who asks for it has it. */
CLAIM_ON_LOOPBACK(io_lessons, connecting_from_an_address_to_itself_is_possible)
{
    struct gyre_addr a = at("127.0.0.1", free_port()), peer;
    struct gyre_connect_options from_there = {.from = &a};
    char buf[4];
    int err = gyre_tcp_connect_any(&a, 1, &from_there, &ours, SOON);

    if (err != 0) { /* not on every system */
        cr_expect(err == -ECONNREFUSED || err == -EADDRINUSE, "%d", err);
        return;
    }
    cr_expect_eq(gyre_stream_peer(ours, &peer), 0);
    cr_expect_eq(gyre_addr_port(&peer), gyre_addr_port(&a));
    cr_expect_eq(gyre_write(ours, "self", 4, SOON), 0);
    cr_expect_eq(gyre_read_exact(ours, buf, 4, SOON), 0);
    cr_expect_eq(memcmp(buf, "self", 4), 0);
    gyre_close(ours);
}

CLAIM_ON_LOOPBACK(io_lessons, connecting_is_from_where_it_is_said)
{
    struct gyre_addr from = at("127.0.0.7", 0), wrong = at("192.0.2.1", 0);
    struct gyre_connect_options o = {.from = &from};
    struct gyre_addr to[2], got;
    char text[GYRE_ADDR_TEXT];

    listener = listen_anywhere(&port);
    to[0] = at("::1", port);
    to[1] = at("127.0.0.1", port);
    cr_expect_eq(gyre_tcp_connect_any(to, 2, &o, &ours, SOON), 0);
    cr_expect_eq(gyre_accept(listener, &theirs, SOON), 0);
    cr_expect_eq(gyre_stream_peer(theirs, &got), 0);
    gyre_addr_set_port(&got, 1);
    cr_expect_str_eq(gyre_addr_format(&got, text, sizeof text), "127.0.0.7:1");
    close_pair();
    cr_expect_eq(gyre_tcp_connect_any(to, 1, &o, &ours, SOON), -EAFNOSUPPORT);
    o.from = &wrong;
    cr_expect_eq(gyre_tcp_connect_any(&to[1], 1, &o, &ours, SOON),
                 -EADDRNOTAVAIL);
    gyre_listener_close(listener);
}

static struct gyre_stream *connected;
static bool told_of_it;

static void tell(struct gyre_connecting *c, struct gyre_stream *s, int err)
{
    (void)c;
    cr_expect_eq(err, 0);
    connected = s;
    told_of_it = true;
}

CLAIM_ON_LOOPBACK(io_lessons, connecting_from_an_address_is_for_callbacks_too)
{
    struct gyre_addr from = at("127.0.0.7", 0), to, got;
    struct gyre_connecting c = {.connected = tell, .from = &from};
    char text[GYRE_ADDR_TEXT];

    listener = listen_anywhere(&port);
    to = at("127.0.0.1", port);
    cr_expect_eq(gyre_connecting_start(&c, gyre_loop_current(), &to), 0);
    cr_expect_eq(gyre_accept(listener, &theirs, SOON), 0);
    wait_until(told_of_it);
    cr_expect_eq(gyre_stream_local(connected, &got), 0);
    gyre_addr_set_port(&got, 1);
    cr_expect_str_eq(gyre_addr_format(&got, text, sizeof text), "127.0.0.7:1");
    gyre_close(connected);
    gyre_close(theirs);
    gyre_listener_close(listener);
}

static intptr_t connect_for_ever(void *to)
{
    struct gyre_addr twice[2];

    twice[0] = twice[1] = *(struct gyre_addr *)to;
    cr_expect_eq(gyre_tcp_connect_any(twice, 2, NULL, &ours, GYRE_FOREVER),
                 -ECANCELED);
    return -ECANCELED;
}

/* Guards against descriptors of attempts that were under way. */
CLAIM_ON_LOOPBACK(io_lessons, connecting_that_is_cancelled_closes_what_it_began)
{
    struct gyre_listen_options one = {.backlog = 1};
    struct gyre_addr a = at("127.0.0.1", 0);
    struct gyre_stream *s[8];
    struct gyre_scope scope;
    int n = 0, before;

    cr_expect_eq(gyre_tcp_listen_at(gyre_loop_current(), &a, &one, &listener),
                 0);
    cr_expect_eq(gyre_listener_addr(listener, &a), 0);
    while (n < 8 && gyre_tcp_connect_to(&a, &s[n], gyre_in(30 * MS)) == 0)
        n++;
    before = faults_descriptors();
    gyre_scope_open(&scope, GYRE_FOREVER);
    gyre_spawn(&scope, NULL, connect_for_ever, &a);
    let_all_settle();
    cr_expect_eq(faults_descriptors(), before + 1);
    gyre_scope_cancel(&scope);
    cr_expect_eq(gyre_scope_close(&scope, 0), 0);
    cr_expect_eq(faults_descriptors(), before);
    while (n > 0)
        gyre_close(s[--n]);
    gyre_listener_close(listener);
}

/* ---- addresses ---- */

CLAIM_ON_LOOPBACK(io_lessons, an_address_is_had_by_one_at_a_time)
{
    struct gyre_loop *l = gyre_loop_current();
    struct gyre_addr a;
    struct gyre_listener *second;
    struct gyre_connect_options from = {.from = &a};

    listener = listen_anywhere(&port);
    a = at("127.0.0.1", port);
    cr_expect_eq(gyre_tcp_listen_at(l, &a, NULL, &second), -EADDRINUSE);
    cr_expect_eq(gyre_tcp_connect_any(&a, 1, &from, &ours, SOON), -EADDRINUSE);
    gyre_listener_close(listener);
    cr_expect_eq(gyre_tcp_listen_at(l, &a, NULL, &listener), 0);
    gyre_listener_close(listener);
}

CLAIM_ON_LOOPBACK(io_lessons,
                  both_ends_know_both_addresses_until_they_are_reset)
{
    struct gyre_addr a, b;
    char one[GYRE_ADDR_TEXT], other[GYRE_ADDR_TEXT], byte;

    connect_pair(&ours, &theirs);
    cr_expect_eq(gyre_stream_local(ours, &a), 0);
    cr_expect_eq(gyre_stream_peer(theirs, &b), 0);
    cr_expect_str_eq(gyre_addr_format(&a, one, sizeof one),
                     gyre_addr_format(&b, other, sizeof other));
    cr_expect_eq(gyre_tcp_reset_on_close(theirs), 0);
    gyre_close(theirs);
    cr_expect_eq(gyre_read(ours, &byte, 1, SOON), -ECONNRESET);
    cr_expect_eq(gyre_stream_peer(ours, &b), -ENOTCONN);
    cr_expect_eq(gyre_stream_local(ours, &b), 0);
    gyre_close(ours);
}

/* ---- halves ---- */

CLAIM_ON_LOOPBACK(io_lessons, writing_after_an_end_is_EPIPE)
{
    char byte;

    connect_pair(&ours, &theirs);
    cr_expect_eq(gyre_shutdown(ours, SOON), 0);
    cr_expect_eq(gyre_shutdown(ours, SOON), 0);
    cr_expect_eq(gyre_write(ours, "x", 1, SOON), -EPIPE);
    cr_expect_eq(gyre_read(theirs, &byte, 1, SOON), 0);
    cr_expect_eq(gyre_read(theirs, &byte, 1, SOON), 0, "and so it stays");
    cr_expect_eq(gyre_write(theirs, "y", 1, SOON), 0);
    cr_expect_eq(gyre_read(ours, &byte, 1, SOON), 1);
    close_pair();
}

CLAIM_ON_LOOPBACK(io_lessons,
                  reading_after_a_reset_is_told_once_and_then_an_end)
{
    char byte;

    connect_pair(&ours, &theirs);
    cr_expect_eq(gyre_tcp_reset_on_close(theirs), 0);
    gyre_close(theirs);
    theirs = NULL;
    cr_expect_eq(gyre_read(ours, &byte, 1, SOON), -ECONNRESET);
    cr_expect_eq(gyre_read(ours, &byte, 1, SOON), 0);
    cr_expect_eq(gyre_write(ours, "x", 1, SOON), -EPIPE);
    cr_expect_eq(gyre_shutdown(ours, SOON), -ENOTCONN);
    close_pair();
}

/* A descriptor is not ours alone: who closes it behind our back is told of, and
   nothing is written to whatever has its number by then. */
CLAIM_ON_LOOPBACK(io_lessons, a_descriptor_closed_behind_our_back_is_an_error)
{
    char byte;
    int fd;

    connect_pair(&ours, &theirs);
    fd = gyre_stream_descriptor(ours);
    close(fd);
    cr_expect_eq(gyre_write(ours, "x", 1, SOON), -EBADF);
    cr_expect_eq(gyre_read(ours, &byte, 1, SOON), -EBADF);
    cr_expect_eq(dup2(gyre_stream_descriptor(theirs), fd), fd);
    close_pair();
}

/* A peer that is gone without a word is not noticed: what is written is taken,
   and nothing is read. */
CLAIM_ON_LOOPBACK(io_lessons, half_open_is_not_noticed_before_something_is_said)
{
    char byte;

    connect_pair(&ours, &theirs);
    gyre_close(theirs);
    theirs = NULL;
    cr_expect_eq(gyre_read(ours, &byte, 1, SOON), 0);
    cr_expect_eq(gyre_write(ours, "x", 1, SOON), 0);
    wait_until(gyre_write(ours, "x", 1, SOON) != 0);
    cr_expect_eq(gyre_write(ours, "x", 1, SOON), -EPIPE);
    close_pair();
}
