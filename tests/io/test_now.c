/*
 * test_now.c - who will not wait asks the system each time, and is told what is
 * so: the loop need not have had a chance to tell, and may not know the
 * descriptor at all.  And what is known is forgotten only if it will be told
 * again.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loop/allocator.h"
#include "loop/loop.h"
#include "task/run/run.h"
#include "task/task.h"
#include "io/fd.h"
#include "io/tcp.h"
#include "tests/io/loopback.h"
#include "tests/io/pairs.h"
#include "tests/support/faults.h"
#include "tests/task/world.h"

static struct gyre_fd in, out;

/* A pipe, with numbers from `lowest` on. */
static void open_pipe(int lowest)
{
    struct gyre_fd *ends[2] = {&in, &out};
    int fds[2];

    cr_expect_eq(pipe(fds), 0);
    for (int i = 0; i < 2; i++) {
        int fd = fcntl(fds[i], F_DUPFD, lowest);

        close(fds[i]);
        cr_expect_eq(gyre_fd_nonblocking(fd), 0);
        gyre_fd_open(ends[i], gyre_loop_current(), fd, GYRE_FD_OTHER);
    }
}

static void close_pipe(void)
{
    gyre_fd_close(&in);
    gyre_fd_close(&out);
}

static ssize_t take(gyre_time deadline)
{
    static char bytes[4096];

    return gyre_fd_read(&in, bytes, sizeof bytes, deadline);
}

static ssize_t put(gyre_time deadline)
{
    static char bytes[4096];
    struct iovec iov = {bytes, sizeof bytes};

    return gyre_fd_writev(&out, &iov, 1, deadline);
}

/* No loop runs in between. */
CLAIM_ON_LOOPBACK(now, asks_a_pipe_each_time)
{
    open_pipe(0);
    for (int i = 0; i < 3; i++) {
        cr_expect_eq(take(GYRE_NOW), -ETIMEDOUT);
        while (put(GYRE_NOW) > 0)
            ;
        cr_expect_eq(put(GYRE_NOW), -ETIMEDOUT);
        while (take(GYRE_NOW) > 0)
            ;
        cr_expect_gt(put(GYRE_NOW), 0);
        cr_expect_gt(take(GYRE_NOW), 0);
    }
    close_pipe();
}

CLAIM_OF_STREAMS(now, asks_a_stream_until_there_is_something_to_read)
{
    ssize_t n = -ETIMEDOUT;
    char buf[8];

    open_pair(0);
    for (int i = 0; i < 3; i++)
        cr_expect_eq(gyre_read(ours, buf, 8, GYRE_NOW), -ETIMEDOUT);
    say("hello");
    wait_until((n = gyre_read(ours, buf, 8, GYRE_NOW)) != -ETIMEDOUT);
    cr_expect_eq(n, 5);
    close_pair();
}

CLAIM_OF_STREAMS(now, asks_a_stream_until_there_is_room_to_write)
{
    ssize_t n = -ETIMEDOUT;

    open_pair(4);
    drain(fill());
    wait_until((n = gyre_write_some(ours, "x", 1, GYRE_NOW)) != -ETIMEDOUT);
    cr_expect_eq(n, 1);
    close_pair();
}

CLAIM_ON_LOOPBACK(now, asks_a_listener_until_a_connection_comes)
{
    int port, fd, err = -ETIMEDOUT;
    struct gyre_listener *l = listen_anywhere(&port);
    struct gyre_stream *s;

    for (int i = 0; i < 3; i++)
        cr_expect_eq(gyre_accept(l, &s, GYRE_NOW), -ETIMEDOUT);
    fd = connect_to_port(port);
    wait_until((err = gyre_accept(l, &s, GYRE_NOW)) != -ETIMEDOUT);
    cr_expect_eq(err, 0);
    gyre_close(s);
    gyre_listener_close(l);
    close(fd);
}

/* ---- when the loop cannot be asked to tell ---- */

static bool failing;

static void *resize(struct gyre_allocator *a, void *p, size_t old, size_t size)
{
    (void)a;
    return failing && size > old ? NULL : gyre_resize(NULL, p, old, size);
}

static void note_it(struct gyre_job *j)
{
    (void)j;
    note('j');
}

/* The numbers are so high that the loop's table has to grow for them.  What
   could not be waited for succeeds as soon as it can: it was not forgotten. */
static intptr_t use_without_memory(void *arg)
{
    struct gyre_job j = {.run = note_it};

    (void)arg;
    open_pipe(700);
    failing = true;
    cr_expect_eq(take(GYRE_FOREVER), -ENOMEM);
    cr_expect_eq(take(GYRE_NOW), -ENOMEM);
    cr_expect_eq(gyre_fd_when(&in, GYRE_READ, &j), -ENOMEM);
    cr_expect(!gyre_fd_has_reader(&in));
    while (put(GYRE_NOW) > 0)
        ;
    cr_expect_eq(put(GYRE_FOREVER), -ENOMEM);
    cr_expect_gt(take(GYRE_FOREVER), 0);
    while (take(GYRE_NOW) > 0)
        ;
    cr_expect_gt(put(GYRE_FOREVER), 0);
    failing = false;
    cr_expect_gt(take(GYRE_FOREVER), 0);
    cr_expect_eq(take(gyre_in(MS)), -ETIMEDOUT);
    cr_expect_eq(gyre_fd_when(&in, GYRE_READ, &j), 0);
    cr_expect_gt(put(GYRE_FOREVER), 0);
    wait_until(notes[0] != '\0');
    expect_notes("j");
    close_pipe();
    return 0;
}

Test(now, forgets_nothing_when_it_cannot_be_told_again)
{
    struct gyre_allocator a = {.resize = resize};
    struct gyre_run_options options = {.making.allocator = &a};
    int descriptors = faults_descriptors();

    cr_expect_eq(gyre_run_with(&options, use_without_memory, NULL), 0);
    cr_expect_eq(faults_descriptors(), descriptors);
}
