/*
 * test_fork.c - streams in the child of a fork: it takes no byte of the
 * parent's, and no registration.
 */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loop/job.h"
#include "loop/loop.h"
#include "task/sync/event.h"
#include "task/task.h"
#include "io/internal.h"
#include "io/stream.h"
#include "io/tcp.h"
#include "tests/io/pairs.h"
#include "tests/support/forked.h"
#include "tests/task/world.h"

TestSuite(fork_in_io, .timeout = 60);

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
