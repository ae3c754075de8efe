/*
 * test_pipe.c - the claims of pipe.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
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
#include "io/writing.h"
#include "tests/io/loopback.h"
#include "tests/support/faults.h"
#include "tests/task/world.h"

#define SOON gyre_in(20 * GYRE_SECOND)

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

static void expect_read(struct gyre_stream *s, const char *text)
{
    char got[64] = "";

    cr_expect_eq(gyre_read_exact(s, got, strlen(text), SOON), 0);
    cr_expect_str_eq(got, text);
}

static void expect_end(struct gyre_stream *s)
{
    char byte;

    for (int i = 0; i < 2; i++)
        cr_expect_eq(gyre_read(s, &byte, 1, SOON), 0);
}

static bool blocks(int fd)
{
    return !(fcntl(fd, F_GETFL) & O_NONBLOCK);
}

/* ---- one way ---- */

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

enum { LARGE = 1 << 20 };

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

static int open_path(const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC);

    cr_expect_geq(fd, 0);
    return fd;
}

static struct gyre_stream *adopt(int fd)
{
    struct gyre_stream *s = NULL;

    cr_expect_eq(gyre_stream_adopt(gyre_loop_current(), fd, &s), 0);
    return s;
}

/* Path of a file, or FIFO, that is not there yet. */
static const char *a_path(void)
{
    static char path[64];

    snprintf(path, sizeof path, "/tmp/gyre-pipe.%ld", (long)getpid());
    unlink(path);
    return path;
}

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

/* ---- shared ---- */

static struct gyre_stream *share(int fd)
{
    struct gyre_stream *s = NULL;

    cr_expect_eq(gyre_stream_share(gyre_loop_current(), fd, &s), 0);
    return s;
}

/* A pipe, and a socket, of which the latter cannot be opened once more. */
static void open_shared(bool sockets, int fds[2])
{
    cr_expect_eq(sockets ? socketpair(AF_UNIX, SOCK_STREAM, 0, fds) : pipe(fds),
                 0);
}

CLAIM_ON_LOOPBACK(pipe, that_is_shared_is_left_as_it_is)
{
    for (int sockets = 0; sockets < 2; sockets++) {
        struct gyre_stream *in, *out;
        int fds[2];
        char byte;

        open_shared(sockets, fds);
        in = share(fds[0]);
        out = share(fds[1]);
        cr_expect_eq(gyre_read(in, &byte, 1, GYRE_NOW), -ETIMEDOUT);
        cr_expect_eq(gyre_read(in, &byte, 1, gyre_in(MS)), -ETIMEDOUT);
        cr_expect_eq(gyre_write(out, "hello", 5, SOON), 0);
        expect_read(in, "hello");
        cr_expect(blocks(fds[0]));
        cr_expect(blocks(fds[1]));
        gyre_close(in);
        gyre_close(out);
        cr_expect_eq(write(fds[1], "x", 1), 1, "and open");
        close(fds[0]);
        close(fds[1]);
    }
}

static struct gyre_stream *shared_out;

static intptr_t write_shared(void *arg)
{
    static char bytes[LARGE];
    int err = gyre_write(shared_out, bytes, LARGE, SOON);

    (void)arg;
    cr_expect_eq(err, 0);
    return 0;
}

/* Were it to block, nobody would read. */
CLAIM_ON_LOOPBACK(pipe, that_is_shared_never_blocks)
{
    for (int sockets = 0; sockets < 2; sockets++) {
        struct gyre_stream *in;
        struct gyre_scope s;
        char some[5000];
        int fds[2];

        open_shared(sockets, fds);
        in = share(fds[0]);
        shared_out = share(fds[1]);
        gyre_scope_open(&s, GYRE_FOREVER);
        gyre_spawn(&s, NULL, write_shared, NULL);
        for (size_t left = LARGE; left > 0;) {
            ssize_t n = gyre_read(in, some, sizeof some, SOON);

            cr_expect_gt(n, 0);
            left = n > 0 ? left - (size_t)n : 0;
        }
        cr_expect_eq(gyre_scope_close(&s, 0), 0);
        gyre_close(in);
        gyre_close(shared_out);
        close(fds[0]);
        close(fds[1]);
    }
}

/* inetd, and socket units of systemd: standard output is a connection. */
CLAIM_ON_LOOPBACK(pipe, that_is_a_shared_socket_can_end_what_it_says)
{
    struct gyre_stream *s;
    int fds[2];
    char byte;

    open_shared(true, fds);
    s = share(fds[0]);
    cr_expect_eq(gyre_write(s, "x", 1, SOON), 0);
    cr_expect_eq(gyre_shutdown(s, SOON), 0);
    cr_expect_eq(gyre_write(s, "x", 1, SOON), -EPIPE);
    cr_expect_eq(read(fds[1], &byte, 1), 1);
    cr_expect_eq(read(fds[1], &byte, 1), 0);
    cr_expect_eq(write(fds[1], "y", 1), 1);
    expect_read(s, "y");
    gyre_close(s);
    close(fds[0]);
    close(fds[1]);
}

