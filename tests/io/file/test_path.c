/*
 * test_path.c - the claims of path.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "task/task.h"
#include "io/file/path.h"
#include "tests/io/file/scratch.h"
#include "tests/support/calls.h"

CLAIM_IN_A_FOLDER(path, is_looked_at_through_a_link_or_not)
{
    struct stat st;

    put_file("a", "hello");
    cr_expect_eq(gyre_path_symlink("a", "l", SOON), 0);
    cr_expect_eq(gyre_path_stat("l", 0, &st, SOON), 0);
    cr_expect(S_ISREG(st.st_mode));
    cr_expect_eq(st.st_size, 5);
    cr_expect_eq(gyre_path_stat("l", AT_SYMLINK_NOFOLLOW, &st, SOON), 0);
    cr_expect(S_ISLNK(st.st_mode));
    cr_expect_eq(gyre_path_stat("none", 0, &st, SOON), -ENOENT);
    unlink("a");
    cr_expect_eq(gyre_path_stat("l", 0, &st, SOON), -ENOENT);
    unlink("l");
}

CLAIM_IN_A_FOLDER(path, has_its_permissions_owner_and_times_changed)
{
    const struct timespec times[2] = {{.tv_sec = 1000}, {.tv_sec = 2000}};
    struct stat st;

    put_file("a", "");
    cr_expect_eq(gyre_path_chmod("a", 0604, SOON), 0);
    cr_expect_eq(gyre_path_chown("a", getuid(), getgid(), 0, SOON), 0);
    cr_expect_eq(gyre_path_set_times("a", times, 0, SOON), 0);
    cr_expect_eq(gyre_path_stat("a", 0, &st, SOON), 0);
    cr_expect_eq(st.st_mode & 0777, 0604);
    cr_expect_eq(st.st_atime, 1000);
    cr_expect_eq(st.st_mtime, 2000);
    cr_expect_eq(gyre_path_chmod("b", 0604, SOON), -ENOENT);
    cr_expect_eq(gyre_path_chown("b", 0, 0, 0, SOON), -ENOENT);
    cr_expect_eq(gyre_path_set_times("b", times, 0, SOON), -ENOENT);
    unlink("a");
}

CLAIM_IN_A_FOLDER(path, says_what_may_be_done_there)
{
    struct statvfs fs;

    put_file("a", "");
    cr_expect_eq(gyre_path_access("a", F_OK, SOON), 0);
    cr_expect_eq(gyre_path_access("a", X_OK, SOON), -EACCES);
    cr_expect_eq(gyre_path_access("b", F_OK, SOON), -ENOENT);
    cr_expect_eq(gyre_path_statvfs(".", &fs, SOON), 0);
    cr_expect_gt(fs.f_bsize, 0);
    cr_expect_eq(gyre_path_statvfs("b", &fs, SOON), -ENOENT);
    unlink("a");
}

CLAIM_IN_A_FOLDER(path, comes_and_goes)
{
    put_file("a", "hello");
    put_file("b", "");
    cr_expect_eq(gyre_path_rename("a", "b", SOON), 0);
    cr_expect_str_eq(held_by("b"), "hello");
    cr_expect_eq(gyre_path_rename("a", "b", SOON), -ENOENT);
    cr_expect_eq(gyre_path_link("b", "c", SOON), 0);
    cr_expect_eq(gyre_path_link("b", "c", SOON), -EEXIST);
    cr_expect_eq(gyre_path_unlink("b", SOON), 0);
    cr_expect_eq(gyre_path_unlink("b", SOON), -ENOENT);
    cr_expect_str_eq(held_by("c"), "hello");
    cr_expect_eq(gyre_path_mkdir("d", 0700, SOON), 0);
    cr_expect_eq(gyre_path_mkdir("d", 0700, SOON), -EEXIST);
    cr_expect_eq(gyre_path_rename("c", "d/c", SOON), 0);
    cr_expect_eq(gyre_path_rmdir("d", SOON), -ENOTEMPTY);
    cr_expect_eq(gyre_path_unlink("d/c", SOON), 0);
    cr_expect_eq(gyre_path_rmdir("d", SOON), 0);
}

/* By the system, and where that cannot, by a link. */
CLAIM_IN_A_FOLDER(path, is_renamed_to_what_is_new)
{
    static const int without[] = {0, EINVAL, ENOSYS};

    for (size_t i = 0; i < sizeof without / sizeof without[0]; i++) {
        put_file("a", "hello");
        put_file("b", "old");
        if (without[i] != 0)
            calls_begin(CALL_RENAME, 0, without[i], true);
        cr_expect_eq(gyre_path_rename_new("a", "b", SOON), -EEXIST);
        cr_expect_str_eq(held_by("b"), "old");
        cr_expect_eq(gyre_path_rename_new("a", "c", SOON), 0);
        cr_expect_str_eq(held_by("c"), "hello");
        cr_expect_eq(gyre_path_rename_new("a", "d", SOON), -ENOENT);
        calls_end();
        unlink("b");
        unlink("c");
    }
}

