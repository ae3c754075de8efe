/*
 * test_job.c - what is said in file.h of all calls on files: walking away, and
 * running out.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "task/pool.h"
#include "task/run/run.h"
#include "task/scope.h"
#include "task/sim/inject.h"
#include "task/task.h"
#include "io/buf.h"
#include "io/file/file.h"
#include "io/file/folder.h"
#include "io/file/path.h"
#include "io/file/temporary.h"
#include "io/file/whole.h"
#include "tests/io/file/scratch.h"
#include "tests/support/faults.h"

#define A_MOMENT gyre_in(20 * MS)

/* Was the last call walked away from in its middle?  If the thread had not
   begun it never will, and the call is to be made again. */
static bool walked_away(unsigned before)
{
    return gyre_pool_stats(gyre_run_pool(GYRE_POOL_FILES)).abandoned > before;
}

/* ---- walking away ----
 *
 * The thread may be at it still when the run has ended, so no books are kept
 * here by whoever holds the claim. */

static intptr_t open_in_vain(void *arg)
{
    (void)arg;
    do
        cr_expect_eq(gyre_file_open("fifo", O_RDONLY, 0, A_MOMENT), -ETIMEDOUT);
    while (!walked_away(0));
    return 0;
}

/* C1: the call cannot be taken back, but its result is not leaked. */
Test(file_job, that_opens_too_late_closes_what_it_has_opened)
{
    int fd;

    enter_scratch();
    cr_expect_eq(mkfifo("fifo", 0600), 0);
    cr_expect_eq(gyre_run(open_in_vain, NULL), 0);
    fd = open("fifo", O_WRONLY);
    wait_for_no_reader(fd);
    close(fd);
    unlink("fifo");
    leave_scratch();
}

static int fds[2];

static bool is_open(int fd)
{
    return fcntl(fd, F_GETFD) >= 0;
}

static intptr_t read_in_vain(void *arg)
{
    char byte = '-';

    (void)arg;
    do
        cr_expect_eq(
            gyre_file_read(fds[0], &byte, 1, GYRE_FILE_POSITION, A_MOMENT),
            -ETIMEDOUT);
    while (!walked_away(0));
    cr_expect_eq(gyre_file_close(fds[0], SOON), 0);
    cr_expect(is_open(fds[0]), "the thread still reads from it");
    cr_expect_eq(byte, '-');
    return 0;
}

/* A1, C1: a thread that wakes up must not read from whatever has the number of
   what was closed meanwhile. */
Test(file_job, that_was_walked_away_from_keeps_its_descriptor_open)
{
    cr_expect_eq(pipe(fds), 0);
    cr_expect_eq(gyre_run(read_in_vain, NULL), 0);
    cr_expect(is_open(fds[0]));
    cr_expect_eq(write(fds[1], "x", 1), 1);
    wait_for_no_reader(fds[1]);
    cr_expect(!is_open(fds[0]));
}

static intptr_t read_one(void *arg)
{
    char byte;

    (void)arg;
    return gyre_file_read(fds[0], &byte, 1, GYRE_FILE_POSITION, SOON);
}

/* The same with one that is waited for: it is the other who closes. */
CLAIM_ON_LOOPBACK(file_job, that_is_under_way_keeps_its_descriptor_open)
{
    struct gyre_future done;
    struct gyre_scope s;

    cr_expect_eq(pipe(fds), 0);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, &done, read_one, NULL);
    cr_expect_eq(gyre_yield(), 0);
    cr_expect_eq(gyre_file_close(fds[0], SOON), 0);
    cr_expect(is_open(fds[0]));
    cr_expect_eq(write(fds[1], "x", 1), 1);
    cr_expect_eq(gyre_await(&done, SOON), 1);
    cr_expect(!is_open(fds[0]));
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    close(fds[1]);
}

static intptr_t write_in_vain(void *arg)
{
    char text[] = "hello";

    (void)arg;
    do {
        strcpy(text, "hello");
        cr_expect_eq(
            gyre_file_write(fds[1], text, 5, GYRE_FILE_POSITION, A_MOMENT),
            -ETIMEDOUT);
        memset(text, 'x', 5);
    } while (!walked_away(0));
    return 0;
}

