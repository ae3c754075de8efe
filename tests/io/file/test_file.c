/*
 * test_file.c - the claims of file.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "task/future.h"
#include "task/run/run.h"
#include "task/scope.h"
#include "task/task.h"
#include "io/file/file.h"
#include "tests/io/file/scratch.h"
#include "tests/support/disk.h"
#include "tests/support/faults.h"
#include "tests/task/world.h"

enum { RW = O_RDWR | O_CREAT };

static int opened(const char *path, int flags)
{
    int fd = gyre_file_open(path, flags, 0640, SOON);

    cr_expect_geq(fd, 0);
    return fd;
}

static void closed(int fd)
{
    cr_expect_eq(gyre_file_close(fd, SOON), 0);
    cr_expect_lt(fcntl(fd, F_GETFD), 0);
}

static void read_and_write_at_an_offset(void)
{
    int fd = opened("a", RW);
    char buf[8] = "";

    cr_expect_eq(gyre_file_write(fd, "hello", 5, 3, SOON), 0);
    cr_expect_eq(gyre_file_read(fd, buf, 8, 4, SOON), 4);
    cr_expect_str_eq(buf, "ello");
    cr_expect_eq(lseek(fd, 0, SEEK_CUR), 0);
    cr_expect_eq(gyre_file_read(fd, buf, 8, 8, SOON), 0);
    closed(fd);
    unlink("a");
}

CLAIM_IN_A_FOLDER(file, is_read_and_written_at_an_offset)
{
    read_and_write_at_an_offset();
}

Test(file, is_read_and_written_under_simulation_too)
{
    enter_scratch();
    hold_in_task(read_and_write_at_an_offset);
    leave_scratch();
}

CLAIM_IN_A_FOLDER(file, is_read_and_written_where_it_is)
{
    int fd = opened("a", RW);
    char buf[8] = "";

    cr_expect_eq(gyre_file_write(fd, "he", 2, GYRE_FILE_POSITION, SOON), 0);
    cr_expect_eq(gyre_file_write(fd, "llo", 3, GYRE_FILE_POSITION, SOON), 0);
    cr_expect_eq(gyre_file_write(fd, NULL, 0, GYRE_FILE_POSITION, SOON), 0);
    cr_expect_eq(gyre_file_write(fd, "x", 1, -4096, SOON), -EINVAL);
    cr_expect_eq(gyre_file_read(fd, buf, 1, -4096, SOON), -EINVAL);
    cr_expect_eq(lseek(fd, 1, SEEK_SET), 1);
    cr_expect_eq(gyre_file_read(fd, buf, 2, GYRE_FILE_POSITION, SOON), 2);
    cr_expect_eq(gyre_file_read(fd, buf + 2, 6, GYRE_FILE_POSITION, SOON), 2);
    cr_expect_str_eq(buf, "ello");
    closed(fd);
    unlink("a");
}

/* However much there is, what a thread has copies of is bounded. */
CLAIM_IN_A_FOLDER(file, goes_in_pieces_of_a_mebibyte)
{
    enum { MEBIBYTE = 1 << 20, N = 2 * MEBIBYTE + 5 };
    int fd = opened("a", RW);
    char *bytes = malloc(N), *got = malloc(N);

    for (int i = 0; i < N; i++)
        bytes[i] = (char)(i * 31 >> 8 ^ i);
    for (int position = 0; position < 2; position++) {
        int64_t at = position ? GYRE_FILE_POSITION : 0;

        cr_expect_eq(gyre_file_write(fd, bytes, N, at, SOON), 0);
        cr_expect_eq(gyre_file_read(fd, got, N, 0, SOON), MEBIBYTE);
        cr_expect_eq(pread(fd, got, N, 0), N);
        cr_expect_eq(memcmp(bytes, got, N), 0);
        cr_expect_eq(gyre_file_truncate(fd, 0, SOON), 0);
    }
    free(bytes);
    free(got);
    closed(fd);
    unlink("a");
}

static void write_too_much(void)
{
    int fd = opened("a", RW);
    struct stat st;

    signal(SIGXFSZ, SIG_DFL);
    cr_expect_eq(setrlimit(RLIMIT_FSIZE, &(struct rlimit){4, 4}), 0);
    cr_expect_eq(gyre_file_write(fd, "hello", 5, 0, SOON), -EFBIG);
    cr_expect_eq(gyre_file_stat(fd, &st, SOON), 0);
    cr_expect_eq(st.st_size, 4, "what fits is there");
    closed(fd);
    unlink("a");
}

