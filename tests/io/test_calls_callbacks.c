/*
 * test_calls_callbacks.c - an echo over TCP, by callbacks, whose system calls
 * fail one after the other: the claims of accepting.h, connecting.h, reading.h,
 * and writing.h about that.
 */
#include <errno.h>
#include <string.h>

#include "loop/loop.h"
#include "io/accepting.h"
#include "io/connecting.h"
#include "io/reading.h"
#include "io/tcp.h"
#include "io/writing.h"
#include "tests/io/promises.h"

enum { SAYINGS = 3 };

/* One side of the connection.  What it says may be answered before it is told
   that it was said. */
struct side {
    struct gyre_stream *stream;
    struct gyre_reading reading;
    struct gyre_writing writing[SAYINGS];
    struct iovec iov[SAYINGS];
    int said;
    char bytes[16];
};

static struct gyre_loop *loop;
static struct gyre_listener *listener;
static struct gyre_accepting accepting;
static struct gyre_connecting connecting;
static struct side server, client;
static int answers;

/* True if that is an error, and so the end. */
static bool is_over(ssize_t result)
{
    if (note_error(result) < 0)
        gyre_loop_stop(loop);
    return result < 0;
}

/* True if the client was turned away, and comes again. */
static bool comes_again(int err)
{
    struct gyre_addr a;

    if (!is_turned_away(err))
        return false;
    gyre_close(client.stream);
    memset(&client, 0, sizeof client);
    err = gyre_listener_addr(listener, &a);
    if (err == 0)
        err = gyre_connecting_start(&connecting, loop, &a);
    return !is_over(err);
}

static void written(struct gyre_writing *w, int err)
{
    (void)w;
    if (!comes_again(err))
        (void)is_over(err);
}

static void say(struct side *s, size_t n, bool last)
{
    struct gyre_writing *w = &s->writing[s->said];

    s->iov[s->said] = (struct iovec){s->bytes, n};
    *w = (struct gyre_writing){.written = written, .last = last};
    gyre_writing_start(w, s->stream, &s->iov[s->said++], 1);
}

static void begin(struct side *s, struct gyre_stream *stream,
                  void (*read)(struct gyre_reading *r, ssize_t n))
{
    s->stream = stream;
    s->reading = (struct gyre_reading){
        .read = read, .buf = s->bytes, .size = sizeof s->bytes};
    (void)is_over(gyre_reading_start(&s->reading, stream));
}

/* ---- the server ---- */

static void asked(struct gyre_reading *r, ssize_t n)
{
    (void)r;
    if (!is_over(n))
        say(&server, (size_t)n, n == 0);
}

static void accepted(struct gyre_accepting *a, struct gyre_stream *s, int err)
{
    if (is_over(err))
        return;
    gyre_accepting_stop(a);
    begin(&server, s, asked);
}

/* ---- the client ---- */

static void answered(struct gyre_reading *r, ssize_t n)
{
    (void)r;
    if (n == 0 && answers < 2)
        n = -ECONNRESET;
    if (comes_again((int)n) || n == 0 || is_over(n))
        return;
    if (n != 5 || memcmp(client.bytes, "hello", 5) != 0)
        (void)is_over(-EBADMSG);
    else if (++answers < 2)
        say(&client, 5, false);
    else
        say(&client, 0, true);
}

static void connected(struct gyre_connecting *c, struct gyre_stream *s, int err)
{
    (void)c;
    if (comes_again(err) || is_over(err))
        return;
    begin(&client, s, answered);
    memcpy(client.bytes, "hello", 5);
    say(&client, 5, false);
}

/* ---- both ---- */

static int start(struct gyre_loop *l)
{
    struct gyre_addr a;
    int err = gyre_addr_parse(&a, "127.0.0.1", 0);

    if (err == 0)
        err = gyre_tcp_listen_at(l, &a, NULL, &listener);
    if (err == 0)
        err = gyre_listener_addr(listener, &a);
    if (err == 0)
        err = gyre_accepting_start(&accepting, listener);
    return err ? err : gyre_connecting_start(&connecting, l, &a);
}

static void begin_both(struct gyre_loop *l)
{
    loop = l;
    listener = NULL;
    answers = 0;
    memset(&server, 0, sizeof server);
    memset(&client, 0, sizeof client);
    accepting = (struct gyre_accepting){.accepted = accepted};
    connecting = (struct gyre_connecting){.connected = connected};
    note_error(start(l));
}

static void end_both(struct gyre_loop *l)
{
    (void)l;
    gyre_connecting_stop(&connecting);
    gyre_close(server.stream);
    gyre_close(client.stream);
    gyre_listener_close(listener);
}

static int play_callbacks(void)
{
    return play_in_loop(begin_both, end_both);
}

static const struct scenario by_callbacks = {play_callbacks, io_promised};

Test(calls_callbacks, neither_lost_connections_nor_a_shortage_end_accepting)
{
    cr_expect_geq(fails_cleanly(&by_callbacks, CALL_ACCEPT), 24);
}

Test(calls_callbacks, a_connecting_tells_why_and_an_interrupted_one_goes_on)
{
    cr_expect_geq(fails_cleanly(&by_callbacks, CALL_CONNECT), 17);
}

Test(calls_callbacks, readings_and_writings_tell_why_and_hide_the_temporary)
{
    cr_expect_geq(fails_cleanly(&by_callbacks, CALL_RECV), 5 * 12);
    cr_expect_geq(fails_cleanly(&by_callbacks, CALL_SEND), 4 * 19);
}

Test(calls_callbacks, what_cannot_be_started_is_told_of_at_once)
{
    cr_expect_geq(fails_cleanly(&by_callbacks, CALL_SOCKET), 2 * 8);
    cr_expect_geq(fails_cleanly(&by_callbacks, CALL_BIND), 13);
    cr_expect_geq(fails_cleanly(&by_callbacks, CALL_LISTEN), 4);
    cr_expect_geq(fails_cleanly(&by_callbacks, CALL_SHUTDOWN), 4);
    cr_expect_geq(fails_cleanly(&by_callbacks, CALL_GETSOCKOPT), 5);
}

/* One or the other of these is what this build has. */
Test(calls_callbacks, what_cannot_be_watched_is_told_of_and_not_waited_for)
{
    int epoll = fails_cleanly_but(&by_callbacks, CALL_EPOLL_CTL, 3);
    int kqueue = fails_cleanly_but(&by_callbacks, CALL_KEVENT, 3);

    cr_expect(epoll >= 0 && kqueue >= 0);
    cr_expect_geq(epoll + kqueue, 4 * 8);
}

Test(calls_callbacks, a_poller_that_fails_ends_the_loop_and_says_why)
{
    int epoll = fails_cleanly_but_up_to(&by_callbacks, CALL_EPOLL_WAIT, 2);
    int kqueue = fails_cleanly_but_up_to(&by_callbacks, CALL_KEVENT_WAIT, 2);

    cr_expect(epoll >= 0 && kqueue >= 0);
    cr_expect_geq(epoll + kqueue, 4 * 4);
}
