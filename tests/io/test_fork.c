/*
 * test_fork.c - streams in the child of a fork: it takes no byte of the
 * parent's, and no registration.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loop/job.h"
#include "loop/loop.h"
#include "task/sync/event.h"
#include "task/task.h"
#include "io/datagram.h"
#include "io/internal.h"
#include "io/stream.h"
#include "io/tcp.h"
#include "io/tcp_options.h"
#include "io/unix.h"
#include "tests/io/loopback.h"
#include "tests/io/pairs.h"
#include "tests/support/forked.h"
#include "tests/task/world.h"

static int use_in_vain(void)
{
    char byte;

    if (gyre_read(ours, &byte, 1, GYRE_NOW) != -ECANCELED)
        return 1;
    if (gyre_write(ours, "x", 1, GYRE_NOW) != -ECANCELED)
        return 2;
    if (gyre_shutdown(ours, GYRE_NOW) != -ECANCELED)
        return 3;
    if (gyre_tcp_reset_on_close(ours) == 0)
        return 4;
    gyre_close(ours);
    return 0;
}

/* Once it was waited for, it is known to the loop. */
static void wait_for(const char *text)
{
    char byte;

    cr_expect_eq(gyre_read(ours, &byte, 1, gyre_in(MS)), -ETIMEDOUT);
    say(text);
}

CLAIM_OF_STREAMS(fork_in_io, the_child_takes_no_byte_and_no_registration)
{
    open_pair(0);
    wait_for("hello");
    fork_and_expect(use_in_vain);
    expect_left("hello");
    wait_for("more");
    expect_left("more");
    cr_expect_eq(gyre_read(theirs, (char[1]){0}, 1, GYRE_NOW), -ETIMEDOUT);
    close_pair();
}

static struct gyre_event forked;

static void fork_here(struct gyre_job *j)
{
    (void)j;
    fork_and_expect(use_in_vain);
    gyre_event_set(&forked);
}

CLAIM_OF_STREAMS(fork_in_io, nor_does_it_in_a_callback)
{
    struct gyre_job j = {.run = fork_here};

    forked = (struct gyre_event){0};
    open_pair(0);
    wait_for("hello");
    gyre_job_start(gyre_loop_current(), &j);
    cr_expect_eq(gyre_event_wait(&forked, SOON), 0);
    expect_left("hello");
    close_pair();
}

/* ---- without a run ---- */

Test(fork_in_io, nor_does_it_where_no_run_is)
{
    struct gyre_loop *l;
    int fds[2];
    char byte;

    cr_assert_eq(gyre_loop_new(&l), 0);
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    cr_expect_eq(gyre_fd_nonblocking(fds[0]), 0);
    cr_expect_eq(gyre_tcp_new(l, fds[0], GYRE_FD_SOCKET, &ours), 0);
    fork_and_expect(use_in_vain);
    cr_expect_eq(gyre_write(ours, "x", 1, GYRE_NOW), 0);
    cr_expect_eq(read(fds[1], &byte, 1), 1);
    gyre_close(ours);
    close(fds[1]);
    gyre_loop_free(l);
}

/* ---- sockets that are shared ---- */

/* Guards against a child that changes how the parent's socket behaves. */
static int change_in_vain(void)
{
    if (gyre_tcp_set_nodelay(ours, false) != -ECANCELED)
        return 1;
    if (gyre_tcp_set_keepalive(ours, GYRE_SECOND, 0, 0) != -ECANCELED)
        return 2;
    if (gyre_tcp_set_keepalive(ours, 0, 0, 0) != -ECANCELED)
        return 3;
    if (gyre_stream_set_buffers(ours, 9000, 9000) != -ECANCELED)
        return 4;
    if (gyre_tcp_reset_on_close(ours) != -ECANCELED)
        return 5;
    return gyre_tcp_send_urgent(ours, 'x', GYRE_NOW) != -ECANCELED ? 6 : 0;
}

CLAIM_ON_LOOPBACK(fork_in_io, the_child_changes_no_connection_of_its_parent)
{
    int value = -1;

    connect_pair(&ours, &theirs);
    fork_and_expect(change_in_vain);
    cr_expect_eq(getsockopt(gyre_stream_descriptor(ours), IPPROTO_TCP,
                            TCP_NODELAY, &value, &(socklen_t){sizeof value}),
                 0);
    cr_expect_neq(value, 0);
    gyre_close(ours);
    gyre_close(theirs);
}

static struct gyre_datagrams datagrams;

