/*
 * test_pipe.c - the claims of pipe.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "loop/loop.h"
#include "task/run/run.h"
#include "task/scope.h"
#include "task/sync/event.h"
#include "task/task.h"
#include "io/pipe.h"
#include "io/reading.h"
#include "io/service.h"
#include "io/writing.h"
#include "tests/io/loopback.h"
#include "tests/io/pipes.h"
#include "tests/support/faults.h"

static struct gyre_stream *ends[2];

static void open_ends(void)
{
    cr_expect_eq(gyre_pipe_pair(gyre_loop_current(), ends), 0);
}

static void close_ends(void)
{
    gyre_close(ends[0]);
    gyre_close(ends[1]);
}

/* ---- one way ---- */

CLAIM_ON_LOOPBACK(pipe, that_was_cut_can_neither_be_written_nor_ended)
{
    open_ends();
    gyre_service_cut(ends[1]);
    cr_expect_eq(gyre_write(ends[1], "x", 1, SOON), -EPIPE);
    cr_expect_eq(gyre_shutdown(ends[1], SOON), -EPIPE);
    close_ends();
    open_ends();
    cr_expect_eq(gyre_shutdown(ends[1], SOON), 0);
    cr_expect_eq(gyre_shutdown(ends[1], SOON), 0);
    close_ends();
}

CLAIM_ON_LOOPBACK(pipe, carries_bytes_one_way)
{
    open_ends();
    cr_expect_eq(gyre_write(ends[1], "hello", 5, SOON), 0);
    expect_read(ends[0], "hello");
    cr_expect_eq(gyre_shutdown(ends[1], SOON), 0);
    expect_end(ends[0]);
    close_ends();
}

static void never(struct gyre_job *j)
{
    (void)j;
    cr_expect(false);
}

CLAIM_ON_LOOPBACK(pipe, says_that_it_does_not_go_the_other_way)
{
    struct gyre_reading r = {.buf = ends, .size = 1};
    struct gyre_job j = {.run = never};
    char byte;

    open_ends();
    cr_expect_eq(gyre_read(ends[1], &byte, 1, SOON), -ENOTSUP);
    cr_expect_eq(gyre_read_until(ends[1], '\n', &byte, 1, SOON), -ENOTSUP);
    cr_expect_eq(gyre_stream_when_readable(ends[1], &j), -ENOTSUP);
    cr_expect_eq(gyre_reading_start(&r, ends[1]), -ENOTSUP);
    cr_expect_eq(gyre_write(ends[0], "x", 1, SOON), -ENOTSUP);
    cr_expect_eq(gyre_shutdown(ends[0], SOON), -ENOTSUP);
    cr_expect_eq(gyre_write(ends[1], "x", 1, SOON), 0);
    expect_read(ends[0], "x");
    close_ends();
}

static struct gyre_event written;
static int outcome;

static void tell(struct gyre_writing *w, int err)
{
    (void)w;
    outcome = err;
    gyre_event_set(&written);
}

CLAIM_ON_LOOPBACK(pipe, that_was_shut_down_takes_no_more)
{
    struct gyre_writing w = {.written = tell};
    struct iovec piece = {"x", 1};

    open_ends();
    cr_expect_eq(gyre_shutdown(ends[1], SOON), 0);
    cr_expect_eq(gyre_write(ends[1], "x", 1, SOON), -EPIPE);
    gyre_event_clear(&written);
    gyre_writing_start(&w, ends[1], &piece, 1);
    cr_expect_eq(gyre_event_wait(&written, SOON), 0);
    cr_expect_eq(outcome, -EPIPE);
    cr_expect_eq(gyre_shutdown(ends[1], SOON), 0);
    close_ends();
}

/* nikhilm/uvbook#4: SIGPIPE must not end the process, nor be ignored in it. */
CLAIM_ON_LOOPBACK(pipe, that_nobody_reads_is_an_error_and_no_signal)
{
    signal(SIGPIPE, SIG_DFL);
    open_ends();
    gyre_close(ends[0]);
    cr_expect_eq(gyre_write(ends[1], "x", 1, SOON), -EPIPE);
    gyre_close(ends[1]);
}

static intptr_t write_large(void *arg)
{
    static char bytes[LARGE];

    (void)arg;
    cr_expect_eq(gyre_write(ends[1], bytes, LARGE, SOON), 0);
    return gyre_shutdown(ends[1], SOON);
}

CLAIM_ON_LOOPBACK(pipe, slows_a_writer_down)
{
    struct gyre_scope s;
    size_t total = 0;
    char some[5000];
    ssize_t n;

    open_ends();
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, write_large, NULL);
    while ((n = gyre_read(ends[0], some, sizeof some, SOON)) > 0)
        total += (size_t)n;
    cr_expect_eq(n, 0);
    cr_expect_eq(total, LARGE);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    close_ends();
}

/* ---- over any descriptor ---- */

static struct gyre_stream *adopt(int fd)
{
    struct gyre_stream *s = NULL;

    cr_expect_eq(gyre_stream_adopt(gyre_loop_current(), fd, &s), 0);
    return s;
}

/* Path of a file, or FIFO, that is not there yet. */
/* libuv/libuv#281: it aborted on the first read. */
CLAIM_ON_LOOPBACK(pipe, may_be_a_file)
{
    const char *path = a_path();
    struct gyre_stream *s = adopt(open_path(path, O_RDWR | O_CREAT | O_EXCL));

    cr_expect_eq(gyre_write(s, "hello\n", 6, SOON), 0);
    cr_expect_eq(gyre_shutdown(s, SOON), -ENOTSUP);
    gyre_close(s);
    s = adopt(open_path(path, O_RDONLY));
    expect_read(s, "hello\n");
    expect_end(s);
    gyre_close(s);
    unlink(path);
}

