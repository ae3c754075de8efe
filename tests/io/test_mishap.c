/*
 * test_mishap.c - the claims of mishap.h.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "loop/loop.h"
#include "task/scope.h"
#include "task/sync/event.h"
#include "task/task.h"
#include "io/datagram.h"
#include "io/mishap.h"
#include "io/receiving.h"
#include "io/unix.h"
#include "tests/io/loopback.h"
#include "tests/task/world.h"

#define MS   GYRE_MILLISECOND
#define SOON gyre_in(20 * GYRE_SECOND)

/* Ours, and two at which nobody is: they have another peer. */
static struct gyre_datagrams ours, absent[2];
static struct gyre_addr there[2];

static struct gyre_addr at(const char *host, int port)
{
    struct gyre_addr a;

    cr_expect_eq(gyre_addr_parse(&a, host, port), 0);
    return a;
}

static void open_absent(const char *host)
{
    struct gyre_addr a = at(host, 0), discard = at(host, 9);

    for (int i = 0; i < 2; i++) {
        cr_expect_eq(
            gyre_datagrams_open(&absent[i], gyre_loop_current(), &a, NULL), 0);
        cr_expect_eq(gyre_datagrams_local(&absent[i], &there[i]), 0);
        cr_expect_eq(gyre_datagrams_connect(&absent[i], &discard), 0);
    }
}

static void close_all(void)
{
    gyre_datagrams_close(&ours);
    for (int i = 0; i < 2; i++)
        gyre_datagrams_close(&absent[i]);
}

/* Open all, ours at `host`; false where mishaps are not told. */
static bool open_all(const char *host, const char *host_of_absent, bool dual)
{
    struct gyre_datagram_options o = {.dual = dual};
    struct gyre_addr a = at(host, 0);
    int err;

    open_absent(host_of_absent);
    cr_expect_eq(gyre_datagrams_open(&ours, gyre_loop_current(), &a, &o), 0);
    err = gyre_datagrams_hear_mishaps(&ours);
    if (err == 0)
        return true;
    cr_expect(err == -ENOTSUP || err == -ENOPROTOOPT, "%d", err);
    cr_expect(!gyre_datagrams_mishap(&ours, &(struct gyre_mishap){0}, NULL, 0));
    close_all();
    return false;
}

static bool same(const struct gyre_addr *a, const struct gyre_addr *b)
{
    return a->length == b->length && memcmp(&a->is, &b->is, a->length) == 0;
}

static void send_to(const struct gyre_addr *to, const char *text)
{
    cr_expect_eq(gyre_send(&ours, text, strlen(text), to, SOON), 0);
}

static void expect_error(int err)
{
    char byte;

    cr_expect_eq(gyre_receive(&ours, &byte, 1, NULL, SOON), err);
}

static void expect_nothing(void)
{
    char byte;

    cr_expect_eq(gyre_receive(&ours, &byte, 1, NULL, GYRE_NOW), -ETIMEDOUT);
    cr_expect(!gyre_datagrams_mishap(&ours, &(struct gyre_mishap){0}, NULL, 0));
}

static void expect_mishap(const struct gyre_addr *to, const char *text)
{
    struct gyre_mishap m;
    char sent[64] = "";

    cr_expect(gyre_datagrams_mishap(&ours, &m, sent, sizeof sent));
    cr_expect_eq(m.err, -ECONNREFUSED);
    cr_expect_eq(m.mtu, 0);
    cr_expect(same(&m.to, to));
    cr_expect_eq(m.by.is.any.sa_family, to->is.any.sa_family);
    cr_expect_eq(m.length, strlen(text));
    cr_expect_str_eq(sent, text);
}

/* ---- which it was ---- */

CLAIM_ON_LOOPBACK(mishap, says_which_datagram_it_was_without_a_peer)
{
    static const char *const hosts[] = {"127.0.0.1", "::1"};

    for (int i = 0; i < 2 && open_all(hosts[i], hosts[i], false); i++) {
        send_to(&there[0], "one");
        send_to(&there[1], "two");
        expect_error(-ECONNREFUSED);
        expect_mishap(&there[0], "one");
        expect_mishap(&there[1], "two");
        expect_nothing();
        close_all();
    }
}

/* The error may be kept for one call more than there are mishaps. */
CLAIM_ON_LOOPBACK(mishap, says_so_of_a_peer_too)
{
    ssize_t err;
    char byte;

    if (!open_all("127.0.0.1", "127.0.0.1", false))
        return;
    cr_expect_eq(gyre_datagrams_connect(&ours, &there[0]), 0);
    for (int i = 0; i < 3; i++)
        send_to(NULL, "again");
    expect_error(-ECONNREFUSED);
    for (int i = 0; i < 3; i++)
        expect_mishap(&there[0], "again");
    err = gyre_receive(&ours, &byte, 1, NULL, GYRE_NOW);
    cr_expect(err == -ECONNREFUSED || err == -ETIMEDOUT, "%zd", err);
    expect_nothing();
    close_all();
}

