/*
 * test_temporary.c - the claims of temporary.h.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <semaphore.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "task/pool.h"
#include "task/run/run.h"
#include "task/task.h"
#include "io/file/file.h"
#include "io/file/temporary.h"
#include "tests/io/file/scratch.h"
#include "tests/support/disk.h"

static void closed(int fd)
{
    cr_expect_eq(gyre_file_close(fd, SOON), 0);
}

/* That it has no name is seen by the folder, which must be empty in the end. */
CLAIM_IN_A_FOLDER(temporary, file_has_no_name)
{
    int fd = gyre_temporary_file(".", SOON);
    struct stat st;
    char buf[8] = "";

    cr_expect_geq(fd, 0);
    cr_expect_eq(gyre_file_write(fd, "hello", 5, 0, SOON), 0);
    cr_expect_eq(gyre_file_read(fd, buf, 8, 0, SOON), 5);
    cr_expect_str_eq(buf, "hello");
    cr_expect_eq(gyre_file_stat(fd, &st, SOON), 0);
    cr_expect_eq(st.st_nlink, 0);
    cr_expect_eq(st.st_mode & 0077, 0);
    cr_expect(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    closed(fd);
    cr_expect_eq(gyre_temporary_file("none", SOON), -ENOENT);
    cr_expect_eq(gyre_temporary_file("", SOON), -ENOENT);
    cr_expect_eq(gyre_temporary_file("/dev/null", SOON), -ENOTDIR);
}

CLAIM_IN_A_FOLDER(temporary, file_with_a_name_is_a_new_one)
{
    char path[2][12] = {"./fXXXXXX", "./fXXXXXX"};
    struct stat st;
    int fds[2];

    for (int i = 0; i < 2; i++) {
        fds[i] = gyre_temporary_named(path[i], SOON);
        cr_expect_geq(fds[i], 0);
        cr_expect_eq(strncmp(path[i], "./f", 3), 0);
        cr_expect_null(strchr(path[i], 'X'));
        cr_expect_eq(stat(path[i], &st), 0);
        cr_expect_eq(st.st_mode & 0777, 0600);
        closed(fds[i]);
    }
    cr_expect_str_neq(path[0], path[1]);
    unlink(path[0]);
    unlink(path[1]);
}

CLAIM_IN_A_FOLDER(temporary, folder_is_a_new_one)
{
    char path[] = "dXXXXXX";
    struct stat st;

    cr_expect_eq(gyre_temporary_folder(path, SOON), 0);
    cr_expect_eq(stat(path, &st), 0);
    cr_expect(S_ISDIR(st.st_mode));
    cr_expect_eq(st.st_mode & 0777, 0700);
    cr_expect_eq(rmdir(path), 0);
}

CLAIM_IN_A_FOLDER(temporary, name_that_has_no_blanks_is_refused)
{
    char short_one[] = "XXXXX", other[] = "aXXXXXXb", nowhere[] = "n/XXXXXX";

    cr_expect_eq(gyre_temporary_named(short_one, SOON), -EINVAL);
    cr_expect_eq(gyre_temporary_named(other, SOON), -EINVAL);
    cr_expect_eq(gyre_temporary_folder(other, SOON), -EINVAL);
    cr_expect_eq(gyre_temporary_named(nowhere, SOON), -ENOENT);
    cr_expect_str_eq(nowhere, "n/XXXXXX");
}

/* ---- walking away ---- */

static sem_t gate;

static void wait_at_the_gate(void)
{
    sem_wait(&gate);
}

/* What is made, and whether the thread was at it when time was up. */
static int (*make)(char *path, gyre_time deadline);

static intptr_t make_in_vain(void *arg)
{
    struct gyre_pool *files = gyre_run_pool(GYRE_POOL_FILES);
    char path[] = "XXXXXX";

    (void)arg;
    do
        cr_expect_eq(make(path, gyre_in(20 * MS)), -ETIMEDOUT);
    while (gyre_pool_stats(files).abandoned == 0);
    cr_expect_str_eq(path, "XXXXXX");
    return 0;
}

static bool is_empty(void)
{
    DIR *d = opendir(".");
    int n = 0;

    while (readdir(d) != NULL)
        n++;
    closedir(d);
    return n == 2;
}

static void hold_late(int (*making)(char *path, gyre_time deadline))
{
    enter_scratch();
    make = making;
    sem_init(&gate, 0, 0);
    disk_makings = 0;
    disk_before_making = wait_at_the_gate;
    cr_expect_eq(gyre_run(make_in_vain, NULL), 0);
    sem_post(&gate);
    while (disk_makings == 0 || !is_empty())
        sched_yield();
    leave_scratch();
}

/* C1: nobody knows its name, so nobody else could remove it. */
Test(temporary, file_that_comes_too_late_is_removed)
{
    hold_late(gyre_temporary_named);
}

Test(temporary, folder_that_comes_too_late_is_removed)
{
    hold_late(gyre_temporary_folder);
}
