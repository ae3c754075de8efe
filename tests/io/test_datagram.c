/*
 * test_datagram.c - the claims of datagram.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loop/loop.h"
#include "task/scope.h"
#include "task/sync/event.h"
#include "task/task.h"
#include "io/datagram.h"
#include "io/unix.h"
#include "tests/io/datagrams.h"
#include "tests/io/loopback.h"
#include "tests/support/faults.h"
#include "tests/task/world.h"

/* ---- one at a time ---- */

CLAIM_ON_LOOPBACK(datagram, arrives_whole_and_says_from_whom)
{
    for (int i = 0; i < KINDS; i++) {
        kinds[i]();
        send_text("one");
        send_text("two");
        expect_text("one");
        expect_text("two");
        cr_expect_eq(gyre_receive(&ours, NULL, 0, NULL, GYRE_NOW), -ETIMEDOUT);
        close_both();
    }
}

CLAIM_ON_LOOPBACK(datagram, is_waited_for_in_order_of_arrival)
{
    struct gyre_scope s;

    open_both();
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, receive_in_turn, "one");
    gyre_spawn(&s, NULL, receive_in_turn, "two");
    let_all_settle();
    send_text("one");
    send_text("two");
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    close_both();
}

/* Guards against taking an empty datagram for an end, as reads of a stream
   have it. */
CLAIM_ON_LOOPBACK(datagram, may_be_empty)
{
    for (int i = 0; i < KINDS; i++) {
        kinds[i]();
        send_text("");
        send_text("more");
        expect_text("");
        expect_text("more");
        close_both();
    }
}

/* Guards against half a message that looks like a whole one. */
CLAIM_ON_LOOPBACK(datagram, that_does_not_fit_is_cut_and_says_so)
{
    for (int i = 0; i < KINDS; i++) {
        char buf[5] = "";

        kinds[i]();
        send_text("too long");
        send_text("next");
        cr_expect_gt(gyre_receive(&ours, buf, 4, NULL, SOON), 4);
        cr_expect_str_eq(buf, "too ");
        expect_text("next");
        close_both();
    }
}

CLAIM_ON_LOOPBACK(datagram, may_be_as_long_as_the_protocol_has_it_and_no_longer)
{
    enum { LONGEST = 65507 };
    char *sent = calloc(1, LONGEST + 1), *got = calloc(1, LONGEST + 1);

    open_both();
    memset(sent, 'x', LONGEST);
    cr_expect_eq(gyre_send(&theirs, sent, LONGEST, &here, SOON), 0);
    cr_expect_eq(gyre_receive(&ours, got, LONGEST + 1, NULL, SOON), LONGEST);
    cr_expect_eq(memcmp(sent, got, LONGEST), 0);
    cr_expect_eq(gyre_send(&theirs, sent, LONGEST + 1, &here, SOON), -EMSGSIZE);
    send_text("and it goes on");
    expect_text("and it goes on");
    close_both();
    free(sent);
    free(got);
}

CLAIM_ON_LOOPBACK(datagram, needs_somebody_to_go_to)
{
    int err;

    for (int i = 0; i < KINDS; i++) {
        kinds[i]();
        err = gyre_send(&ours, "x", 1, NULL, SOON);
        cr_expect(err == -EDESTADDRREQ || err == -ENOTCONN, "%d", err);
        close_both();
    }
}

static intptr_t receive_until_closed(void *arg)
{
    char byte;

    (void)arg;
    cr_expect_eq(gyre_receive(&ours, &byte, 1, NULL, SOON), -EBADF);
    return 0;
}

CLAIM_ON_LOOPBACK(datagram, receivers_are_sent_home_when_it_is_closed)
{
    struct gyre_scope s;

    open_both();
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, receive_until_closed, NULL);
    gyre_spawn(&s, NULL, receive_until_closed, NULL);
    let_all_settle();
    gyre_datagrams_close(&ours);
    memset(&ours, 0xee, sizeof ours);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    gyre_datagrams_close(&theirs);
    gyre_datagrams_close(&theirs);
    cr_expect_eq(gyre_send(&theirs, "x", 1, &there, GYRE_NOW), -EBADF);
}

