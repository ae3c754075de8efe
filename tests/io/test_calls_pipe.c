/*
 * test_calls_pipe.c - descriptors, pipes and FIFOs, whose system calls fail one
 * after the other: the claims of fd.h, pipe.h, and stream.h about that.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "loop/loop.h"
#include "task/scope.h"
#include "task/task.h"
#include "io/fd.h"
#include "io/internal.h"
#include "io/pipe.h"
#include "io/sys.h"
#include "tests/io/promises.h"

/* Both wait: what is read is what was written, and then the end. */
static int compare(ssize_t n, const char *bytes)
{
    if (n < 0)
        return (int)n;
    return n == 5 && memcmp(bytes, "hello", 5) == 0 ? 0 : -EBADMSG;
}

/* ---- descriptors ---- */

static struct gyre_fd in, out;

static intptr_t read_fd(void *arg)
{
    char bytes[16];
    int err = compare(gyre_fd_read(&in, bytes, sizeof bytes, in_time()), bytes);

    (void)arg;
    if (err == 0)
        err = (int)gyre_fd_read(&in, bytes, 1, in_time());
    return note_error(err);
}

static int write_fd(void)
{
    struct iovec iov = {"hello", 5};
    ssize_t n;

    if (gyre_sleep(gyre_in(GYRE_MICROSECOND)))
        return -ECANCELED;
    n = gyre_fd_writev(&out, &iov, 1, in_time());
    return n < 0 ? (int)n : 0;
}

static void use_descriptors(void)
{
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    if (note_error(gyre_spawn(&s, NULL, read_fd, NULL)) == 0)
        note_error(write_fd());
    gyre_fd_close(&out);
    (void)gyre_scope_close(&s, 0);
    gyre_fd_close(&in);
}

static void open_descriptors(void)
{
    int fds[2], err = note_error(gyre_sys_pipe(fds));

    if (err)
        return;
    for (int i = 0; i < 2 && err == 0; i++)
        err = note_error(gyre_fd_nonblocking(fds[i]));
    gyre_fd_open(&in, gyre_loop_current(), fds[0], GYRE_FD_OTHER);
    gyre_fd_open(&out, gyre_loop_current(), fds[1], GYRE_FD_OTHER);
    if (err == 0)
        use_descriptors();
    gyre_fd_close(&in);
    gyre_fd_close(&out);
}

static int play_descriptors(void)
{
    return play_in_run(open_descriptors);
}

static const struct scenario descriptors = {play_descriptors, io_promised};

Test(calls_pipe, descriptors_tell_why_and_hide_what_is_temporary)
{
    int epoll = fails_cleanly_but(&descriptors, CALL_EPOLL_CTL, 1);
    int kqueue = fails_cleanly_but_up_to(&descriptors, CALL_KEVENT, 2);

    cr_expect_geq(fails_cleanly(&descriptors, CALL_PIPE), 5);
    cr_expect_geq(fails_cleanly_but(&descriptors, CALL_FCNTL, 1), 6 * 7);
    cr_expect_geq(fails_cleanly_but_up_to(&descriptors, CALL_READ, 1), 2 * 7);
    cr_expect_geq(fails_cleanly(&descriptors, CALL_WRITEV), 13);
    cr_expect(epoll >= 0 && kqueue >= 0);
    cr_expect_geq(epoll + kqueue, 2 * 8);
}

/* ---- streams ---- */

static struct gyre_stream *ends[2];

static intptr_t read_stream(void *arg)
{
    char bytes[16];
    int err = gyre_read_exact(ends[0], bytes, 5, in_time());

    if (err == 0)
        err = compare(5, bytes);
    (void)arg;
    if (err == 0)
        err = (int)gyre_read(ends[0], bytes, 1, in_time());
    return note_error(err);
}

/* In two parts, so that the reader waits in between. */
static int write_stream(void)
{
    int err = gyre_write(ends[1], "he", 2, in_time());

    if (err == 0)
        err = gyre_sleep(gyre_in(GYRE_MICROSECOND));
    if (err == 0)
        err = gyre_write(ends[1], "llo", 3, in_time());
    return err ? err : gyre_shutdown(ends[1], in_time());
}

static void use_streams(void)
{
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    if (note_error(gyre_spawn(&s, NULL, read_stream, NULL)) == 0)
        note_error(write_stream());
    gyre_close(ends[1]);
    ends[1] = NULL;
    (void)gyre_scope_close(&s, 0);
    gyre_close(ends[0]);
    ends[0] = NULL;
}

static void open_pair(void)
{
    if (note_error(gyre_pipe_pair(gyre_loop_current(), ends)) == 0)
        use_streams();
}

static int play_pipes(void)
{
    return play_in_run(open_pair);
}

static const struct scenario pipes = {play_pipes, io_promised};

Test(calls_pipe, a_pipe_tells_why_and_takes_no_error_for_its_end)
{
    int epoll = fails_cleanly_but(&pipes, CALL_EPOLL_CTL, 1);
    int kqueue = fails_cleanly_but_up_to(&pipes, CALL_KEVENT, 2);

    cr_expect_geq(fails_cleanly(&pipes, CALL_PIPE), 5);
    cr_expect_geq(fails_cleanly_but(&pipes, CALL_FCNTL, 1), 8 * 7);
    cr_expect_geq(fails_cleanly(&pipes, CALL_FSTAT), 4 * 10);
    cr_expect_geq(fails_cleanly(&pipes, CALL_READ), 3 * 7);
    cr_expect_geq(fails_cleanly(&pipes, CALL_WRITEV), 2 * 13);
    cr_expect_geq(fails_cleanly(&pipes, CALL_POLL), 4);
    cr_expect(epoll >= 0 && kqueue >= 0);
    cr_expect_geq(epoll + kqueue, 2 * 8);
}

