/*
 * test_whole.c - the claims of whole.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "task/scope.h"
#include "task/task.h"
#include "io/buf.h"
#include "io/file/whole.h"
#include "tests/io/file/scratch.h"
#include "tests/support/disk.h"

/* ---- reading ---- */

static void expect_held(const struct gyre_buf *b, const char *text)
{
    cr_expect_eq(b->length, strlen(text));
    cr_expect_eq(memcmp(b->at, text, b->length), 0);
}

CLAIM_IN_A_FOLDER(whole, file_is_read_behind_what_was_held)
{
    struct gyre_buf b = {0};

    put_file("a", "hello");
    cr_expect_eq(gyre_file_read_whole("a", &b, 5, SOON), 0);
    cr_expect_eq(gyre_file_read_whole("a", &b, 5, SOON), 0);
    expect_held(&b, "hellohello");
    put_file("a", "");
    cr_expect_eq(gyre_file_read_whole("a", &b, 0, SOON), 0);
    expect_held(&b, "hellohello");
    gyre_buf_free(&b);
    unlink("a");
}

CLAIM_IN_A_FOLDER(whole, file_over_the_limit_is_not_read)
{
    struct gyre_buf b = {0};

    put_file("a", "hello");
    gyre_buf_append(&b, "before", 6);
    for (size_t limit = 0; limit < 5; limit++) {
        cr_expect_eq(gyre_file_read_whole("a", &b, limit, SOON), -EMSGSIZE);
        expect_held(&b, "before");
    }
    cr_expect_eq(gyre_file_read_whole("none", &b, 5, SOON), -ENOENT);
    cr_expect_eq(gyre_file_read_whole(".", &b, 5, SOON), -EISDIR);
    expect_held(&b, "before");
    gyre_buf_free(&b);
    unlink("a");
}

/* A size of 0 is no end: that is what such files say of themselves. */
CLAIM_IN_A_FOLDER(whole, file_that_says_it_is_empty_is_read)
{
    struct gyre_buf b = {0};

    if (access("/proc/self/status", R_OK) == 0) {
        cr_expect_eq(
            gyre_file_read_whole("/proc/self/status", &b, 1 << 20, SOON), 0);
        cr_expect_gt(b.length, 100);
    }
    gyre_buf_free(&b);
}

CLAIM_IN_A_FOLDER(whole, file_of_many_pieces_is_read_and_written)
{
    enum { N = 600001 };
    char *bytes = malloc(N);
    struct gyre_buf b = {0};

    for (int i = 0; i < N; i++)
        bytes[i] = (char)(i >> 10 ^ i);
    cr_expect_eq(gyre_file_replace("a", bytes, N, 0600, SOON), 0);
    cr_expect_eq(gyre_file_read_whole("a", &b, N - 1, SOON), -EMSGSIZE);
    cr_expect_eq(gyre_file_read_whole("a", &b, N, SOON), 0);
    cr_expect_eq(b.length, N);
    cr_expect_eq(memcmp(b.at, bytes, N), 0);
    gyre_buf_free(&b);
    free(bytes);
    unlink("a");
}

/* ---- replacing ---- */

CLAIM_IN_A_FOLDER(whole, file_is_replaced_by_another)
{
    int old;

    cr_expect_eq(gyre_file_replace("a", "old", 3, 0600, SOON), 0);
    cr_expect_str_eq(held_by("a"), "old");
    old = open("a", O_RDONLY | O_CLOEXEC);
    cr_expect_eq(gyre_file_replace("./a", "new", 3, 0600, SOON), 0);
    cr_expect_str_eq(held_by("a"), "new");
    cr_expect_eq(lseek(old, 0, SEEK_END), 3, "who has the old keeps it");
    cr_expect_eq(gyre_file_replace("a", NULL, 0, 0600, SOON), 0);
    cr_expect_str_eq(held_by("a"), "");
    close(old);
    unlink("a");
}

CLAIM_IN_A_FOLDER(whole, file_has_the_mode_it_was_given_less_the_umask)
{
    mode_t before = umask(022);
    struct stat st = {0};

    cr_expect_eq(gyre_file_replace("a", "x", 1, 0666, SOON), 0);
    cr_expect_eq(stat("a", &st), 0);
    cr_expect_eq(st.st_mode & 0777, 0644);
    umask(before);
    unlink("a");
}

CLAIM_IN_A_FOLDER(whole, file_takes_the_place_of_a_link)
{
    put_file("a", "old");
    cr_expect_eq(symlink("a", "l"), 0);
    cr_expect_eq(gyre_file_replace("l", "new", 3, 0600, SOON), 0);
    cr_expect_str_eq(held_by("a"), "old");
    cr_expect_str_eq(held_by("l"), "new");
    unlink("a");
    unlink("l");
}

/* The file, and the folder, in this order: see what fails. */
CLAIM_IN_A_FOLDER(whole, file_is_on_the_disk_before_it_takes_the_place)
{
    put_file("a", "old");
    disk_syncs_left = 0;
    cr_expect_eq(gyre_file_replace("a", "new", 3, 0600, SOON), -EIO);
    cr_expect_str_eq(held_by("a"), "old");
    disk_syncs_left = 1;
    cr_expect_eq(gyre_file_replace("a", "new", 3, 0600, SOON), -EIO);
    cr_expect_str_eq(held_by("a"), "new");
    disk_syncs = 0;
    disk_syncs_left = -1;
    cr_expect_eq(gyre_file_replace("a", "newer", 5, 0600, SOON), 0);
    cr_expect_eq(disk_syncs, 2);
    unlink("a");
}

static void replace_in_vain(void)
{
    static char bytes[100];
    struct rlimit limit;

    put_file("a", "old");
    signal(SIGXFSZ, SIG_DFL);
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = 50;
    setrlimit(RLIMIT_FSIZE, &limit);
    cr_expect_eq(gyre_file_replace("a", bytes, sizeof bytes, 0600, SOON),
                 -EFBIG);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_FSIZE, &limit);
    cr_expect_str_eq(held_by("a"), "old");
    unlink("a");
}

/* Half of it is written, and then there is no room; nor is there a signal, also
   where the loop writes. */
CLAIM_IN_A_FOLDER(whole, file_is_as_it_was_when_the_new_one_does_not_fit)
{
    replace_in_vain();
}

Test(whole, file_that_does_not_fit_is_no_signal_under_simulation)
{
    enter_scratch();
    hold_in_task(replace_in_vain);
    leave_scratch();
}

CLAIM_IN_A_FOLDER(whole, file_that_cannot_be_replaced_leaves_nothing_beside_it)
{
    char far[5000];
    struct gyre_scope s;

    memset(far, 'x', sizeof far);
    far[sizeof far - 2] = '/';
    far[sizeof far - 1] = '\0';
    cr_expect_eq(mkdir("d", 0700), 0);
    cr_expect_eq(gyre_file_replace("d", "x", 1, 0600, SOON), -EISDIR);
    cr_expect_eq(gyre_file_replace("none/a", "x", 1, 0600, SOON), -ENOENT);
    cr_expect_eq(gyre_file_replace(far, "x", 1, 0600, SOON), -ENAMETOOLONG);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_file_replace("a", "x", 1, 0600, SOON), -ECANCELED);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(rmdir("d"), 0);
}
