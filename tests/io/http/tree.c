/*
 * tree.c - a folder of files, for a test to serve.
 */
#include "tests/io/http/tree.h"

#include <criterion/criterion.h>

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/gyre-tree-XXXXXX";

void tree_enter(void)
{
    cr_assert_not_null(mkdtemp(folder));
    cr_assert_eq(chdir(folder), 0);
}

static int remove_one(const char *path, const struct stat *status, int kind,
                      struct FTW *at)
{
    (void)status, (void)kind, (void)at;
    return remove(path);
}

void tree_leave(void)
{
    cr_expect_eq(chdir("/"), 0);
    cr_expect_eq(nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

static void make_folders(const char *path)
{
    char so_far[200];

    for (const char *slash = strchr(path, '/'); slash != NULL;
         slash = strchr(slash + 1, '/')) {
        snprintf(so_far, sizeof so_far, "%.*s", (int)(slash - path), path);
        (void)mkdir(so_far, 0755);
    }
}

void tree_put_at(const char *path, const char *text, time_t seconds)
{
    struct timespec times[2] = {{.tv_sec = seconds}, {.tv_sec = seconds}};
    int fd;

    make_folders(path);
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    cr_expect_geq(fd, 0, "%s", path);
    cr_expect_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    cr_expect_eq(futimens(fd, times), 0);
    close(fd);
}

void tree_put(const char *path, const char *text)
{
    tree_put_at(path, text, TREE_TIME);
}

void tree_link(const char *text, const char *path)
{
    make_folders(path);
    cr_expect_eq(symlink(text, path), 0);
}
