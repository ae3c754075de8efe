/*
 * test_disk.c - files that are not in memory, and names that nobody has asked
 * for.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "loop/loop.h"
#include "task/offload.h"
#include "task/pool.h"
#include "task/run/run.h"
#include "task/task.h"
#include "io/memory.h"
#include "io/http/server/disk.h"
#include "io/http/server/entries.h"
#include "io/http/server/files.h"
#include "io/http/server/internal.h"
#include "io/http/server/request.h"
#include "tests/io/http/site.h"
#include "tests/io/http/tree.h"

enum { LARGE = 150000 };

static const struct gyre_http_files listed = {.listing = true};

static const struct gyre_http_route routes[] = {
    {"GET", "/{path:tail}", .directory = "root", .files = &listed},
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

/* Does the system tell what it would take the disk to read, and had it
   forgotten that?  Having been asked it may begin to read it. */
static bool is_on_disk(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    char byte;
    ssize_t n = gyre_read_now(fd, &byte, 1, 0);

    close(fd);
    return n == -EAGAIN;
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

CLAIM(disk, is_asked_for_what_is_not_in_memory)
{
    const char *body;
    struct site s;

    put_all();
    site_open(&s, routes, NULL, 0);
    cr_expect_str_eq(site_brief(site_get(&s, "/small", "")), "200 0123456789");
    body = strstr(site_get(&s, "/large", ""), "\r\n\r\n");
    cr_expect_str_eq(body + 4, large);
    cr_expect_str_eq(
        site_brief(site_get(&s, "/part", "Range: bytes=149990-\r\n")),
        "206 wxyzabcdef");
    cr_expect_str_eq(site_brief(site_get(&s, "/nobody/has/asked", "")), "404 ");
    cr_expect_str_eq(site_brief(site_get(&s, "/small", "")), "200 0123456789");
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

/* ---- a server, while its only thread for files is kept ---- */

static int gate[2];

static intptr_t wait_at_gate(void *arg)
{
    char byte;

    (void)arg;
    return read(gate[0], &byte, 1) == 1 ? 0 : -EIO;
}

static intptr_t keep_thread(void *arg)
{
    (void)arg;
    return gyre_offload_to(gyre_run_pool(GYRE_POOL_FILES), wait_at_gate, NULL,
                           GYRE_FOREVER);
}

static intptr_t serve(void *arg)
{
    struct site *s = arg;

    return gyre_http_serve_stream(s->server, s->peer, GYRE_FOREVER);
}

static void open_site(struct site *s, const char *text)
{
    struct gyre_stream *ends[2];

    cr_expect_eq(gyre_http_server_new(&s->server, routes, NULL), 0);
    cr_expect_eq(gyre_memory_pair(gyre_loop_current(), 0, ends), 0);
    s->client = ends[0];
    s->peer = ends[1];
    gyre_scope_open(&s->scope, GYRE_FOREVER);
    cr_expect_eq(gyre_spawn(&s->scope, &s->served, serve, s), 0);
    cr_expect_eq(gyre_write(s->client, text, strlen(text), GYRE_NOW), 0);
}

static void close_site(struct site *s)
{
    gyre_close(s->client);
    (void)gyre_scope_close(&s->scope, 0);
    cr_expect_eq(gyre_http_server_counts(s->server).open, 0);
    gyre_http_server_free(s->server);
}

/* Wait until the thread has `running` pieces of work, and as many wait. */
static void wait_for_work(unsigned running, unsigned queued)
{
    struct gyre_pool *p = gyre_run_pool(GYRE_POOL_FILES);

    while (gyre_pool_stats(p).running != running ||
           gyre_pool_stats(p).queued != queued)
        cr_expect_eq(gyre_sleep(gyre_in(GYRE_MILLISECOND)), 0);
}

/* What asks the disk is in the thread's line, and is given up there. */
static void give_up(const char *text)
{
    struct site s = {0};

    open_site(&s, text);
    wait_for_work(1, 1);
    gyre_scope_cancel(&s.scope);
    close_site(&s);
    wait_for_work(1, 0);
}

static intptr_t give_up_each(void *arg)
{
    struct gyre_scope keeping;

    (void)arg;
    gyre_scope_open(&keeping, GYRE_FOREVER);
    cr_expect_eq(gyre_spawn(&keeping, NULL, keep_thread, NULL), 0);
    wait_for_work(1, 0);
    give_up("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    if (is_on_disk("root/part"))
        give_up("GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
    cr_expect_eq(write(gate[1], "x", 1), 1);
    return gyre_scope_close(&keeping, 0);
}

static void run_with_a_thread(intptr_t (*fn)(void *))
{
    struct gyre_run_options one = {.threads[GYRE_POOL_FILES] = 1};

    put_all();
    cr_expect_eq(pipe(gate), 0);
    cr_expect_eq(gyre_run_with(&one, fn, NULL), 0);
    close(gate[0]);
    close(gate[1]);
    tree_leave();
}

Test(disk, that_nobody_waits_for_any_more_is_not_asked)
{
    run_with_a_thread(give_up_each);
}

/* It holds the loop up then, which is better than half a reply. */
static intptr_t ask_without_thread(void *arg)
{
    static char heard[LARGE + 1000];
    struct gyre_pool *p = gyre_run_pool(GYRE_POOL_FILES);
    struct gyre_scope keeping;
    struct site s = {0};
    size_t used = 0;
    ssize_t n;

    (void)arg;
    p->queue = 1;
    gyre_scope_open(&keeping, GYRE_FOREVER);
    cr_expect_eq(gyre_spawn(&keeping, NULL, keep_thread, NULL), 0);
    wait_for_work(1, 0);
    cr_expect_eq(gyre_spawn(&keeping, NULL, keep_thread, NULL), 0);
    wait_for_work(1, 1);
    open_site(&s, "GET /large HTTP/1.1\r\nHost: x\r\n"
                  "Connection: close\r\n\r\n");
    while ((n = gyre_read(s.client, heard + used, sizeof heard - used,
                          gyre_in(20 * GYRE_SECOND))) > 0)
        used += (size_t)n;
    cr_expect_eq(n, 0);
    cr_expect_geq(used, LARGE);
    if (used >= LARGE)
        cr_expect_eq(memcmp(heard + used - LARGE, large, LARGE), 0);
    close_site(&s);
    cr_expect_eq(write(gate[1], "xx", 2), 2);
    return gyre_scope_close(&keeping, 0);
}

Test(disk, is_asked_without_a_thread_if_none_is_to_be_had)
{
    run_with_a_thread(ask_without_thread);
}

/* ---- at any moment ---- */

static intptr_t list_in_time(void *arg)
{
    int top = open("root", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct gyre_allocator *a = gyre_loop_allocator(gyre_loop_current());

    (void)arg;
    for (int i = 0; i < 200; i++) {
        struct gyre_http_entries e;
        int err = gyre_http_entries_read(&e, a, top, "", false,
                                         gyre_in(i * 2 * GYRE_MICROSECOND));

        cr_expect(err == 0 || err == -ETIMEDOUT, "%d", err);
        if (err)
            continue;
        cr_expect_eq(e.count, 4);
        gyre_http_entries_free(&e, a);
    }
    close(top);
    return 0;
}

Test(disk, may_be_given_up_at_any_moment)
{
    put_all();
    cr_expect_eq(gyre_run(list_in_time, NULL), 0);
    tree_leave();
}