/* Also a disk that is full: a write is an error, and no end of the process. */
CLAIM_IN_A_FOLDER(file, takes_no_more_than_there_is_room_for)
{
    int fd;

    if (access("/dev/full", W_OK) == 0) {
        fd = opened("/dev/full", O_WRONLY);
        cr_expect_eq(gyre_file_write(fd, "x", 1, 0, SOON), -ENOSPC);
        closed(fd);
    }
    write_too_much();
}

Test(file, takes_no_more_under_simulation_either)
{
    enter_scratch();
    hold_in_task(write_too_much);
    leave_scratch();
}

/* Offsets are of 64 bits everywhere. */
CLAIM_IN_A_FOLDER(file, may_be_larger_than_any_int)
{
    const int64_t far = (INT64_C(5) << 30) + 7;
    int fd = opened("a", RW);
    char got[4] = "";
    struct stat st;

    cr_expect_eq(gyre_file_truncate(fd, far, SOON), 0);
    cr_expect_eq(gyre_file_write(fd, "far", 3, far, SOON), 0);
    cr_expect_eq(gyre_file_read(fd, got, 4, far, SOON), 3);
    cr_expect_str_eq(got, "far");
    cr_expect_eq(gyre_file_stat(fd, &st, SOON), 0);
    cr_expect_eq(st.st_size, far + 3);
    closed(fd);
    unlink("a");
}

