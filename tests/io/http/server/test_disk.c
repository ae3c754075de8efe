/*
 * test_disk.c - files that are not in memory, and names that nobody has asked
 * for.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "task/run/run.h"
#include "io/http/server/disk.h"
#include "io/http/server/internal.h"
#include "io/http/server/request.h"
#include "tests/io/http/site.h"
#include "tests/io/http/tree.h"

enum { LARGE = 150000 };

static const struct gyre_http_route routes[] = {
    {"GET", "/{path:tail}", .directory = "root"},
    {0},
};

/* Let the system forget what the file holds: most file systems can. */
static void forget(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    cr_expect_eq(fsync(fd), 0);
#ifdef POSIX_FADV_DONTNEED
    cr_expect_eq(posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED), 0);
#endif
    close(fd);
}

static char large[LARGE + 1];

static void put_all(void)
{
    for (int i = 0; i < LARGE; i++)
        large[i] = (char)('a' + i % 26);
    tree_enter();
    tree_put("root/large", large);
    tree_put("root/small", "0123456789");
    tree_put("root/part", large);
    tree_put("root/empty", "");
    forget("root/large");
    forget("root/small");
    forget("root/part");
}

static const char *ask(struct site *s, const char *target, const char *fields)
{
    static char text[1000];

    snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: x\r\n%s\r\n", target,
             fields);
    return site_ask(s, text);
}

CLAIM(disk, is_asked_for_what_is_not_in_memory)
{
    const char *body;
    struct site s;

    put_all();
    site_open(&s, routes, NULL, 0);
    cr_expect_str_eq(site_brief(ask(&s, "/small", "")), "200 0123456789");
    body = strstr(ask(&s, "/large", ""), "\r\n\r\n");
    cr_expect_str_eq(body + 4, large);
    cr_expect_str_eq(site_brief(ask(&s, "/part", "Range: bytes=149990-\r\n")),
                     "206 wxyzabcdef");
    cr_expect_str_eq(site_brief(ask(&s, "/nobody/has/asked", "")), "404 ");
    cr_expect_str_eq(site_brief(ask(&s, "/small", "")), "200 0123456789");
    site_close(&s);
    tree_leave();
}

/* By threads that are really there. */
static intptr_t open_and_fetch(void *arg)
{
    char buf[10];
    struct stat st;
    int top = open("root", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int fd = gyre_disk_open(top, "small", &st, GYRE_FOREVER);

    (void)arg;
    cr_expect_geq(fd, 0);
    cr_expect_eq(st.st_size, 10);
    cr_expect_eq(gyre_disk_fetch(fd, 0, 10, GYRE_FOREVER), 0);
    cr_expect_eq(gyre_disk_fetch(fd, 5, 1000, GYRE_FOREVER), 0);
    cr_expect_eq(gyre_disk_fetch(fd, 0, 0, GYRE_FOREVER), 0);
    cr_expect_eq(gyre_read_now(fd, buf, 10, 0), 10);
    cr_expect_eq(memcmp(buf, "0123456789", 10), 0);
    cr_expect_eq(gyre_read_now(fd, buf, 10, 10), 0);
    close(fd);
    cr_expect_eq(gyre_disk_open(top, "none", &st, GYRE_FOREVER), -ENOENT);
    cr_expect_eq(gyre_disk_open(top, "../none", &st, GYRE_FOREVER), -EXDEV);
    cr_expect_eq(gyre_disk_open(top, ".", &st, GYRE_FOREVER), -EISDIR);
    cr_expect_eq(gyre_disk_open(top, "", &st, GYRE_FOREVER), -EINVAL);
    cr_expect_eq(gyre_disk_open(top, "/", &st, GYRE_FOREVER), -EINVAL);
    close(top);
    return 0;
}

Test(disk, is_asked_by_a_thread)
{
    put_all();
    cr_expect_eq(gyre_run(open_and_fetch, NULL), 0);
    tree_leave();
}