/* The thread has bytes of its own: the caller's frame is gone. */
Test(file_job, that_was_walked_away_from_writes_what_it_was_given)
{
    char buf[4096];
    ssize_t n, last = 0;

    open_full_pipe(fds);
    cr_expect_eq(gyre_run(write_in_vain, NULL), 0);
    while ((n = read(fds[0], buf, sizeof buf)) == sizeof buf)
        last = n;
    cr_expect_gt(last, 0);
    cr_expect_eq(n, 5);
    cr_expect_eq(memcmp(buf, "hello", 5), 0);
}

/* ---- running out ---- */

/* The first error of all that is done with a file. */
static int use_a_file(int fd)
{
    struct stat st;
    char byte;
    int err = gyre_file_write(fd, "x", 1, 0, SOON);

    if (err == 0)
        err = gyre_file_stat(fd, &st, SOON);
    if (err == 0)
        err = gyre_file_sync(fd, SOON);
    if (err == 0)
        err = (int)gyre_file_read(fd, &byte, 1, 0, SOON);
    return err < 0 ? err : 0;
}

/* Use the descriptor, if that is one, and close it in any case. */
static int use_and_close(int fd)
{
    int err, closed;

    if (fd < 0)
        return fd;
    err = use_a_file(fd);
    closed = gyre_file_close(fd, SOON);
    return err ? err : closed;
}

static int use_names(void)
{
    char path[8] = "XXXXXX", text[32];
    int err = gyre_path_symlink("there", "link", SOON);

    if (err == 0)
        err = gyre_path_readlink("link", text, sizeof text, SOON);
    if (err == 0)
        err = gyre_path_rename("link", "other", SOON);
    if (err == 0)
        err = gyre_temporary_folder(path, SOON);
    rmdir(path);
    return err;
}

static int use_whole_files(void)
{
    struct gyre_buf b = {0};
    int err = gyre_file_replace("whole", "hello", 5, 0600, SOON);

    if (err == 0)
        err = gyre_file_read_whole("whole", &b, 100, SOON);
    gyre_buf_free(&b);
    return err;
}

static int use_a_folder(void)
{
    struct gyre_folder_entry e;
    struct gyre_folder *f;
    int err = gyre_folder_open(".", &f, SOON);

    if (err)
        return err;
    do
        err = gyre_folder_next(f, &e, SOON);
    while (err > 0);
    gyre_folder_close(f);
    return err;
}

static intptr_t use_all(void *arg)
{
    char path[8] = "XXXXXX";
    int err = use_and_close(gyre_file_open("a", O_RDWR | O_CREAT, 0600, SOON));

    (void)arg;
    if (err == 0)
        err = use_and_close(gyre_temporary_file(".", SOON));
    if (err == 0)
        err = use_and_close(gyre_temporary_named(path, SOON));
    if (err == 0)
        err = use_names();
    if (err == 0)
        err = use_whole_files();
    if (err == 0)
        err = use_a_folder();
    unlink(path);
    unlink("a");
    unlink("whole");
    unlink("link");
    unlink("other");
    return err;
}

static int scenario(void)
{
    return (int)gyre_run(use_all, NULL);
}

Test(file_job, the_nth_allocation_fails_cleanly)
{
    enter_scratch();
    cr_expect_geq(faults_in_memory(scenario), 20);
    leave_scratch();
}

Test(file_job, the_nth_descriptor_fails_cleanly)
{
    enter_scratch();
    cr_expect_geq(faults_in_descriptors(scenario), 3);
    leave_scratch();
}

static int check(void *arg)
{
    (void)arg;
    return rmdir("nothing") < 0 && errno == ENOENT ? 0 : -EIO;
}

/* At every point, and in every moment of it: nothing stays open, or
   allocated. */
Test(file_job, leaves_nothing_when_it_is_cancelled_at_any_point)
{
    struct gyre_injection i = {.check = check};

    enter_scratch();
    cr_expect_eq(gyre_inject(&i, use_all, NULL), 0);
    cr_expect_gt(i.points, 20);
    leave_scratch();
}