CLAIM_IN_A_FOLDER(file, is_what_the_flags_and_the_mode_say)
{
    int fd = opened("a", RW | O_EXCL | O_APPEND);
    struct stat st;

    cr_expect(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    cr_expect(fcntl(fd, F_GETFL) & O_APPEND);
    cr_expect_eq(gyre_file_stat(fd, &st, SOON), 0);
    cr_expect_eq(st.st_mode & 0777, 0640);
    cr_expect_eq(gyre_file_open("a", RW | O_EXCL, 0600, SOON), -EEXIST);
    cr_expect_eq(gyre_file_open("b/c", RW, 0600, SOON), -ENOENT);
    closed(fd);
    unlink("a");
}

CLAIM_IN_A_FOLDER(file, has_its_length_permissions_owner_and_times_changed)
{
    const struct timespec times[2] = {{.tv_sec = 1000}, {.tv_sec = 2000}};
    int fd = opened("a", RW);
    struct stat st;

    cr_expect_eq(gyre_file_truncate(fd, 1234, SOON), 0);
    cr_expect_eq(gyre_file_chmod(fd, 0604, SOON), 0);
    cr_expect_eq(gyre_file_chown(fd, getuid(), getgid(), SOON), 0);
    cr_expect_eq(gyre_file_set_times(fd, times, SOON), 0);
    cr_expect_eq(gyre_file_stat(fd, &st, SOON), 0);
    cr_expect_eq(st.st_size, 1234);
    cr_expect_eq(st.st_mode & 0777, 0604);
    cr_expect_eq(st.st_uid, getuid());
    cr_expect_eq(st.st_atime, 1000);
    cr_expect_eq(st.st_mtime, 2000);
    closed(fd);
    unlink("a");
}

CLAIM_IN_A_FOLDER(file, is_put_on_the_disk_and_says_if_that_failed)
{
    int fd = opened("a", RW);

    cr_expect_eq(gyre_file_sync(fd, SOON), 0);
    cr_expect_eq(disk_syncs, 1);
    cr_expect_eq(gyre_file_sync_data(fd, SOON), 0);
    disk_syncs_left = 0;
    cr_expect_eq(gyre_file_sync(fd, SOON), -EIO);
    closed(fd);
    unlink("a");
}

CLAIM_IN_A_FOLDER(file, calls_say_what_the_system_says)
{
    int fd = opened(".", O_RDONLY), none = 999;
    struct stat st;
    char byte;

    cr_expect_eq(gyre_file_read(fd, &byte, 1, 0, SOON), -EISDIR);
    cr_expect_eq(gyre_file_write(fd, "x", 1, 0, SOON), -EBADF);
    closed(fd);
    cr_expect_eq(gyre_file_stat(none, &st, SOON), -EBADF);
    cr_expect_eq(gyre_file_chmod(none, 0600, SOON), -EBADF);
    cr_expect_eq(gyre_file_chown(none, 0, 0, SOON), -EBADF);
    cr_expect_eq(gyre_file_sync(none, SOON), -EBADF);
    cr_expect_eq(gyre_file_sync_data(none, SOON), -EBADF);
    cr_expect_eq(gyre_file_close(none, SOON), -EBADF);
}

/* A5: what cannot be polled, and what standard input may turn out to be. */
CLAIM_IN_A_FOLDER(file, may_be_a_device)
{
    int fd = opened("/dev/null", O_RDWR);
    char byte;

    cr_expect_eq(gyre_file_read(fd, &byte, 1, GYRE_FILE_POSITION, SOON), 0);
    cr_expect_eq(gyre_file_write(fd, "x", 1, GYRE_FILE_POSITION, SOON), 0);
    closed(fd);
}

/* Whatever they are; and they are put back. */
static void expect_standard(const mode_t kinds[3], const int fds[3])
{
    struct stat is[3], should[3];
    int kept[3], got[3];

    for (int i = 0; i < 3; i++) {
        kept[i] = fcntl(i, F_DUPFD_CLOEXEC, 20);
        dup2(fds[i], i);
        fstat(i, &should[i]);
        got[i] = gyre_file_stat(i, &is[i], SOON);
        dup2(kept[i], i);
        close(kept[i]);
    }
    for (int i = 0; i < 3; i++) {
        cr_expect_eq(got[i], 0);
        cr_expect_eq(is[i].st_mode & S_IFMT, kinds[i], "%d", i);
        cr_expect_eq(is[i].st_dev, should[i].st_dev);
        cr_expect_eq(is[i].st_ino, should[i].st_ino);
    }
}

CLAIM_IN_A_FOLDER(file, may_be_any_standard_stream_and_is_told_of_as_what_it_is)
{
    static const mode_t kinds[][3] = {{S_IFIFO, S_IFREG, S_IFCHR},
                                      {S_IFREG, S_IFCHR, S_IFIFO},
                                      {S_IFCHR, S_IFIFO, S_IFREG}};
    int file = opened("a", RW), device = opened("/dev/null", O_RDWR);
    int ends[2];

    cr_expect_eq(pipe(ends), 0);
    expect_standard(kinds[0], (int[]){ends[0], file, device});
    expect_standard(kinds[1], (int[]){file, device, ends[1]});
    expect_standard(kinds[2], (int[]){device, ends[1], file});
    close(ends[0]);
    close(ends[1]);
    closed(device);
    closed(file);
    unlink("a");
}

struct writing {
    int fd;
    const void *bytes;
    size_t n;
};

static intptr_t write_to_pipe(void *arg)
{
    const struct writing *w = arg;

    return gyre_file_write(w->fd, w->bytes, w->n, GYRE_FILE_POSITION, SOON);
}

/* A5: standard input is often a pipe, and somebody else may have made it
   non-blocking; EAGAIN never gets out. */
CLAIM_IN_A_FOLDER(file, may_be_a_pipe_that_does_not_block)
{
    static char bytes[300000], got[300000];
    struct gyre_scope s;
    size_t n = 0;
    int fds[2];

    cr_expect_eq(pipe(fds), 0);
    fcntl(fds[0], F_SETFL, O_NONBLOCK);
    fcntl(fds[1], F_SETFL, O_NONBLOCK);
    memset(bytes, 'x', sizeof bytes);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, write_to_pipe,
               &(struct writing){fds[1], bytes, sizeof bytes});
    while (n < sizeof got) {
        ssize_t more = gyre_file_read(fds[0], got + n, sizeof got - n,
                                      GYRE_FILE_POSITION, SOON);

        cr_expect_gt(more, 0);
        n += more > 0 ? (size_t)more : sizeof got;
    }
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(memcmp(bytes, got, sizeof got), 0);
    closed(fds[0]);
    closed(fds[1]);
}

/* C4: the signal would end the process. */
static void write_to_nobody(void)
{
    int fds[2];

    cr_expect_eq(pipe(fds), 0);
    close(fds[0]);
    cr_expect_eq(gyre_file_write(fds[1], "x", 1, GYRE_FILE_POSITION, SOON),
                 -EPIPE);
    closed(fds[1]);
}

CLAIM_IN_A_FOLDER(file, that_nobody_reads_raises_no_sigpipe)
{
    write_to_nobody();
}