CLAIM_ON_LOOPBACK(datagram, calls_are_cancel_points)
{
    struct gyre_datagram m = {.bytes = &m, .size = 1, .addr = {0}};
    struct gyre_scope s;
    char byte;

    open_both();
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_receive(&ours, &byte, 1, NULL, SOON), -ECANCELED);
    cr_expect_eq(gyre_send(&theirs, "x", 1, &here, SOON), -ECANCELED);
    cr_expect_eq(gyre_receive_many(&ours, &m, 1, SOON), -ECANCELED);
    cr_expect_eq(gyre_receive_many(&ours, &m, 0, SOON), -ECANCELED);
    cr_expect_eq(gyre_send_many(&ours, &m, 1, SOON), -ECANCELED);
    cr_expect_eq(gyre_send_many(&ours, &m, 0, SOON), -ECANCELED);
    (void)gyre_scope_close(&s, 0);
    cr_expect_eq(gyre_receive(&ours, &byte, 1, NULL, GYRE_NOW), -ETIMEDOUT);
    close_both();
}

/* ---- a peer ---- */

CLAIM_ON_LOOPBACK(datagram, sockets_that_are_connected_hear_their_peer_alone)
{
    struct gyre_datagrams other;
    struct gyre_addr peer;

    open_both();
    cr_expect_eq(gyre_datagrams_peer(&ours, &peer), -ENOTCONN);
    connect_ours();
    cr_expect_eq(gyre_datagrams_peer(&ours, &peer), 0);
    cr_expect(same(&peer, &there));
    open_one(&other, "127.0.0.1", &peer);
    cr_expect_eq(gyre_send(&other, "no", 2, &here, SOON), 0);
    send_text("yes");
    expect_text("yes");
    cr_expect_eq(gyre_send(&ours, "hello", 5, NULL, SOON), 0);
    gyre_datagrams_close(&other);
    close_both();
}

/* Guards against a port that is lost with the peer, as on Linux if it was the
   system's choice: then nobody could answer, or find us again. */
CLAIM_ON_LOOPBACK(datagram, sockets_keep_their_address_when_disconnected)
{
    static const char *const hosts[] = {"127.0.0.1", "0.0.0.0", "::1", "::"};

    for (int i = 0; i < 4; i++) {
        const char *host = i < 2 ? "127.0.0.1" : "::1";
        struct gyre_addr a;

        open_one(&ours, hosts[i], &here);
        open_one(&theirs, host, &there);
        for (int j = 0; j < 2; j++) {
            connect_ours();
            cr_expect_eq(gyre_datagrams_connect(&ours, NULL), 0);
            cr_expect_eq(gyre_datagrams_local(&ours, &a), 0);
            cr_expect(same(&a, &here));
        }
        here = at(host, gyre_addr_port(&here));
        send_text("found");
        expect_text("found");
        close_both();
    }
}

CLAIM_ON_LOOPBACK(datagram, sockets_may_be_disconnected)
{
    open_both();
    connect_ours();
    cr_expect_eq(gyre_datagrams_connect(&ours, NULL), 0);
    cr_expect_eq(gyre_datagrams_peer(&ours, &(struct gyre_addr){0}), -ENOTCONN);
    cr_expect_neq(gyre_send(&ours, "x", 1, NULL, SOON), 0);
    cr_expect_eq(gyre_send(&ours, "x", 1, &there, SOON), 0);
    connect_ours();
    cr_expect_eq(gyre_send(&ours, "x", 1, NULL, SOON), 0);
    close_both();
}

CLAIM_ON_LOOPBACK(datagram, sockets_of_v6_may_have_a_peer_too)
{
    struct gyre_addr peer;

    open_both_of_v6();
    connect_ours();
    cr_expect_eq(gyre_datagrams_peer(&ours, &peer), 0);
    cr_expect(same(&peer, &there));
    cr_expect_eq(gyre_send(&ours, "hello", 5, NULL, SOON), 0);
    cr_expect_eq(gyre_receive(&theirs, NULL, 0, &peer, SOON) > 0, 1);
    cr_expect(same(&peer, &here));
    send_text("and back");
    expect_text("and back");
    close_both();
}