/* A shell that says `{ prog; cat; } < file` reads on where prog has stopped. */
CLAIM_ON_LOOPBACK(pipe, that_is_a_shared_file_has_one_offset)
{
    const char *path = a_path();
    int fd = open_path(path, O_RDWR | O_CREAT | O_EXCL);
    struct gyre_stream *s;
    char byte = '?';

    cr_expect_eq(write(fd, "ab", 2), 2);
    lseek(fd, 0, SEEK_SET);
    s = share(fd);
    cr_expect_eq(gyre_read(s, &byte, 1, SOON), 1);
    gyre_close(s);
    cr_expect_eq(read(fd, &byte, 1), 1);
    cr_expect_eq(byte, 'b');
    close(fd);
    unlink(path);
}

/* ---- FIFOs ---- */

static struct gyre_stream *open_fifo(const char *path, unsigned event)
{
    struct gyre_stream *s = NULL;

    cr_expect_eq(gyre_fifo_open(path, event, &s, SOON), 0);
    return s;
}

/* `prog < fifo`, where who has written was quicker: to open it once more must not
   make a reader that waits for the first who writes. */
CLAIM_ON_LOOPBACK(fifo, that_is_shared_after_its_writer_has_gone_has_an_end)
{
    const char *path = a_path();
    struct gyre_stream *s;
    int in, out;

    cr_expect_eq(mkfifo(path, 0600), 0);
    in = open_path(path, O_RDONLY | O_NONBLOCK);
    out = open_path(path, O_WRONLY);
    cr_expect_eq(write(out, "bye", 3), 3);
    close(out);
    s = share(in);
    expect_read(s, "bye");
    expect_end(s);
    gyre_close(s);
    close(in);
    unlink(path);
}

static intptr_t write_to_fifo(void *path)
{
    struct gyre_stream *s = open_fifo(path, GYRE_WRITE);

    cr_expect_eq(gyre_write(s, "late", 4, SOON), 0);
    gyre_close(s);
    return 0;
}

CLAIM_ON_LOOPBACK(pipe, that_is_a_fifo_has_not_ended_before_somebody_wrote)
{
    const char *path = a_path();
    struct gyre_stream *in;
    struct gyre_scope s;
    char byte;

    cr_expect_eq(mkfifo(path, 0600), 0);
    in = open_fifo(path, GYRE_READ);
    cr_expect_eq(gyre_read(in, &byte, 1, GYRE_NOW), -ETIMEDOUT);
    cr_expect_eq(gyre_read(in, &byte, 1, gyre_in(MS)), -ETIMEDOUT);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, write_to_fifo, (void *)path);
    expect_read(in, "late");
    expect_end(in);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    gyre_close(in);
    unlink(path);
}

CLAIM_ON_LOOPBACK(pipe, that_is_a_fifo_whose_writer_said_nothing_has_ended)
{
    const char *path = a_path();
    struct gyre_stream *in;

    cr_expect_eq(mkfifo(path, 0600), 0);
    in = open_fifo(path, GYRE_READ);
    gyre_close(open_fifo(path, GYRE_WRITE));
    expect_end(in);
    gyre_close(in);
    unlink(path);
}

CLAIM_ON_LOOPBACK(pipe, that_is_a_fifo_says_why_it_cannot_be_opened)
{
    const char *path = a_path();
    struct gyre_stream *s;
    struct gyre_scope scope;

    cr_expect_eq(gyre_fifo_open(path, GYRE_READ, &s, SOON), -ENOENT);
    cr_expect_eq(gyre_fifo_open("/dev/null", GYRE_READ, &s, SOON), -EINVAL);
    cr_expect_eq(mkfifo(path, 0600), 0);
    cr_expect_eq(gyre_fifo_open(path, GYRE_WRITE, &s, SOON), -ENXIO);
    cr_expect_eq(gyre_fifo_open(path, GYRE_READ, &s, GYRE_NOW), -ETIMEDOUT);
    gyre_scope_open(&scope, GYRE_FOREVER);
    gyre_scope_cancel(&scope);
    cr_expect_eq(gyre_fifo_open(path, GYRE_READ, &s, SOON), -ECANCELED);
    cr_expect_eq(gyre_scope_close(&scope, 0), 0);
    unlink(path);
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
