/*
 * test_calls_datagram.c - datagrams, one by one and many at once, whose system
 * calls fail one after the other: the claims of datagram.h about that.
 */
#include <errno.h>
#include <string.h>

#include "loop/loop.h"
#include "task/scope.h"
#include "task/task.h"
#include "io/datagram.h"
#include "tests/io/promises.h"

static struct gyre_datagrams ours, theirs;

static bool is_hello(const char *bytes, size_t n)
{
    return n == 5 && memcmp(bytes, "hello", 5) == 0;
}

/* One is sent back to who sent it, and then two at once to whom we know. */
static intptr_t answer(void *arg)
{
    char bytes[8];
    struct gyre_addr from;
    struct gyre_datagram two[2];
    ssize_t n = gyre_receive(&theirs, bytes, sizeof bytes, &from, in_time());
    int err = n < 0 ? (int)n : 0;

    (void)arg;
    if (err == 0)
        err = gyre_send(&theirs, bytes, (size_t)n, &from, in_time());
    for (int i = 0; i < 2; i++)
        two[i] = (struct gyre_datagram){
            .bytes = "hello", .size = 5, .length = 5, .addr = from};
    for (int sent = 0; err == 0 && sent < 2; sent += (int)n) {
        n = gyre_send_many(&theirs, two + sent, 2 - sent, in_time());
        err = n < 0 ? (int)n : 0;
    }
    return note_error(err);
}

static int ask(void)
{
    char bytes[8];
    int err = gyre_send(&ours, "hello", 5, NULL, in_time());
    ssize_t n;

    if (err)
        return err;
    n = gyre_receive(&ours, bytes, sizeof bytes, NULL, in_time());
    if (n < 0)
        return (int)n;
    return is_hello(bytes, (size_t)n) ? 0 : -EBADMSG;
}

static int hear_two(void)
{
    for (int got = 0; got < 2;) {
        char bytes[2][8];
        struct gyre_datagram m[2] = {{.bytes = bytes[0], .size = 8},
                                     {.bytes = bytes[1], .size = 8}};
        int n = gyre_receive_many(&ours, m, 2, in_time());

        if (n < 0)
            return n;
        for (int i = 0; i < n; i++)
            if (!is_hello(bytes[i], m[i].length))
                return -EBADMSG;
        got += n;
    }
    return 0;
}

static void converse(void)
{
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    if (note_error(gyre_spawn(&s, NULL, answer, NULL)) == 0 &&
        gyre_sleep(gyre_in(GYRE_MICROSECOND)) == 0 && note_error(ask()) == 0)
        note_error(hear_two());
    gyre_scope_cancel(&s);
    (void)gyre_scope_close(&s, 0);
}

static int open_both(void)
{
    struct gyre_loop *l = gyre_loop_current();
    struct gyre_addr a;
    int err = gyre_addr_parse(&a, "127.0.0.1", 0);

    if (err == 0)
        err = gyre_datagrams_open(&ours, l, &a, NULL);
    if (err == 0)
        err = gyre_datagrams_open(&theirs, l, &a, NULL);
    if (err == 0)
        err = gyre_datagrams_local(&theirs, &a);
    return err ? err : gyre_datagrams_connect(&ours, &a);
}

static void open_and_converse(void)
{
    memset(&ours, 0, sizeof ours);
    memset(&theirs, 0, sizeof theirs);
    if (note_error(open_both()) == 0) {
        converse();
        note_error(gyre_datagrams_connect(&ours, NULL));
    }
    gyre_datagrams_close(&ours);
    gyre_datagrams_close(&theirs);
}

static int play(void)
{
    return play_in_run(open_and_converse);
}

/* To be connected is no wait; and to have no room is not to be in vain.  What
   cannot be sent as one is sent as many. */
static struct promise promised(enum call c, int err)
{
    if (c == CALL_CONNECT && err == EAGAIN)
        return (struct promise){.error = -ENOBUFS};
    if (c == CALL_CONNECT && (err == ETIMEDOUT || err == EINPROGRESS))
        return (struct promise){.error = -err};
    if (c == CALL_SENDMMSG && (err == EINVAL || err == EMSGSIZE))
        return (struct promise){.error = -err, .hidden = true};
    return io_promised(c, err);
}

static const struct scenario datagrams = {play, promised};

Test(calls_datagram, what_cannot_be_opened_or_connected_is_told_of)
{
    cr_expect_geq(fails_cleanly(&datagrams, CALL_SOCKET), 2 * 8);
    cr_expect_geq(fails_cleanly(&datagrams, CALL_BIND), 2 * 13);
    cr_expect_geq(fails_cleanly_but(&datagrams, CALL_CONNECT, 1), 17);
    cr_expect_geq(fails_cleanly(&datagrams, CALL_GETSOCKNAME), 5);
}

/* By one call or by many, as the system has them.  Where many are sent by
   many calls, what is wrong with the second is told if it is still so when
   that is the first. */
Test(calls_datagram, what_befalls_one_is_told_to_who_sends_or_who_receives)
{
    int one = fails_cleanly(&datagrams, CALL_RECVFROM);
    int any = fails_cleanly(&datagrams, CALL_RECVMSG);
    int many = fails_cleanly(&datagrams, CALL_RECVMMSG);
    int sent_many = fails_cleanly(&datagrams, CALL_SENDMMSG);
    int sent = fails_cleanly_but(&datagrams, CALL_SENDTO, sent_many == 0);

    cr_expect(one >= 0 && any >= 0 && many >= 0);
    cr_expect_geq(one + any + many, 4 * 12);
    cr_expect(sent >= 0 && sent_many >= 0);
    cr_expect_geq(sent + sent_many, 3 * 20);
}

Test(calls_datagram, what_cannot_be_watched_is_told_of_and_not_waited_for)
{
    int epoll = fails_cleanly_but(&datagrams, CALL_EPOLL_CTL, 2);
    int kqueue = fails_cleanly_but(&datagrams, CALL_KEVENT, 2);

    cr_expect(epoll >= 0 && kqueue >= 0);
    cr_expect_geq(epoll + kqueue, 2 * 8);
}