static int change_datagrams_in_vain(void)
{
    struct gyre_addr a;

    if (gyre_datagrams_local(&datagrams, &a) != 0)
        return 1;
    if (gyre_datagrams_connect(&datagrams, &a) != -ECANCELED)
        return 2;
    if (gyre_datagrams_connect(&datagrams, NULL) != -ECANCELED)
        return 3;
    if (gyre_datagrams_set_ttl(&datagrams, 3) != -ECANCELED)
        return 4;
    if (gyre_datagrams_set_multicast(&datagrams, 0, 1, true) != -ECANCELED)
        return 5;
    if (gyre_datagrams_set_buffers(&datagrams, 9000, 0) != -ECANCELED)
        return 6;
    if (gyre_datagrams_join(&datagrams, &a, NULL, 0) != -ECANCELED ||
        gyre_datagrams_leave(&datagrams, &a, &a, 0) != -ECANCELED)
        return 7;
    return gyre_send(&datagrams, "x", 1, &a, GYRE_NOW) != -ECANCELED ? 8 : 0;
}

CLAIM_ON_LOOPBACK(fork_in_io, nor_how_datagrams_go)
{
    struct gyre_addr a;

    cr_expect_eq(gyre_addr_parse(&a, "127.0.0.1", 0), 0);
    cr_expect_eq(gyre_datagrams_open(&datagrams, gyre_loop_current(), &a, NULL),
                 0);
    fork_and_expect(change_datagrams_in_vain);
    cr_expect_eq(gyre_datagrams_peer(&datagrams, &a), -ENOTCONN);
    cr_expect_eq(gyre_receive(&datagrams, NULL, 0, NULL, GYRE_NOW), -ETIMEDOUT);
    gyre_datagrams_close(&datagrams);
}

static char path[64];
static struct gyre_listener *listener;

static int close_what_is_bound(void)
{
    struct gyre_listener *l;
    struct gyre_datagrams d;
    struct gyre_addr a;

    gyre_listener_close(listener);
    gyre_datagrams_close(&datagrams);
    if (gyre_unix_listen(gyre_loop_current(), path, 0, &l) != -ECANCELED)
        return 1;
    if (gyre_unix_datagrams(&d, gyre_loop_current(), path, 0) != -ECANCELED)
        return 2;
    if (gyre_addr_parse(&a, "127.0.0.1", 0) != 0)
        return 3;
    if (gyre_tcp_listen_at(gyre_loop_current(), &a, NULL, &l) != -ECANCELED)
        return 4;
    return gyre_datagrams_open(&d, gyre_loop_current(), &a, NULL) != -ECANCELED
               ? 5
               : 0;
}

/* Guards against a child that closes what it has inherited, as it should, and
   takes the parent's socket out of the file system. */
CLAIM_ON_LOOPBACK(fork_in_io, the_child_leaves_what_is_at_a_path)
{
    char other[sizeof path + 8];

    snprintf(path, sizeof path, "/tmp/gyre-fork-%d", (int)getpid());
    snprintf(other, sizeof other, "%s.other", path);
    cr_expect_eq(gyre_unix_listen(gyre_loop_current(), path, 0, &listener), 0);
    cr_expect_eq(gyre_unix_datagrams(&datagrams, gyre_loop_current(), other, 0),
                 0);
    fork_and_expect(close_what_is_bound);
    cr_expect_eq(access(path, F_OK), 0);
    cr_expect_eq(access(other, F_OK), 0);
    gyre_listener_close(listener);
    gyre_datagrams_close(&datagrams);
    cr_expect_neq(access(path, F_OK), 0);
    cr_expect_neq(access(other, F_OK), 0);
}

static int fds[2]; /* sockets of the program's own, for streams and datagrams */

static int adopt_in_vain(void)
{
    struct gyre_loop *l = gyre_loop_current();
    struct gyre_stream *ends[2];
    struct gyre_datagrams d;

    if (gyre_listener_adopt(l, fds[0], &listener) != -ECANCELED)
        return 1;
    if (gyre_datagrams_adopt(&d, l, fds[1]) != -ECANCELED)
        return 2;
    return gyre_unix_pair(l, ends) != -ECANCELED ? 3 : 0;
}

/* Guards against a child that has a socket of its parent's no longer block. */
CLAIM_ON_LOOPBACK(fork_in_io, the_child_adopts_nothing)
{
    fds[0] = socket(AF_INET, SOCK_STREAM, 0);
    fds[1] = socket(AF_INET, SOCK_DGRAM, 0);
    cr_expect_eq(listen(fds[0], 1), 0);
    fork_and_expect(adopt_in_vain);
    for (int i = 0; i < 2; i++) {
        cr_expect_eq(fcntl(fds[i], F_GETFL) & O_NONBLOCK, 0);
        close(fds[i]);
    }
}
