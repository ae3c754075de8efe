/*
 * test_calls_tcp.c - an echo over TCP, by tasks, whose system calls fail one
 * after the other: the claims of tcp.h, stream.h, and run.h about that.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "loop/loop.h"
#include "task/scope.h"
#include "task/task.h"
#include "io/tcp.h"
#include "io/unix.h"
#include "tests/io/promises.h"
#include "tests/support/network.h"

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

static int talk_or_come_again(void)
{
    int err = connect_and_talk();

    return is_turned_away(err) ? connect_and_talk() : err;
}

static int clients = 1; /* one after the other */

static int talk_by_turns(void)
{
    int err = 0;

    for (int i = 0; i < clients && err == 0; i++)
        err = talk_or_come_again();
    return err;
}

static void converse(void)
{
    struct gyre_scope s;

    if (note_error(gyre_tcp_listen("127.0.0.1", 0, &listener, in_time())))
        return;
    gyre_scope_open(&s, GYRE_FOREVER);
    if (note_error(gyre_spawn(&s, NULL, serve, NULL)) == 0)
        note_error(talk_by_turns());
    gyre_scope_cancel(&s);
    (void)gyre_scope_close(&s, 0);
    gyre_listener_close(listener);
}

static int play_tasks(void)
{
    return play_in_run(converse);
}

static const struct scenario by_tasks = {play_tasks, io_promised};

/* Refused, if it is known. */
static void get_oneself(void)
{
    struct gyre_stream *s;
    struct gyre_addr a;
    int err = gyre_tcp_listen("127.0.0.1", 0, &listener, in_time());

    if (note_error(err))
        return;
    note_error(gyre_listener_addr(listener, &a));
    network_is_itself = true;
    err = gyre_tcp_connect_to(&a, &s, in_time());
    network_is_itself = false;
    if (err == 0)
        gyre_close(s);
    else
        note_error(err == -ECONNREFUSED ? 0 : err);
    gyre_listener_close(listener);
}

static int play_alone(void)
{
    return play_in_run(get_oneself);
}

static const struct scenario alone = {play_alone, io_promised};

/* The second client comes when the server waits, so that what tells of the
   connection has been heard when the call fails: nothing tells of it again. */
Test(calls_tcp, neither_lost_connections_nor_a_shortage_end_a_server)
{
    clients = 2;
    cr_expect_geq(fails_cleanly(&by_tasks, CALL_ACCEPT), 3 * 24);
}

Test(calls_tcp, a_connect_tells_why_and_an_interrupted_one_goes_on)
{
    cr_expect_geq(fails_cleanly(&by_tasks, CALL_CONNECT), 17);
}

Test(calls_tcp, reads_and_writes_tell_why_and_hide_what_is_temporary)
{
    cr_expect_geq(fails_cleanly(&by_tasks, CALL_RECV), 5 * 12);
    cr_expect_geq(fails_cleanly(&by_tasks, CALL_SEND), 4 * 19);
}

Test(calls_tcp, a_socket_that_cannot_be_made_ready_is_closed)
{
    cr_expect_geq(fails_cleanly(&by_tasks, CALL_SOCKET), 2 * 8);
    cr_expect_geq(fails_cleanly(&by_tasks, CALL_BIND), 13);
    cr_expect_geq(fails_cleanly(&by_tasks, CALL_LISTEN), 4);
    cr_expect_geq(fails_cleanly(&by_tasks, CALL_SHUTDOWN), 4);
}

Test(calls_tcp, what_a_socket_does_not_tell_is_an_error_or_done_without)
{
    cr_expect_geq(fails_cleanly_but(&by_tasks, CALL_GETSOCKNAME, 1), 3 * 5);
    cr_expect_geq(fails_cleanly_but(&alone, CALL_GETPEERNAME, 1), 6);
    cr_expect_geq(fails_cleanly(&by_tasks, CALL_GETSOCKOPT), 3 * 5);
    cr_expect_geq(
        fails_cleanly_but(&by_tasks, CALL_SETSOCKOPT, OF_A_BSD ? 5 : 2), 3 * 5);
    cr_expect_geq(fails_cleanly_but(&by_tasks, CALL_OPEN, 1), 26);
}

/* One or the other of these is what this build has. */
Test(calls_tcp, what_cannot_be_watched_is_told_of_and_not_waited_for)
{
    int epoll = fails_cleanly_but(&by_tasks, CALL_EPOLL_CTL, 3);
    int kqueue = fails_cleanly_but(&by_tasks, CALL_KEVENT, 3);

    cr_expect(epoll >= 0 && kqueue >= 0);
    cr_expect_geq(epoll + kqueue, 4 * 8);
}

Test(calls_tcp, a_poller_that_fails_ends_the_run_and_says_why)
{
    int epoll = fails_cleanly_but_up_to(&by_tasks, CALL_EPOLL_WAIT, 3);
    int kqueue = fails_cleanly_but_up_to(&by_tasks, CALL_KEVENT_WAIT, 3);

    cr_expect(epoll >= 0 && kqueue >= 0);
    cr_expect_geq(epoll + kqueue, 4 * 4);
}

