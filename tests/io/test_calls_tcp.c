/*
 * test_calls_tcp.c - an echo over TCP, by tasks, whose system calls fail one
 * after the other: the claims of tcp.h, stream.h, and run.h about that.
 */
#include <errno.h>
#include <string.h>

#include "task/scope.h"
#include "task/task.h"
#include "io/tcp.h"
#include "tests/io/promises.h"

static struct gyre_listener *listener;

/* Sends back what comes. */
static intptr_t echo(struct gyre_stream *s, void *arg)
{
    char bytes[16];
    ssize_t n;

    (void)arg;
    while ((n = gyre_read(s, bytes, sizeof bytes, GYRE_FOREVER)) > 0) {
        int err = gyre_write(s, bytes, (size_t)n, GYRE_FOREVER);

        if (err)
            return note_error(err);
    }
    return note_error(n);
}

static intptr_t serve(void *arg)
{
    (void)arg;
    return note_error(gyre_tcp_serve(listener, echo, NULL, GYRE_FOREVER));
}

/* Twice, the second time when there is nothing to read yet for either side. */
static int talk(struct gyre_stream *s)
{
    for (int i = 0; i < 2; i++) {
        char answer[5];
        int err = gyre_write(s, "hello", 5, in_time());

        if (err == 0)
            err = (int)gyre_read_exact(s, answer, 5, in_time());
        if (err < 0)
            return err;
        if (memcmp(answer, "hello", 5) != 0)
            return -EBADMSG;
    }
    return 0;
}

/* And then the end of it. */
static int hang_up(struct gyre_stream *s)
{
    char byte;
    int err = gyre_shutdown(s, in_time());

    return err ? err : (int)gyre_read(s, &byte, 1, in_time());
}

static int connect_and_talk(void)
{
    struct gyre_stream *s;
    struct gyre_addr a;
    int err = gyre_listener_addr(listener, &a);

    if (err == 0)
        err = gyre_tcp_connect_to(&a, &s, in_time());
    if (err)
        return err;
    err = talk(s);
    if (err == 0)
        err = hang_up(s);
    gyre_close(s);
    return err;
}

static void converse(void)
{
    struct gyre_scope s;

    if (note_error(gyre_tcp_listen("127.0.0.1", 0, &listener, in_time())))
        return;
    gyre_scope_open(&s, GYRE_FOREVER);
    if (note_error(gyre_spawn(&s, NULL, serve, NULL)) == 0)
        note_error(connect_and_talk());
    gyre_scope_cancel(&s);
    (void)gyre_scope_close(&s, 0);
    gyre_listener_close(listener);
}

static int play_tasks(void)
{
    return play_in_run(converse);
}

static const struct scenario by_tasks = {play_tasks, io_promised};

Test(calls_tcp, accept_fails_as_promised)
{
    cr_expect_geq(fails_cleanly(&by_tasks, CALL_ACCEPT), 24);
}

Test(calls_tcp, connect_fails_as_promised)
{
    cr_expect_geq(fails_cleanly(&by_tasks, CALL_CONNECT), 17);
}

Test(calls_tcp, recv_and_send_fail_as_promised)
{
    cr_expect_geq(fails_cleanly(&by_tasks, CALL_RECV), 5 * 12);
    cr_expect_geq(fails_cleanly(&by_tasks, CALL_SEND), 4 * 19);
}

Test(calls_tcp, what_makes_sockets_fails_as_promised)
{
    cr_expect_geq(fails_cleanly(&by_tasks, CALL_SOCKET), 2 * 8);
    cr_expect_geq(fails_cleanly(&by_tasks, CALL_BIND), 13);
    cr_expect_geq(fails_cleanly(&by_tasks, CALL_LISTEN), 4);
    cr_expect_geq(fails_cleanly(&by_tasks, CALL_SHUTDOWN), 4);
}

Test(calls_tcp, what_asks_sockets_fails_as_promised)
{
    cr_expect_geq(fails_cleanly_but(&by_tasks, CALL_GETSOCKNAME, 1), 3 * 5);
    cr_expect_geq(fails_cleanly_but(&by_tasks, CALL_GETPEERNAME, 1), 6);
    cr_expect_geq(fails_cleanly(&by_tasks, CALL_GETSOCKOPT), 3 * 5);
    cr_expect_geq(fails_cleanly_but(&by_tasks, CALL_SETSOCKOPT, 5), 3 * 5);
    cr_expect_geq(fails_cleanly_but(&by_tasks, CALL_OPEN, 1), 26);
}

/* One or the other of these is what this build has. */
Test(calls_tcp, what_watches_descriptors_fails_as_promised)
{
    int epoll = fails_cleanly_but(&by_tasks, CALL_EPOLL_CTL, 3);
    int kqueue = fails_cleanly_but(&by_tasks, CALL_KEVENT, 3);

    cr_expect(epoll >= 0 && kqueue >= 0);
    cr_expect_geq(epoll + kqueue, 4 * 8);
}

Test(calls_tcp, what_waits_for_descriptors_fails_as_promised)
{
    int epoll = fails_cleanly_but(&by_tasks, CALL_EPOLL_WAIT, 3);
    int kqueue = fails_cleanly_but(&by_tasks, CALL_KEVENT_WAIT, 3);

    cr_expect(epoll >= 0 && kqueue >= 0);
    cr_expect_geq(epoll + kqueue, 4 * 4);
}