CLAIM_IN_A_FOLDER(path, is_not_renamed_but_as_it_can_be)
{
    put_file("a", "hello");
    calls_begin(CALL_RENAME, 0, EACCES, true);
    cr_expect_eq(gyre_path_rename_new("a", "b", SOON), -EACCES);
    calls_end();
    cr_expect_eq(gyre_path_access("b", F_OK, SOON), -ENOENT);
    cr_expect_str_eq(held_by("a"), "hello");
    unlink("a");
}

CLAIM_IN_A_FOLDER(path, of_a_link_is_read_if_there_is_room)
{
    char text[8];

    cr_expect_eq(gyre_path_symlink("1234567", "l", SOON), 0);
    cr_expect_eq(gyre_path_readlink("l", text, 8, SOON), 0);
    cr_expect_str_eq(text, "1234567");
    for (size_t n = 0; n < 8; n++)
        cr_expect_eq(gyre_path_readlink("l", text, n, SOON), -ENAMETOOLONG);
    cr_expect_eq(gyre_path_readlink("none", text, 8, SOON), -ENOENT);
    unlink("l");
}

CLAIM_IN_A_FOLDER(path, is_made_real_if_there_is_room)
{
    char whole[PATH_MAX], there[PATH_MAX], small[4];

    put_file("a", "");
    cr_expect_eq(gyre_path_symlink("a", "l", SOON), 0);
    cr_expect_eq(gyre_path_realpath("./l", whole, sizeof whole, SOON), 0);
    cr_expect_not_null(getcwd(there, sizeof there));
    strcat(there, "/a");
    cr_expect_str_eq(strrchr(whole, '/'), "/a");
    cr_expect_str_eq(strrchr(whole, '-'), strrchr(there, '-'));
    cr_expect_eq(gyre_path_realpath("l", small, sizeof small, SOON),
                 -ENAMETOOLONG);
    cr_expect_eq(gyre_path_realpath("none", whole, sizeof whole, SOON),
                 -ENOENT);
    unlink("a");
    unlink("l");
}

CLAIM_IN_A_FOLDER(path, that_is_a_link_has_times_of_its_own)
{
    const struct timespec times[2] = {{.tv_sec = 1000}, {.tv_sec = 2000}};
    struct stat st;

    put_file("a", "");
    cr_expect_eq(gyre_path_symlink("a", "l", SOON), 0);
    cr_expect_eq(gyre_path_set_times("l", times, AT_SYMLINK_NOFOLLOW, SOON), 0);
    cr_expect_eq(gyre_path_stat("l", AT_SYMLINK_NOFOLLOW, &st, SOON), 0);
    cr_expect_eq(st.st_mtime, 2000);
    cr_expect_eq(gyre_path_stat("a", 0, &st, SOON), 0);
    cr_expect_neq(st.st_mtime, 2000);
    unlink("l");
    unlink("a");
}

/* Before there were such times, and in between two seconds. */
CLAIM_IN_A_FOLDER(path, has_times_to_the_nanosecond_and_before_the_epoch)
{
    const struct timespec times[2] = {{.tv_sec = -14245440, .tv_nsec = 250000},
                                      {.tv_sec = 5, .tv_nsec = 750000000}};
    struct stat st;

    put_file("a", "");
    cr_expect_eq(gyre_path_set_times("a", times, 0, SOON), 0);
    cr_expect_eq(gyre_path_stat("a", 0, &st, SOON), 0);
    cr_expect_eq(st.st_atim.tv_sec, -14245440);
    cr_expect_eq(st.st_atim.tv_nsec, 250000);
    cr_expect_eq(st.st_mtim.tv_sec, 5);
    cr_expect_eq(st.st_mtim.tv_nsec, 750000000);
    unlink("a");
}

CLAIM_IN_A_FOLDER(path, of_a_link_may_be_to_a_folder)
{
    struct stat st;
    char text[8];

    cr_expect_eq(gyre_path_mkdir("d", 0700, SOON), 0);
    cr_expect_eq(gyre_path_symlink("d", "l", SOON), 0);
    cr_expect_eq(gyre_path_stat("l", 0, &st, SOON), 0);
    cr_expect(S_ISDIR(st.st_mode));
    cr_expect_eq(gyre_path_readlink("l", text, sizeof text, SOON), 0);
    cr_expect_str_eq(text, "d");
    cr_expect_eq(gyre_path_rmdir("l", SOON), -ENOTDIR);
    cr_expect_eq(gyre_path_unlink("l", SOON), 0);
    cr_expect_eq(gyre_path_rmdir("d", SOON), 0);
}

CLAIM_IN_A_FOLDER(path, may_be_the_root)
{
    struct stat st;

    cr_expect_eq(gyre_path_stat("/", 0, &st, SOON), 0);
    cr_expect(S_ISDIR(st.st_mode));
    cr_expect_eq(gyre_path_stat("", 0, &st, SOON), -ENOENT);
}