/* ---- what befalls them ---- */

static intptr_t receive_refusal(void *arg)
{
    char byte;

    (void)arg;
    cr_expect_eq(gyre_receive(&ours, &byte, 1, NULL, SOON), -ECONNREFUSED);
    return 0;
}

CLAIM_ON_LOOPBACK(datagram, that_nobody_took_is_told_of_to_who_receives)
{
    char byte;

    open_both();
    connect_ours();
    turn_away();
    cr_expect_eq(gyre_send(&ours, "x", 1, NULL, SOON), 0);
    receive_refusal(NULL);
    cr_expect_eq(gyre_receive(&ours, &byte, 1, NULL, GYRE_NOW), -ETIMEDOUT);
    close_both();
}

/* Guards against a send that fails because an earlier one did, and was not
   made. */
CLAIM_ON_LOOPBACK(datagram, is_sent_though_the_one_before_was_refused)
{
    struct gyre_scope s;

    open_both();
    connect_ours();
    turn_away();
    for (int i = 0; i < 3; i++)
        cr_expect_eq(gyre_send(&ours, "x", 1, NULL, SOON), 0);
    turn_back();
    cr_expect_eq(gyre_send(&ours, "heard", 5, NULL, SOON), 0);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, receive_refusal, NULL);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    send_text("an answer");
    expect_text("an answer");
    cr_expect_gt(gyre_receive(&theirs, &(char){0}, 1, NULL, SOON), 1);
    close_both();
}

/* Guards against a receiver that sleeps on, as the news went to a sender: no
   event tells of what has been told already. */
CLAIM_ON_LOOPBACK(datagram,
                  that_nobody_took_wakes_who_waits_though_a_sender_was_told)
{
    struct gyre_scope s;

    open_both();
    connect_ours();
    turn_away();
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, receive_refusal, NULL);
    let_all_settle();
    cr_expect_eq(gyre_send(&ours, "x", 1, NULL, SOON), 0);
    turn_back();
    cr_expect_eq(gyre_send(&ours, "x", 1, NULL, SOON), 0);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    close_both();
}

CLAIM_ON_LOOPBACK(datagram, to_who_is_not_there_is_lost_without_a_word)
{
    open_both();
    turn_away();
    for (int i = 0; i < 3; i++)
        cr_expect_eq(gyre_send(&ours, "x", 1, &there, SOON), 0);
    cr_expect_eq(gyre_receive(&ours, NULL, 0, NULL, GYRE_NOW), -ETIMEDOUT);
    close_both();
}

CLAIM_ON_LOOPBACK(datagram,
                  to_a_local_socket_that_is_closed_is_refused_to_the_sender)
{
    open_both_locally();
    connect_ours();
    gyre_datagrams_close(&theirs);
    cr_expect_eq(gyre_send(&ours, "x", 1, NULL, SOON), -ECONNREFUSED);
    cr_expect_eq(gyre_send(&ours, "x", 1, &there, SOON), -ENOENT);
    cr_expect_eq(gyre_receive(&ours, NULL, 0, NULL, GYRE_NOW), -ETIMEDOUT);
    close_both();
}

/* ---- without room ---- */

static int sent;

static intptr_t send_a_thousand(void *arg)
{
    (void)arg;
    for (sent = 0; sent < 1000; sent++)
        cr_expect_eq(gyre_send(&ours, "x", 1, NULL, SOON), 0);
    return 0;
}

CLAIM_ON_LOOPBACK(datagram, senders_wait_for_room_at_a_local_peer)
{
    struct gyre_scope s;
    char byte;
    int got = 0;

    open_both_locally();
    connect_ours();
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, send_a_thousand, NULL);
    let_all_settle();
    cr_expect_lt(sent, 1000);
    while (got < 1000 && gyre_receive(&theirs, &byte, 1, NULL, SOON) == 1)
        got++;
    cr_expect_eq(got, 1000);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    close_both();
}