CLAIM_ON_LOOPBACK(mishap, is_told_by_a_socket_for_both_families_of_either)
{
    struct gyre_addr mapped;

    if (!open_all("::", "127.0.0.1", true))
        return;
    mapped = at("::ffff:127.0.0.1", gyre_addr_port(&there[0]));
    send_to(&mapped, "mapped");
    expect_error(-ECONNREFUSED);
    expect_mishap(&mapped, "mapped");
    expect_nothing();
    close_all();
}

CLAIM_ON_LOOPBACK(mishap, brings_back_as_much_as_there_is_room_for)
{
    struct gyre_mishap m;
    char sent[4] = "";

    if (!open_all("127.0.0.1", "127.0.0.1", false))
        return;
    send_to(&there[0], "longer than that");
    expect_error(-ECONNREFUSED);
    cr_expect(gyre_datagrams_mishap(&ours, &m, sent, 3));
    cr_expect_eq(m.length, 3);
    cr_expect_str_eq(sent, "lon");
    send_to(&there[0], "");
    expect_error(-ECONNREFUSED);
    expect_mishap(&there[0], "");
    close_all();
}

/* ---- what it does to others ---- */

/* Guards against a datagram that is not sent since another, to somebody else,
   did not arrive: the system tells whoever makes the next call. */
CLAIM_ON_LOOPBACK(mishap, of_one_keeps_no_other_from_being_sent)
{
    struct gyre_addr a = at("127.0.0.1", 0);
    struct gyre_datagrams hearer;
    char byte;

    if (!open_all("127.0.0.1", "127.0.0.1", false))
        return;
    cr_expect_eq(gyre_datagrams_open(&hearer, gyre_loop_current(), &a, NULL),
                 0);
    cr_expect_eq(gyre_datagrams_local(&hearer, &a), 0);
    for (int i = 0; i < 3; i++) {
        send_to(&there[0], "lost");
        send_to(&a, "x");
        cr_expect_eq(gyre_receive(&hearer, &byte, 1, NULL, SOON), 1);
    }
    expect_error(-ECONNREFUSED);
    for (int i = 0; i < 3; i++)
        expect_mishap(&there[0], "lost");
    gyre_datagrams_close(&hearer);
    close_all();
}

static intptr_t wait_for_error(void *arg)
{
    (void)arg;
    expect_error(-ECONNREFUSED);
    return 0;
}

/* Guards against one of many whose error the system forgets when it sends the
   next, and a receiver that is not woken. */
CLAIM_ON_LOOPBACK(mishap, of_each_of_many_is_told_and_wakes_who_waits)
{
    struct gyre_datagram m[3];
    struct gyre_scope s;

    if (!open_all("127.0.0.1", "127.0.0.1", false))
        return;
    for (int i = 0; i < 3; i++)
        m[i] = (struct gyre_datagram){
            .bytes = "many", .size = 4, .addr = there[i % 2]};
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, wait_for_error, NULL);
    let_all_settle();
    cr_expect_eq(gyre_send_many(&ours, m, 3, SOON), 3);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    for (int i = 0; i < 3; i++)
        expect_mishap(&there[i % 2], "many");
    close_all();
}

/* What was too long was not sent, and he who sent it knows. */
CLAIM_ON_LOOPBACK(mishap, is_not_what_a_sender_was_told)
{
    static char large[65508];

    if (!open_all("127.0.0.1", "127.0.0.1", false))
        return;
    cr_expect_eq(gyre_send(&ours, large, sizeof large, &there[0], SOON),
                 -EMSGSIZE);
    expect_nothing();
    send_to(&there[0], "x");
    cr_expect_eq(gyre_send(&ours, large, sizeof large, &there[0], SOON),
                 -EMSGSIZE);
    expect_error(-ECONNREFUSED);
    expect_mishap(&there[0], "x");
    expect_nothing();
    close_all();
}

/* ---- for callbacks ---- */

static struct gyre_event news;

static void received(struct gyre_receiving *r, ssize_t n,
                     const struct gyre_addr *from)
{
    (void)r;
    cr_expect_eq(n, -ECONNREFUSED);
    cr_expect_null(from);
    expect_mishap(&there[0], "called back");
    gyre_event_set(&news);
}

CLAIM_ON_LOOPBACK(mishap, is_told_to_a_receiving)
{
    struct gyre_receiving r = {.received = received};

    if (!open_all("127.0.0.1", "127.0.0.1", false))
        return;
    cr_expect_eq(gyre_receiving_start(&r, &ours), 0);
    send_to(&there[0], "called back");
    cr_expect_eq(gyre_event_wait(&news, SOON), 0);
    gyre_receiving_stop(&r);
    close_all();
}

/* ---- where there are none ---- */

CLAIM_ON_LOOPBACK(mishap, is_nothing_that_local_or_closed_sockets_have)
{
    struct gyre_mishap m;
    int err;

    cr_expect_eq(gyre_unix_datagrams(&ours, gyre_loop_current(), "", 0), 0);
    cr_expect_eq(gyre_datagrams_hear_mishaps(&ours), -ENOTSUP);
    cr_expect(!gyre_datagrams_mishap(&ours, &m, NULL, 0));
    gyre_datagrams_close(&ours);
    err = gyre_datagrams_hear_mishaps(&ours);
    cr_expect(err == -EBADF || err == -ENOTSUP, "%d", err);
    cr_expect(!gyre_datagrams_mishap(&ours, &m, NULL, 0));
}
