/*
 * test_sigpipe.c - a write to whoever reads no more is an error and no signal.
 *
 * Here the signal has its default effect, which is to end the process: so these
 * claims hold if their test comes to its end.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loop/loop.h"
#include "task/task.h"
#include "io/fd.h"
#include "io/internal.h"
#include "io/tcp.h"
#include "tests/io/loopback.h"
#include "tests/io/pairs.h"
#include "tests/task/world.h"

static void default_action(void)
{
    sigset_t pipe;

    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_UNBLOCK, &pipe, NULL);
    signal(SIGPIPE, SIG_DFL);
}

TestSuite(sigpipe, .init = default_action);

/* ---- streams ---- */

static int file;

static int write_once(void)
{
    return gyre_write(ours, "x", 1, SOON);
}

static int write_some(void)
{
    return (int)gyre_write_some(ours, "x", 1, SOON);
}

static int write_pieces(void)
{
    struct iovec pieces[2] = {{"x", 1}, {"y", 1}};

    return gyre_writev(ours, pieces, 2, SOON);
}

static int send_file(void)
{
    return gyre_send_file(ours, file, 0, 10, SOON);
}

/* Write until it fails, and then once more: the first failure may be that of
   the connection, and the second is the one that makes a signal. */
static void expect_errors(int (*write_it)(void))
{
    int err = 0;

    wait_until((err = write_it()) < 0);
    cr_expect(err == -EPIPE || err == -ECONNRESET, "%d", err);
    cr_expect_eq(write_it(), -EPIPE);
}

CLAIM_OF_STREAMS(sigpipe, comes_of_no_write_to_a_peer_that_is_gone)
{
    int (*const writes[])(void) = {write_once, write_some, write_pieces,
                                   send_file};

    file = make_file(10);
    for (size_t i = 0; i < sizeof writes / sizeof *writes; i++) {
        open_pair(0);
        cr_expect_eq(gyre_write(ours, "unread", 6, SOON), 0);
        close_theirs();
        expect_errors(writes[i]);
        close_pair();
    }
    close(file);
}

/* ---- what is written with a plain write ---- */

static struct gyre_fd out;

static ssize_t put(void)
{
    struct iovec iov = {"x", 1};

    return gyre_fd_writev(&out, &iov, 1, SOON);
}

static void open_pipe_nobody_reads(void)
{
    int fds[2];

    cr_expect_eq(pipe(fds), 0);
    close(fds[0]);
    cr_expect_eq(gyre_fd_nonblocking(fds[1]), 0);
    gyre_fd_open(&out, gyre_loop_current(), fds[1], GYRE_FD_OTHER);
}

static bool is_pending(void)
{
    sigset_t pending;

    sigpending(&pending);
    return sigismember(&pending, SIGPIPE);
}

static bool is_blocked(void)
{
    sigset_t blocked;

    pthread_sigmask(SIG_BLOCK, NULL, &blocked);
    return sigismember(&blocked, SIGPIPE);
}

CLAIM_ON_LOOPBACK(sigpipe, comes_of_no_write_to_a_pipe)
{
    open_pipe_nobody_reads();
    for (int i = 0; i < 2; i++) {
        cr_expect_eq(put(), -EPIPE);
        cr_expect(!is_pending());
        cr_expect(!is_blocked());
    }
    gyre_fd_close(&out);
}

/* It says EPIPE without a signal, and that is not waited for. */
CLAIM_ON_LOOPBACK(sigpipe, is_not_waited_for_when_none_comes)
{
    int fds[2];

    cr_expect_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds), 0);
    cr_expect_eq(shutdown(fds[0], SHUT_RD), 0);
    cr_expect_eq(gyre_fd_nonblocking(fds[1]), 0);
    gyre_fd_open(&out, gyre_loop_current(), fds[1], GYRE_FD_OTHER);
    for (int i = 0; i < 2; i++)
        cr_expect_eq(put(), -EPIPE);
    cr_expect(!is_pending());
    gyre_fd_close(&out);
    close(fds[0]);

    signal(SIGPIPE, SIG_IGN);
    open_pipe_nobody_reads();
    cr_expect_eq(put(), -EPIPE);
    gyre_fd_close(&out);
}

CLAIM_ON_LOOPBACK(sigpipe, stays_for_the_caller_who_blocks_it)
{
    sigset_t pipe;
    int number;

    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, NULL);
    open_pipe_nobody_reads();
    cr_expect_eq(put(), -EPIPE);
    cr_expect(is_blocked());
    cr_expect(is_pending());
    cr_expect_eq(put(), -EPIPE);
    cr_expect(is_pending());
    cr_expect_eq(sigwait(&pipe, &number), 0);
    cr_expect_eq(number, SIGPIPE);
    cr_expect(!is_pending());
    gyre_fd_close(&out);
}