/* Guards against a wait that nothing ends: a poller does not tell of room at
   who is no peer. */
CLAIM_ON_LOOPBACK(datagram,
                  to_a_local_socket_without_room_fails_unless_it_is_the_peer)
{
    int err;

    open_both_locally();
    while ((err = gyre_send(&theirs, "x", 1, &here, SOON)) == 0)
        ;
    cr_expect_eq(err, -ENOBUFS);
    close_both();
}

/* The same of who has a peer: it is his room that the poller tells of. */
CLAIM_ON_LOOPBACK(datagram, to_another_than_the_peer_fails_without_room_too)
{
    struct gyre_datagram m = {.bytes = "x", .size = 1};
    struct gyre_datagrams other;
    int err;

    open_both_locally();
    open_local(&other, "other", &m.addr);
    connect_ours();
    while ((err = gyre_send(&ours, "x", 1, &m.addr, SOON)) == 0)
        ;
    cr_expect_eq(err, -ENOBUFS);
    cr_expect_eq(gyre_send_many(&ours, &m, 1, SOON), -ENOBUFS);
    cr_expect_eq(gyre_send(&ours, "x", 1, NULL, SOON), 0);
    gyre_datagrams_close(&other);
    close_both();
}

static intptr_t send_to_the_next(void *arg)
{
    (void)arg;
    cr_expect_eq(gyre_send(&ours, "x", 1, NULL, SOON), 0);
    return 0;
}

/* Guards against a sender who goes on waiting for room at who is the peer no
   more. */
CLAIM_ON_LOOPBACK(datagram, senders_go_to_the_next_peer_if_there_is_one)
{
    struct gyre_datagrams other;
    struct gyre_addr a;
    struct gyre_scope s;

    open_both_locally();
    open_local(&other, "other", &a);
    connect_ours();
    while (gyre_send(&ours, "x", 1, NULL, GYRE_NOW) == 0)
        ;
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, send_to_the_next, NULL);
    let_all_settle();
    cr_expect_eq(gyre_datagrams_connect(&ours, &a), 0);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    gyre_datagrams_close(&other);
    close_both();
}

static struct gyre_event writable;

static void tell_writable(struct gyre_job *j)
{
    (void)j;
    gyre_event_set(&writable);
}

CLAIM_ON_LOOPBACK(datagram, tells_a_job_when_one_may_be_sent)
{
    struct gyre_job j = {.run = tell_writable};
    char byte;
    int err;

    open_both_locally();
    connect_ours();
    while ((err = gyre_send(&ours, "x", 1, NULL, GYRE_NOW)) == 0)
        ;
    cr_expect_eq(err, -ETIMEDOUT);
    cr_expect_eq(gyre_datagrams_when_sendable(&ours, &j), 0);
    cr_expect_eq(gyre_datagrams_when_sendable(&ours, &j), -EBUSY);
    while (gyre_receive(&theirs, &byte, 1, NULL, GYRE_NOW) == 1)
        ;
    cr_expect_eq(gyre_event_wait(&writable, SOON), 0);
    cr_expect_eq(gyre_send(&ours, "x", 1, NULL, GYRE_NOW), 0);
    gyre_datagrams_forget(&ours);
    close_both();
}

/* ---- from callbacks ---- */

static int sends;

/* To who is not there, and once more, a thousand times. */
static void send_again(struct gyre_job *j)
{
    cr_expect_eq(gyre_send(&ours, "x", 1, &there, GYRE_NOW), 0);
    if (++sends < 1000)
        gyre_job_start(ours.fd.loop, j);
}

CLAIM_ON_LOOPBACK(datagram, that_is_sent_without_end_holds_up_nobody)
{
    struct gyre_job j = {.run = send_again};

    open_both();
    gyre_datagrams_close(&theirs);
    gyre_job_start(gyre_loop_current(), &j);
    cr_expect_eq(gyre_yield(), 0);
    cr_expect_gt(sends, 0);
    cr_expect_lt(sends, 1000);
    while (sends < 1000)
        cr_expect_eq(gyre_yield(), 0);
    gyre_datagrams_close(&ours);
}