/* On some systems a pipe that nobody reads any more cannot be watched.  If that
   came to pass just before, there was room to wait for, a moment ago. */
static void write_to_nobody(void)
{
    if (note_error(gyre_pipe_pair(gyre_loop_current(), ends)))
        return;
    gyre_close(ends[0]);
    calls_begin(CALL_WRITEV, 0, EAGAIN, false);
    note_error(gyre_write(ends[1], "hello", 5, in_time()));
    calls_end();
    gyre_close(ends[1]);
    ends[0] = ends[1] = NULL;
}

Test(calls_pipe, a_writer_who_waits_hears_that_the_reader_has_gone_meanwhile)
{
    cr_expect_eq(play_in_run(write_to_nobody), -EPIPE);
}

/* ---- streams over what others share ---- */

/* Of the pipe `fds`, which may block: by calls of its own for each end. */
static int share_ends(const int fds[2],
                      int (*share)(int fd, struct gyre_stream **out))
{
    int err = share(fds[0], &ends[0]);

    if (err)
        return err;
    err = share(fds[1], &ends[1]);
    if (err) {
        gyre_close(ends[0]);
        ends[0] = NULL;
    }
    return err;
}

static void share_pipe(int (*share)(int fd, struct gyre_stream **out))
{
    int fds[2], err = note_error(gyre_sys_pipe(fds));

    if (err)
        return;
    err = note_error(share_ends(fds, share));
    close(fds[0]);
    close(fds[1]);
    if (err == 0)
        use_streams();
}

static int share_in_any_way(int fd, struct gyre_stream **stream)
{
    return gyre_stream_share(gyre_loop_current(), fd, stream);
}

/* As where what is shared cannot be opened once more. */
static int share_itself(int fd, struct gyre_stream **stream)
{
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0), err;

    if (copy < 0)
        return -errno;
    err = gyre_pipe_new(gyre_loop_current(), copy, GYRE_PIPE_SHARED, stream);
    if (err)
        close(copy);
    return err;
}

static void open_shared(void)
{
    share_pipe(share_in_any_way);
}

static void open_blocking(void)
{
    share_pipe(share_itself);
}

static int play_shared(void)
{
    return play_in_run(open_shared);
}

static int play_blocking(void)
{
    return play_in_run(open_blocking);
}

static const struct scenario shared = {play_shared, io_promised};
static const struct scenario blocking = {play_blocking, io_promised};

/* If it cannot be opened once more there is another way. */
Test(calls_pipe, what_cannot_be_opened_once_more_is_shared_as_it_is)
{
    cr_expect_geq(fails_cleanly_but(&shared, CALL_OPEN, 2), 2 * 26);
    cr_expect_geq(fails_cleanly(&shared, CALL_FSTAT), 4 * 10);
    cr_expect_geq(fails_cleanly(&shared, CALL_READ), 3 * 7);
    cr_expect_geq(fails_cleanly(&shared, CALL_WRITEV), 2 * 13);
}

Test(calls_pipe, what_may_block_is_not_tried_if_poll_does_not_answer)
{
    cr_expect_geq(fails_cleanly(&blocking, CALL_POLL), 5 * 4);
    cr_expect_geq(fails_cleanly(&blocking, CALL_READ), 3 * 7);
    cr_expect_geq(fails_cleanly(&blocking, CALL_WRITEV), 2 * 13);
}

/* ---- FIFOs ---- */

static char fifo[64];

static void open_fifo(void)
{
    int err = gyre_fifo_open(fifo, GYRE_READ, &ends[0], in_good_time());

    if (note_error(err))
        return;
    err = gyre_fifo_open(fifo, GYRE_WRITE, &ends[1], in_good_time());
    if (note_error(err) == 0)
        use_streams();
    gyre_close(ends[0]);
    ends[0] = NULL;
}

static int play_fifo(void)
{
    return play_in_run(open_fifo);
}

/* Nothing waits for a file that somebody else has a lease of. */
static struct promise fifo_promised(enum call c, int err)
{
    if (c == CALL_OPEN && err == EWOULDBLOCK)
        return (struct promise){.error = -EBUSY};
    return io_promised(c, err);
}

static const struct scenario fifos = {play_fifo, fifo_promised};

Test(calls_pipe, a_fifo_tells_why_it_cannot_be_opened_or_used)
{
    char folder[] = "/tmp/gyre-calls-XXXXXX";

    cr_assert_not_null(mkdtemp(folder));
    snprintf(fifo, sizeof fifo, "%s/fifo", folder);
    cr_assert_eq(mkfifo(fifo, 0600), 0);
    cr_expect_geq(fails_cleanly(&fifos, CALL_OPEN), 2 * 26);
    cr_expect_geq(fails_cleanly(&fifos, CALL_FSTAT), 4 * 10);
    cr_expect_geq(fails_cleanly(&fifos, CALL_READ), 3 * 7);
    cr_expect_geq(fails_cleanly(&fifos, CALL_WRITEV), 2 * 13);
    cr_expect_geq(fails_cleanly(&fifos, CALL_POLL), 4);
    unlink(fifo);
    rmdir(folder);
}