/* A limit of the shell's (ulimit -f), and a disk that is full: SIGXFSZ would be
   the end of the process. */
CLAIM_ON_LOOPBACK(pipe, says_that_there_is_no_room_and_no_signal_comes)
{
    const char *path = a_path();
    struct gyre_stream *s = adopt(open_path(path, O_RDWR | O_CREAT | O_EXCL));

    signal(SIGXFSZ, SIG_DFL);
    cr_expect_eq(setrlimit(RLIMIT_FSIZE, &(struct rlimit){4, 4}), 0);
    cr_expect_eq(gyre_write_some(s, "hello", 5, SOON), 4);
    cr_expect_eq(gyre_write(s, "o", 1, SOON), -EFBIG);
    gyre_close(s);
    unlink(path);
    if (access("/dev/full", W_OK) < 0)
        return;
    s = adopt(open_path("/dev/full", O_WRONLY));
    cr_expect_eq(gyre_write(s, "x", 1, SOON), -ENOSPC);
    gyre_close(s);
}

static struct gyre_event over;
static char text[64];

static void hear(struct gyre_reading *r, ssize_t n)
{
    if (n > 0)
        strncat(text, r->buf, (size_t)n);
    else
        gyre_event_set(&over);
}

/* moonbitlang/async#533: /dev/null taken for something that can be polled; and
   libuv PR#5189, always-ready descriptors that nobody told of. */
CLAIM_ON_LOOPBACK(pipe, that_cannot_be_polled_is_told_of_to_callbacks)
{
    char buf[4];
    struct gyre_reading r = {.read = hear, .buf = buf, .size = sizeof buf};
    const char *path = a_path();
    struct gyre_stream *s = adopt(open_path(path, O_RDWR | O_CREAT | O_EXCL));

    cr_expect_eq(gyre_write(s, "hello, world", 12, SOON), 0);
    gyre_close(s);
    for (int i = 0; i < 2; i++) {
        text[0] = '\0';
        s = adopt(open_path(i == 0 ? path : "/dev/null", O_RDWR));
        gyre_event_clear(&over);
        cr_expect_eq(gyre_reading_start(&r, s), 0);
        cr_expect_eq(gyre_event_wait(&over, SOON), 0);
        cr_expect_str_eq(text, i == 0 ? "hello, world" : "");
        gyre_close(s);
    }
    unlink(path);
}

CLAIM_ON_LOOPBACK(pipe, may_be_a_device)
{
    struct gyre_stream *s = adopt(open_path("/dev/null", O_RDWR));
    char some[16];

    expect_end(s);
    cr_expect_eq(gyre_write(s, "x", 1, SOON), 0);
    gyre_close(s);
    s = adopt(open_path("/dev/zero", O_RDONLY));
    cr_expect_eq(gyre_read_exact(s, some, sizeof some, SOON), 0);
    gyre_close(s);
}

CLAIM_ON_LOOPBACK(pipe, may_be_a_socket_and_is_then_as_any_other)
{
    struct gyre_stream *s;
    struct gyre_addr a;
    int fds[2];

    cr_expect_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    s = adopt(fds[0]);
    cr_expect_eq(gyre_stream_local(s, &a), 0);
    cr_expect_eq(send(fds[1], "x", 1, 0), 1);
    expect_read(s, "x");
    cr_expect_eq(gyre_shutdown(s, SOON), 0);
    gyre_close(s);
    close(fds[1]);
}

CLAIM_ON_LOOPBACK(pipe, is_not_made_of_what_carries_no_stream_of_bytes)
{
    struct gyre_stream *s;
    int fd = socket(AF_INET, SOCK_DGRAM, 0);

    cr_expect_eq(gyre_stream_adopt(gyre_loop_current(), fd, &s), -EINVAL);
    close(fd);
    cr_expect_eq(gyre_stream_adopt(gyre_loop_current(), fd, &s), -EBADF);
    cr_expect_eq(gyre_stream_share(gyre_loop_current(), fd, &s), -EBADF);
    fd = socket(AF_INET, SOCK_STREAM, 0);
    cr_expect_eq(listen(fd, 1), 0);
    cr_expect_eq(gyre_stream_adopt(gyre_loop_current(), fd, &s), -EINVAL);
    close(fd);
    cr_expect_eq(gyre_stream_share(gyre_loop_current(),
                                   gyre_loop_fd(gyre_loop_current()), &s),
                 -EBADF, "the number of something closed may be the loop's");
}

/* ---- running out ---- */

static intptr_t make_all(void *arg)
{
    struct gyre_stream *pair[2], *shared, *fifo;
    int err = gyre_pipe_pair(gyre_loop_current(), pair);

    if (err)
        return err;
    err = gyre_stream_share(gyre_loop_current(), 0, &shared);
    if (err)
        goto close_pair;
    gyre_close(shared);
    err = gyre_fifo_open(arg, GYRE_READ, &fifo, SOON);
    if (err == 0)
        gyre_close(fifo);
close_pair:
    gyre_close(pair[0]);
    gyre_close(pair[1]);
    return err;
}

static int scenario(void)
{
    return (int)gyre_run(make_all, (void *)"/tmp/gyre-pipe.faults");
}

Test(pipe, leaves_nothing_when_something_runs_out)
{
    unlink("/tmp/gyre-pipe.faults");
    cr_expect_eq(mkfifo("/tmp/gyre-pipe.faults", 0600), 0);
    cr_expect_geq(faults_in_memory(scenario), 4);
    cr_expect_geq(faults_in_descriptors(scenario), 3);
    unlink("/tmp/gyre-pipe.faults");
}