/* ---- to whichever address answers ---- */

/* Two attempts, of which one will do. */
static void connect_to_any(void)
{
    struct gyre_listener *l;
    struct gyre_stream *s;
    struct gyre_addr a[2];
    int err = gyre_tcp_listen("127.0.0.1", 0, &l, in_time());

    if (note_error(err))
        return;
    err = gyre_listener_addr(l, &a[0]);
    a[1] = a[0];
    if (err == 0)
        err = gyre_tcp_connect_any(a, 2, NULL, &s, in_time());
    if (note_error(err) == 0)
        gyre_close(s);
    gyre_listener_close(l);
}

static int play_any(void)
{
    return play_in_run(connect_to_any);
}

static const struct scenario to_any = {play_any, io_promised};

Test(calls_tcp, an_attempt_that_fails_has_the_next_address_tried)
{
    cr_expect_geq(fails_cleanly_but(&to_any, CALL_CONNECT, 1), 17 + 2);
    cr_expect_geq(fails_cleanly_but(&to_any, CALL_SOCKET, 1), 2 * 8);
}

Test(calls_tcp, if_all_attempts_fail_it_is_told_why)
{
    calls_begin(CALL_CONNECT, 0, EACCES, true);
    cr_expect_eq(play_any(), -EACCES);
    cr_expect_eq(calls_end(), 2);
}

/* ---- not yet ---- */

enum { FULL = 4 }; /* connections, and more than wait where none may */

static int unwatched; /* times that it could not be */

/* At a listener that takes no more, of a socket that cannot be watched. */
static void connect_in_vain(void)
{
    struct gyre_stream *waiting[FULL], *s;
    struct gyre_listen_options o = {.backlog = 1};
    struct gyre_listener *l;
    struct gyre_addr a;
    int n = 0, err;

    gyre_addr_parse(&a, "127.0.0.1", 0);
    cr_expect_eq(gyre_tcp_listen_at(gyre_loop_current(), &a, &o, &l), 0);
    cr_expect_eq(gyre_listener_addr(l, &a), 0);
    while (n < FULL && gyre_tcp_connect_to(&a, &waiting[n],
                                           gyre_in(20 * GYRE_MILLISECOND)) == 0)
        n++;
    cr_expect_lt(n, FULL);
    calls_begin(CALL_EPOLL_CTL, 0, EPERM, true);
    err = gyre_tcp_connect_to(&a, &s, gyre_in(20 * GYRE_MILLISECOND));
    unwatched = calls_end();
    note_error(err ? err : -EISCONN);
    while (n > 0)
        gyre_close(waiting[--n]);
    gyre_listener_close(l);
}

/* With epoll, that is; what is watched otherwise is waited for. */
Test(calls_tcp, a_connection_that_is_not_made_yet_is_not_said_to_be)
{
    int result = play_in_run(connect_in_vain);

    cr_expect_eq(result, unwatched > 0 ? -EPERM : -ETIMEDOUT);
}

/* ---- a file ---- */

static intptr_t read_file(void *s)
{
    char bytes[5];
    int err = gyre_read_exact(s, bytes, 5, in_time());

    if (err == 0 && memcmp(bytes, "hello", 5) != 0)
        err = -EBADMSG;
    return note_error(err);
}

static int file; /* which says hello */

static void send_file(void)
{
    struct gyre_stream *pair[2];
    struct gyre_scope s;

    if (note_error(gyre_unix_pair(gyre_loop_current(), pair)))
        return;
    gyre_scope_open(&s, GYRE_FOREVER);
    if (note_error(gyre_spawn(&s, NULL, read_file, pair[1])) == 0)
        note_error(gyre_send_file(pair[0], file, 0, 5, in_time()));
    gyre_close(pair[0]);
    (void)gyre_scope_close(&s, 0);
    gyre_close(pair[1]);
}

static int play_file(void)
{
    return play_in_run(send_file);
}

/* A system that cannot copy it has it read and written; and whose descriptor is
   no good, the stream's or the file's, only the stream's own errors tell. */
static struct promise file_promised(enum call c, int err)
{
    if (c == CALL_SENDFILE && (err == EINVAL || err == ENOSYS))
        return (struct promise){.hidden = true};
    if (err == EBADF)
        return (struct promise){.error = -EINVAL};
    if (c == CALL_PREAD && err == EAGAIN)
        return (struct promise){.error = -EBUSY};
    return io_promised(c, err);
}

static const struct scenario sending = {play_file, file_promised};

/* By the system, or by reading. */
Test(calls_tcp, a_file_that_cannot_be_sent_is_read_or_else_told_of)
{
    FILE *f = tmpfile();
    int sent, read;

    fputs("hello", f);
    fflush(f);
    file = fileno(f);
    sent = fails_cleanly(&sending, CALL_SENDFILE);
    read = fails_cleanly(&sending, CALL_PREAD);
    cr_expect(sent >= 0 && read >= 0);
    cr_expect_geq(sent + read, 9);
    fclose(f);
}