Test(file, that_nobody_reads_raises_none_under_simulation_either)
{
    hold_in_task(write_to_nobody);
}

CLAIM_IN_A_FOLDER(file, is_left_alone_with_no_time_but_closed)
{
    int fd = opened("a", RW);
    struct stat st;
    char byte;

    cr_expect_eq(gyre_file_open("b", RW, 0600, GYRE_NOW), -ETIMEDOUT);
    cr_expect_eq(gyre_file_read(fd, &byte, 1, 0, GYRE_NOW), -ETIMEDOUT);
    cr_expect_eq(gyre_file_write(fd, "x", 1, 0, GYRE_NOW), -ETIMEDOUT);
    cr_expect_eq(gyre_file_stat(fd, &st, GYRE_NOW), -ETIMEDOUT);
    cr_expect_str_eq(held_by("a"), "");
    cr_expect_eq(gyre_file_close(fd, GYRE_NOW), -ETIMEDOUT);
    cr_expect_lt(fcntl(fd, F_GETFD), 0);
    unlink("a");
}

/* What is to be cleaned up is, though the scope is cancelled. */
CLAIM_IN_A_FOLDER(file, is_closed_though_cancelled)
{
    int fd = opened("a", RW);
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_file_sync(fd, SOON), -ECANCELED);
    cr_expect_eq(gyre_file_close(fd, SOON), -ECANCELED);
    cr_expect_lt(fcntl(fd, F_GETFD), 0);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    unlink("a");
}

/* ---- what it is opened as ---- */

/* Whatever the offset says: so it is on Linux, and where it is not, the file
   has not become shorter. */
CLAIM_IN_A_FOLDER(file, that_is_appended_to_is_written_at_its_end)
{
    int fd;

    put_file("a", "hello");
    fd = opened("a", O_WRONLY | O_APPEND);
    cr_expect_eq(gyre_file_write(fd, ", ", 2, GYRE_FILE_POSITION, SOON), 0);
    cr_expect_eq(lseek(fd, 0, SEEK_SET), 0);
    cr_expect_eq(gyre_file_write(fd, "world", 5, GYRE_FILE_POSITION, SOON), 0);
    cr_expect_str_eq(held_by("a"), "hello, world");
    closed(fd);
    unlink("a");
}

CLAIM_IN_A_FOLDER(file, name_that_is_too_long_is_refused)
{
    char far[300];

    memset(far, 'x', sizeof far - 1);
    far[sizeof far - 1] = '\0';
    cr_expect_eq(gyre_file_open(far, RW, 0600, SOON), -ENAMETOOLONG);
}

CLAIM_IN_A_FOLDER(file, name_that_leads_to_itself_is_refused)
{
    cr_expect_eq(symlink("l", "l"), 0);
    cr_expect_eq(gyre_file_open("l", RW, 0600, SOON), -ELOOP);
    unlink("l");
}

CLAIM_IN_A_FOLDER(file, that_is_not_there_is_made_if_that_was_asked_for)
{
    int fd;

    cr_expect_eq(gyre_file_open("a", O_RDWR, 0600, SOON), -ENOENT);
    cr_expect_neq(access("a", F_OK), 0);
    fd = opened("a", RW);
    closed(fd);
    unlink("a");
}

/* ---- signals ---- */

static void note_nothing(int number)
{
    (void)number;
}

static intptr_t read_five(void *fd)
{
    char buf[5];

    return gyre_file_read(*(int *)fd, buf, 5, GYRE_FILE_POSITION, SOON);
}

/* EINTR never gets out: neither of a thread that reads, nor of the loop. */
CLAIM_IN_A_FOLDER(file, is_read_though_signals_come)
{
    struct sigaction plain = {.sa_handler = note_nothing};
    struct gyre_future done;
    struct gyre_scope s;
    int fds[2];

    sigaction(SIGUSR1, &plain, NULL);
    cr_expect_eq(pipe(fds), 0);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, &done, read_five, &fds[0]);
    for (int i = 0; i < 20; i++) {
        kill(getpid(), SIGUSR1);
        let_all_settle();
    }
    cr_expect(!gyre_future_done(&done));
    cr_expect_eq(write(fds[1], "hello", 5), 5);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(gyre_future_result(&done), 5);
    closed(fds[0]);
    closed(fds[1]);
}
