/*
 * test_calls_unix.c - local sockets, and a descriptor that goes with bytes,
 * whose system calls fail one after the other: the claims of unix.h, and of
 * gyre_tcp_listen_at, about that.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "loop/loop.h"
#include "task/scope.h"
#include "task/task.h"
#include "io/internal.h"
#include "io/tcp.h"
#include "io/unix.h"
#include "tests/io/promises.h"

static char folder[] = "/tmp/gyre-calls-XXXXXX";
static char path[64];

static void enter(void)
{
    cr_assert_not_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/socket", folder);
}

static void leave(void)
{
    unlink(path);
    rmdir(folder);
}

TestSuite(calls_unix, .init = enter, .fini = leave);

/* What is at the path when all is closed is an error, too, but for who has
   failed in nothing else than looking whether it is still there. */
static bool may_stay;

static void expect_nothing_left(void)
{
    if (access(path, F_OK) == 0 && !(may_stay && went_well()))
        note_left();
    unlink(path);
}

/* ---- a conversation ---- */

static struct gyre_listener *listener;
static int sent; /* the descriptor */

/* Something is said by both, and the descriptor is passed. */
static int give(struct gyre_stream *s)
{
    struct gyre_descriptors d = {.n = 1, .fd = {sent}};
    char byte;
    int err = gyre_send_descriptors(s, "hello", 5, &d, in_time());

    return err ? err : gyre_read_exact(s, &byte, 1, in_time());
}

static int take(struct gyre_stream *s)
{
    struct gyre_descriptors d;
    char bytes[8];
    ssize_t n = gyre_receive_descriptors(s, bytes, sizeof bytes, &d, in_time());
    bool right = n == 5 && d.n == 1 && memcmp(bytes, "hello", 5) == 0;

    for (int i = 0; i < d.n; i++)
        close(d.fd[i]);
    if (n < 0)
        return (int)n;
    return right ? gyre_write(s, "!", 1, in_time()) : -EBADMSG;
}

static intptr_t serve(void *arg)
{
    struct gyre_stream *s;
    int err = gyre_accept(listener, &s, in_time());

    (void)arg;
    if (err == 0) {
        err = take(s);
        gyre_close(s);
    }
    return note_error(err);
}

static int connect_and_give(void)
{
    struct gyre_credentials who;
    struct gyre_stream *s;
    int err = gyre_unix_connect(path, &s, in_time());

    if (err)
        return err;
    err = gyre_unix_credentials(s, &who);
    if (err == 0 || err == -ENOTSUP)
        err = give(s);
    gyre_close(s);
    return err;
}

static int give_or_come_again(void)
{
    int err = connect_and_give();

    return is_turned_away(err) ? connect_and_give() : err;
}

static void converse(void)
{
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    if (note_error(gyre_spawn(&s, NULL, serve, NULL)) == 0)
        note_error(give_or_come_again());
    gyre_scope_cancel(&s);
    (void)gyre_scope_close(&s, 0);
}

static void play_at_a_path(void)
{
    int err = gyre_unix_listen(gyre_loop_current(), path, 0600, &listener);

    if (note_error(err) == 0) {
        converse();
        gyre_listener_close(listener);
    }
    expect_nothing_left();
}

static int play_local(void)
{
    sent = STDERR_FILENO;
    return play_in_run(play_at_a_path);
}

static const struct scenario local = {play_local, io_promised};

Test(calls_unix, who_cannot_listen_at_a_path_takes_it_away)
{
    cr_expect_geq(fails_cleanly(&local, CALL_SOCKET), 2 * 8);
    cr_expect_geq(fails_cleanly(&local, CALL_BIND), 12);
    cr_expect_geq(fails_cleanly(&local, CALL_LISTEN), 4);
    cr_expect_geq(fails_cleanly(&local, CALL_CONNECT), 17);
    cr_expect_geq(fails_cleanly(&local, CALL_ACCEPT), 24);
    may_stay = true;
    cr_expect_geq(fails_cleanly_but(&local, CALL_LSTAT, 1), 2 * 10);
}

Test(calls_unix, what_carries_descriptors_tells_why_and_leaves_none_open)
{
    cr_expect_geq(fails_cleanly(&local, CALL_SENDMSG), 20);
    cr_expect_geq(fails_cleanly(&local, CALL_RECVMSG), 12);
    cr_expect_geq(fails_cleanly(&local, CALL_RECV), 12);
}

/* ---- at a path that is nobody's to take away ---- */

static void listen_at_address(void)
{
    struct gyre_addr a;
    int err = gyre_addr_unix(&a, path);

    if (err == 0)
        err = gyre_tcp_listen_at(gyre_loop_current(), &a, NULL, &listener);
    if (note_error(err) == 0) {
        gyre_listener_close(listener);
        unlink(path);
    }
    expect_nothing_left();
}

static int play_address(void)
{
    return play_in_run(listen_at_address);
}

static const struct scenario at_address = {play_address, io_promised};

Test(calls_unix, at_an_address_that_is_a_path_nothing_is_left_either)
{
    cr_expect_geq(fails_cleanly(&at_address, CALL_BIND), 13);
    cr_expect_geq(fails_cleanly(&at_address, CALL_LISTEN), 4);
    cr_expect_geq(fails_cleanly(&at_address, CALL_GETSOCKOPT), 2 * 5);
    cr_expect_geq(fails_cleanly(&at_address, CALL_GETSOCKNAME), 5);
    cr_expect_geq(fails_cleanly(&at_address, CALL_FCNTL), 2 * 7);
}

/* ---- pairs ---- */

static void pass_along_pair(void)
{
    struct gyre_stream *pair[2];
    char byte;
    int err = gyre_unix_pair(gyre_loop_current(), pair);

    if (note_error(err))
        return;
    err = gyre_write(pair[0], "!", 1, in_time());
    if (err == 0)
        err = gyre_read_exact(pair[1], &byte, 1, in_time());
    note_error(err);
    gyre_close(pair[0]);
    gyre_close(pair[1]);
}

static int play_pair(void)
{
    return play_in_run(pass_along_pair);
}

static const struct scenario pairs = {play_pair, io_promised};

Test(calls_unix, a_pair_is_made_whole_or_not_at_all)
{
    cr_expect_geq(fails_cleanly(&pairs, CALL_SOCKETPAIR), 6);
    cr_expect_geq(fails_cleanly(&pairs, CALL_SEND), 20);
    cr_expect_geq(fails_cleanly(&pairs, CALL_RECV), 12);
}
