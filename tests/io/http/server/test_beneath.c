/*
 * test_beneath.c - no path and no link leads out of a directory, whether the
 * kernel sees to it or the walk.
 */
#include <criterion/criterion.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "io/http/server/beneath.h"
#include "io/http/server/internal.h"
#include "tests/support/faults.h"

/*
 * A directory made for one test:
 *
 *   secret                 what must not be reached
 *   top/file  top/a/file  top/a/b/file
 *   top/...                a link for each way there is
 */
struct tree {
    char path[64];
    int fd;  /* of the tree */
    int top; /* of its directory top */
};

static void write_file(const struct tree *t, const char *path)
{
    int fd = openat(t->fd, path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

    cr_assert(fd >= 0 &&
              write(fd, path, strlen(path)) == (ssize_t)strlen(path));
    close(fd);
}

static void make_socket(const struct tree *t)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    snprintf(a.sun_path, sizeof a.sun_path, "%s/top/socket", t->path);
    cr_assert_eq(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
    close(fd);
}

static void make_tree(struct tree *t)
{
    static const char *const directories[] = {"top", "top/a", "top/a/b",
                                              "top/empty"};
    static const char *const files[] = {"secret", "top/file", "top/a/file",
                                        "top/a/b/file", "top/a..b"};
    static const char *const links[][2] = {
        {"file", "top/link"},
        {"a", "top/dirlink"},
        {"../file", "top/a/up"},
        {"./../a/./b//../file", "top/a/winding"},
        {"../b/file", "top/a/b/aside"},
        {"../secret", "top/out"},
        {"..", "top/outdir"},
        {"a/../../secret", "top/out_later"},
        {"../top/file", "top/out_and_in"},
        {"/etc/passwd", "top/absolute"},
        {"/", "top/root"},
        {"loop", "top/loop"},
        {"nothing", "top/dangling"},
        {"link", "top/link_to_link"},
        {"fifo", "top/fifo_link"},
    };

    strcpy(t->path, "/tmp/beneath-XXXXXX");
    cr_assert_not_null(mkdtemp(t->path));
    t->fd = open(t->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    cr_assert(t->fd >= 0);
    for (size_t i = 0; i < sizeof directories / sizeof *directories; i++)
        cr_assert_eq(mkdirat(t->fd, directories[i], 0700), 0);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        write_file(t, files[i]);
    for (size_t i = 0; i < sizeof links / sizeof *links; i++)
        cr_assert_eq(symlinkat(links[i][0], t->fd, links[i][1]), 0);
    cr_assert_eq(mkfifoat(t->fd, "top/fifo", 0600), 0);
    make_socket(t);
    t->top = openat(t->fd, "top", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    cr_assert(t->top >= 0);
}

static void remove_tree(struct tree *t)
{
    char command[128];

    close(t->top);
    close(t->fd);
    snprintf(command, sizeof command, "rm -rf %s", t->path);
    cr_assert_eq(system(command), 0);
}

typedef int opener(int directory, const char *path, struct stat *status);

/* As gyre_open_beneath where there is no openat2. */
static int walk(int directory, const char *path, struct stat *status)
{
    int fd = gyre_beneath_walk(directory, path);

    if (fd >= 0)
        cr_assert_eq(fstat(fd, status), 0);
    return fd;
}

/* What is in the file, or the error. */
static void check(const struct tree *t, opener *open_it, const char *path,
                  const char *content, int err)
{
    struct stat status;
    char text[64] = "";
    int fd = open_it(t->top, path, &status);

    if (err) {
        cr_expect_eq(fd, err, "%s: %s", path, strerror(fd < 0 ? -fd : 0));
        if (fd >= 0)
            close(fd);
        return;
    }
    cr_expect(fd >= 0, "%s: %s", path, strerror(-fd));
    if (fd < 0)
        return;
    cr_expect_eq(read(fd, text, sizeof text - 1), (ssize_t)strlen(content));
    cr_expect_str_eq(text, content);
    cr_expect_eq(status.st_size, (off_t)strlen(content));
    cr_expect(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    close(fd);
}

static void check_all(const struct tree *t, opener *open_it)
{
    static const struct {
        const char *path, *content;
        int err;
    } cases[] = {
        {"file", "top/file", 0},
        {"a/file", "top/a/file", 0},
        {"a/b/file", "top/a/b/file", 0},
        {"a..b", "top/a..b", 0},
        {"./a/./b/file", "top/a/b/file", 0},
        {"a//b///file", "top/a/b/file", 0},
        {"a/b/../file", "top/a/file", 0},
        {"link", "top/file", 0},
        {"link_to_link", "top/file", 0},
        {"dirlink/b/file", "top/a/b/file", 0},
        {"a/up", "top/file", 0},
        {"dirlink/up", "top/file", 0},
        {"a/winding", "top/a/file", 0},
        {"a/b/aside", "top/a/b/file", 0},
        {"../secret", NULL, -EXDEV},
        {"..", NULL, -EXDEV},
        {"a/../../secret", NULL, -EXDEV},
        {"out", NULL, -EXDEV},
        {"outdir/secret", NULL, -EXDEV},
        {"outdir/top/file", NULL, -EXDEV},
        {"out_later", NULL, -EXDEV},
        {"out_and_in", NULL, -EXDEV},
        {"absolute", NULL, -EXDEV},
        {"root/etc/passwd", NULL, -EXDEV},
        {"loop", NULL, -ELOOP},
        {"dangling", NULL, -ENOENT},
        {"nothing", NULL, -ENOENT},
        {"nothing/../file", NULL, -ENOENT},
        {"file/x", NULL, -ENOTDIR},
        {"file/", NULL, -ENOTDIR},
        {"file/../file", NULL, -ENOTDIR},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check(t, open_it, cases[i].path, cases[i].content, cases[i].err);
}

Test(beneath, no_path_leads_out)
{
    struct tree t;

    make_tree(&t);
    check_all(&t, gyre_open_beneath);
    check_all(&t, walk);
    remove_tree(&t);
}

Test(beneath, only_regular_files_are_opened)
{
    struct tree t;
    struct stat status;

    make_tree(&t);
    cr_expect_eq(gyre_open_beneath(t.top, "a", &status), -EISDIR);
    cr_expect_eq(gyre_open_beneath(t.top, "a/", &status), -EISDIR);
    cr_expect_eq(gyre_open_beneath(t.top, ".", &status), -EISDIR);
    cr_expect_eq(gyre_open_beneath(t.top, "dirlink", &status), -EISDIR);
    cr_expect_eq(gyre_open_beneath(t.top, "fifo", &status), -EACCES);
    cr_expect_eq(gyre_open_beneath(t.top, "fifo_link", &status), -EACCES);
    cr_expect_eq(gyre_open_beneath(t.top, "socket", &status), -EACCES);
    cr_expect_eq(gyre_open_beneath(t.top, "", &status), -EINVAL);
    cr_expect_eq(gyre_open_beneath(t.top, "/etc/passwd", &status), -EINVAL);
    remove_tree(&t);
}

Test(beneath, long_paths_are_an_error_and_not_an_overflow)
{
    static char path[3 * PATH_MAX];
    struct tree t;
    struct stat status;

    make_tree(&t);
    for (size_t n = 0; n < sizeof path - 3; n += 2)
        memcpy(path + n, "./", 3);
    cr_expect_eq(gyre_open_beneath(t.top, path, &status), -ENAMETOOLONG);
    cr_expect_eq(gyre_beneath_walk(t.top, path), -ENAMETOOLONG);
    strcpy(path + PATH_MAX - 6, "file");
    check(&t, gyre_open_beneath, path, "top/file", 0);
    check(&t, walk, path, "top/file", 0);
    memset(path, 'a', 300);
    path[300] = '\0';
    cr_expect_eq(gyre_open_beneath(t.top, path, &status), -ENAMETOOLONG);
    cr_expect_eq(gyre_beneath_walk(t.top, path), -ENAMETOOLONG);
    remove_tree(&t);
}

/* What a link leads to may make a short way long. */
Test(beneath, links_cannot_make_a_way_overflow)
{
    char text[2000], path[PATH_MAX];
    struct tree t;
    int fd;

    make_tree(&t);
    for (size_t n = 0; n < sizeof text - 3; n += 2)
        memcpy(text + n, "./", 3);
    strcat(text, ".");
    cr_assert_eq(symlinkat(text, t.top, "wide"), 0);
    check(&t, walk, "wide/file", "top/file", 0);
    for (size_t n = 0; n < 3000; n += 5)
        memcpy(path + n, "wide/", 6);
    fd = gyre_beneath_walk(t.top, path);
    cr_expect(fd == -ENAMETOOLONG || fd == -ELOOP, "%d", fd);
    remove_tree(&t);
}

Test(beneath, no_descriptor_stays_behind)
{
    struct tree t;
    int before;

    make_tree(&t);
    before = faults_descriptors();
    check_all(&t, gyre_open_beneath);
    check_all(&t, walk);
    cr_expect_eq(faults_descriptors(), before);
    remove_tree(&t);
}