/* It is on its way when the call returns; no loop has to run. */
CLAIM_ON_LOOPBACK(datagram, that_is_sent_is_sent_at_once)
{
    char text[8] = "";

    open_both();
    cr_expect_eq(gyre_send(&theirs, "now", 3, &here, GYRE_NOW), 0);
    cr_expect_eq(recv(ours.fd.fd, text, sizeof text, 0), 3);
    cr_expect_str_eq(text, "now");
    close_both();
}

/* ---- opening ---- */

CLAIM_ON_LOOPBACK(datagram, sockets_have_an_address_each_unless_they_share)
{
    struct gyre_datagram_options share = {.share = true};
    struct gyre_loop *l = gyre_loop_current();
    struct gyre_addr a;

    open_one(&ours, "127.0.0.1", &a);
    cr_expect_eq(gyre_datagrams_open(&theirs, l, &a, NULL), -EADDRINUSE);
    cr_expect_eq(gyre_datagrams_open(&theirs, l, &a, &share), -EADDRINUSE);
    gyre_datagrams_close(&ours);
    cr_expect_eq(gyre_datagrams_open(&ours, l, &a, &share), 0);
    cr_expect_eq(gyre_datagrams_open(&theirs, l, &a, &share), 0);
    close_both();
}

CLAIM_ON_LOOPBACK(datagram, sockets_that_share_are_heard_by_one_of_them)
{
    struct gyre_datagram_options share = {.share = true};
    struct gyre_loop *l = gyre_loop_current();
    struct gyre_datagrams third;
    struct gyre_addr a = at("127.0.0.1", 0);
    int heard_by = 0;
    char byte;

    cr_expect_eq(gyre_datagrams_open(&ours, l, &a, &share), 0);
    cr_expect_eq(gyre_datagrams_local(&ours, &a), 0);
    cr_expect_eq(gyre_datagrams_open(&theirs, l, &a, &share), 0);
    open_one(&third, "127.0.0.1", &there);
    cr_expect_eq(gyre_send(&third, "x", 1, &a, SOON), 0);
    heard_by += gyre_receive(&ours, &byte, 1, NULL, GYRE_NOW) == 1;
    heard_by += gyre_receive(&theirs, &byte, 1, NULL, GYRE_NOW) == 1;
    cr_expect_eq(heard_by, 1);
    gyre_datagrams_close(&third);
    close_both();
}

CLAIM_ON_LOOPBACK(datagram, sockets_know_their_address_from_the_beginning)
{
    for (int i = 0; i < KINDS; i++) {
        struct gyre_addr again;

        kinds[i]();
        cr_expect(!same(&here, &there));
        send_text("x");
        expect_text("x");
        cr_expect_eq(gyre_datagrams_local(&ours, &again), 0);
        cr_expect(same(&again, &here));
        close_both();
    }
}

/* Guards against a server that looks balanced and is not: where the system
   gives all to one socket it is refused. */
CLAIM_ON_LOOPBACK(datagram, sockets_are_balanced_or_say_that_they_are_not)
{
    struct gyre_datagram_options balance = {.balance = true};
    struct gyre_loop *l = gyre_loop_current();
    struct gyre_addr a = at("127.0.0.1", 0);
    int err = gyre_datagrams_open(&ours, l, &a, &balance);

    if (err == -ENOTSUP)
        return;
    cr_expect_eq(err, 0);
    cr_expect_eq(gyre_datagrams_local(&ours, &a), 0);
    cr_expect_eq(gyre_datagrams_open(&theirs, l, &a, &balance), 0);
    close_both();
}

/* Guards against an address of IPv6 that is IPv4's too, on some systems. */
CLAIM_ON_LOOPBACK(datagram, sockets_of_v6_are_that_alone_unless_they_are_dual)
{
    struct gyre_datagram_options dual = {.dual = true};
    struct gyre_addr a = at("::", 0), b;

    open_one(&theirs, "127.0.0.1", &there);
    for (int i = 0; i < 2; i++) {
        char byte;

        cr_expect_eq(gyre_datagrams_open(&ours, gyre_loop_current(), &a,
                                         i == 0 ? NULL : &dual),
                     0);
        cr_expect_eq(gyre_datagrams_local(&ours, &here), 0);
        b = at("127.0.0.1", gyre_addr_port(&here));
        cr_expect_eq(gyre_send(&theirs, "x", 1, &b, SOON), 0);
        cr_expect_eq(gyre_receive(&ours, &byte, 1, &b, GYRE_NOW),
                     i == 0 ? -ETIMEDOUT : 1);
        gyre_datagrams_close(&ours);
    }
    gyre_datagrams_close(&theirs);
}

CLAIM_ON_LOOPBACK(datagram, sockets_that_are_inherited_are_taken_over)
{
    int fds[2], stream = socket(AF_INET, SOCK_STREAM, 0);
    struct gyre_loop *l = gyre_loop_current();
    char byte;

    cr_expect_eq(socketpair(AF_UNIX, SOCK_DGRAM, 0, fds), 0);
    cr_expect_eq(gyre_datagrams_adopt(&ours, l, fds[0]), 0);
    cr_expect_eq(gyre_datagrams_adopt(&theirs, l, fds[1]), 0);
    cr_expect_eq(gyre_send(&ours, "x", 1, NULL, SOON), 0);
    cr_expect_eq(gyre_receive(&theirs, &byte, 1, NULL, SOON), 1);
    close_both();
    cr_expect_eq(gyre_datagrams_adopt(&ours, l, stream), -EINVAL);
    cr_expect_eq(gyre_datagrams_adopt(&ours, l, -1), -EBADF);
    close(stream);
}

CLAIM_ON_LOOPBACK(datagram, sockets_that_are_inherited_stay_where_they_are)
{
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    struct gyre_addr a = at("127.0.0.1", 0);

    cr_expect_eq(bind(fd, &a.is.any, a.length), 0);
    cr_expect_eq(getsockname(fd, &a.is.any, &a.length), 0);
    open_one(&theirs, "127.0.0.1", &there);
    cr_expect_eq(gyre_datagrams_adopt(&ours, gyre_loop_current(), fd), 0);
    cr_expect_eq(gyre_datagrams_local(&ours, &here), 0);
    cr_expect(same(&here, &a));
    send_text("x");
    expect_text("x");
    close_both();
}

CLAIM_ON_LOOPBACK(datagram, sockets_that_are_inherited_keep_their_peer)
{
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    struct gyre_addr peer;
    char byte;

    open_one(&theirs, "127.0.0.1", &there);
    cr_expect_eq(connect(fd, &there.is.any, there.length), 0);
    cr_expect_eq(gyre_datagrams_adopt(&ours, gyre_loop_current(), fd), 0);
    cr_expect_eq(gyre_datagrams_peer(&ours, &peer), 0);
    cr_expect(same(&peer, &there));
    cr_expect_eq(gyre_send(&ours, "x", 1, NULL, SOON), 0);
    cr_expect_eq(gyre_receive(&theirs, &byte, 1, NULL, SOON), 1);
    close_both();
}

static int open_for_a_moment(void)
{
    struct gyre_datagrams d;
    struct gyre_addr a = at("127.0.0.1", 0);
    int err = gyre_datagrams_open(&d, gyre_loop_current(), &a, NULL);

    if (err == 0)
        gyre_datagrams_close(&d);
    return err;
}

static int open_locally_for_a_moment(void)
{
    struct gyre_datagrams d;
    int err = gyre_unix_datagrams(&d, gyre_loop_current(),
                                  "/tmp/gyre-moment.sock", 0);

    if (err == 0)
        gyre_datagrams_close(&d);
    return err;
}

CLAIM_ON_LOOPBACK(datagram, sockets_leave_nothing_when_they_cannot_be_opened)
{
    cr_expect_gt(faults_in_descriptors(open_for_a_moment), 0);
    cr_expect_gt(faults_in_descriptors(open_locally_for_a_moment), 0);
    cr_expect_gt(faults_in_memory(open_locally_for_a_moment), 0);
}
