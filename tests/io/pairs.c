/*
 * pairs.c - two streams joined to each other, of every kind there is.
 */
#include "tests/io/pairs.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loop/look.h"
#include "loop/loop.h"
#include "loop/timer.h"
#include "io/internal.h"
#include "io/memory.h"
#include "io/pipe.h"
#include "io/sys.h"
#include "io/unix.h"
#include "tests/io/duplex.h"
#include "tests/io/loopback.h"
#include "tests/task/world.h"

struct gyre_stream *ours, *theirs;

/* ---- the kinds ---- */

static void open_memory(size_t capacity, struct gyre_stream *out[2])
{
    cr_expect_eq(gyre_memory_pair(gyre_loop_current(), capacity, out), 0);
}

/* Calls read and write less than they could. */
static void open_ragged(size_t capacity, struct gyre_stream *out[2])
{
    struct gyre_memory_options options = {
        .capacity = capacity, .piece = 1500, .ragged = true};

    cr_expect_eq(gyre_memory_pair_with(gyre_loop_current(), &options, out), 0);
}

/* The buffers are the smallest the system knows; before they are connected, for
   what TCP may send is agreed upon then. */
static void keep_little(int fd)
{
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &(int){1}, sizeof(int));
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &(int){1}, sizeof(int));
}

static void join_sockets(const int fds[2], enum gyre_fd_kind kind,
                         struct gyre_stream *out[2])
{
    for (int i = 0; i < 2; i++) {
        cr_expect_eq(gyre_fd_nonblocking(fds[i]), 0);
        cr_expect_eq(gyre_tcp_new(gyre_loop_current(), fds[i], kind, &out[i]),
                     0);
    }
}

static void open_tcp(size_t capacity, struct gyre_stream *out[2])
{
    int listening = socket(AF_INET, SOCK_STREAM, 0);
    int fds[2] = {socket(AF_INET, SOCK_STREAM, 0), -1};
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof a;

    if (capacity > 0) {
        keep_little(listening);
        keep_little(fds[0]);
    }
    cr_expect_eq(bind(listening, (struct sockaddr *)&a, sizeof a), 0);
    cr_expect_eq(listen(listening, 1), 0);
    cr_expect_eq(getsockname(listening, (struct sockaddr *)&a, &length), 0);
    cr_expect_eq(connect(fds[0], (struct sockaddr *)&a, sizeof a), 0);
    fds[1] = accept(listening, NULL, NULL);
    cr_expect_geq(fds[1], 0);
    close(listening);
    join_sockets(fds, GYRE_FD_TCP, out);
}

static void open_local(size_t capacity, struct gyre_stream *out[2])
{
    int fds[2];

    cr_expect_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    for (int i = 0; capacity > 0 && i < 2; i++)
        keep_little(fds[i]);
    join_sockets(fds, GYRE_FD_SOCKET, out);
}

/* A pipe each way. */
static void open_pipes(size_t capacity, struct gyre_stream *out[2])
{
    struct gyre_stream *ways[2][2];

    for (int i = 0; i < 2; i++) {
        int fds[2];

        cr_expect_eq(gyre_sys_pipe(fds), 0);
#ifdef F_SETPIPE_SZ
        if (capacity > 0)
            (void)fcntl(fds[0], F_SETPIPE_SZ, 4096);
#else
        (void)capacity;
#endif
        for (int end = 0; end < 2; end++)
            cr_expect_eq(
                gyre_stream_adopt(gyre_loop_current(), fds[end], &ways[i][end]),
                0);
    }
    out[0] = make_duplex(ways[0][0], ways[1][1]);
    out[1] = make_duplex(ways[1][0], ways[0][1]);
}

/* Which poll is asked about before each call. */
static void open_shared(size_t capacity, struct gyre_stream *out[2])
{
    int fds[2];

    cr_expect_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    for (int i = 0; i < 2; i++) {
        if (capacity > 0)
            keep_little(fds[i]);
        cr_expect_eq(gyre_stream_share(gyre_loop_current(), fds[i], &out[i]),
                     0);
        close(fds[i]);
    }
}

/* By a path in the file system. */
static void open_unix(size_t capacity, struct gyre_stream *out[2])
{
    struct gyre_listener *l;
    char path[32];

    snprintf(path, sizeof path, "/tmp/gyre-pair.%ld", (long)getpid());
    cr_expect_eq(gyre_unix_listen(gyre_loop_current(), path, 0600, &l), 0);
    cr_expect_eq(gyre_unix_connect(path, &out[0], SOON), 0);
    cr_expect_eq(gyre_accept(l, &out[1], SOON), 0);
    gyre_listener_close(l);
    for (int i = 0; capacity > 0 && i < 2; i++)
        keep_little(gyre_stream_descriptor(out[i]));
}

static const struct kind {
    const char *name;
    void (*open)(size_t capacity, struct gyre_stream *out[2]);
    void (*hold)(void (*claim)(void));
} kinds[] = {
    {"memory", open_memory, hold_in_task},
    {"memory in pieces", open_ragged, hold_in_task},
    {"TCP", open_tcp, hold_on_loopback},
    {"a local socket", open_local, hold_on_loopback},
    {"a Unix socket", open_unix, hold_on_loopback},
    {"a shared socket", open_shared, hold_on_loopback},
    {"pipes", open_pipes, hold_on_loopback},
};

static const struct kind *kind;

void hold_over_each_kind(void (*claim)(void))
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        kind = &kinds[i];
        cr_log_info("over %s\n", kind->name);
        notes[0] = '\0';
        kind->hold(claim);
    }
}

/* ---- a pair of them ---- */

void open_pair(size_t capacity)
{
    struct gyre_stream *ends[2];

    kind->open(capacity, ends);
    ours = ends[0];
    theirs = ends[1];
}

void close_ours(void)
{
    gyre_close(ours);
    ours = NULL;
}

void close_theirs(void)
{
    gyre_close(theirs);
    theirs = NULL;
}

void close_pair(void)
{
    close_ours();
    close_theirs();
}

void say(const char *text)
{
    cr_expect_eq(gyre_write(theirs, text, strlen(text), GYRE_NOW), 0);
}

static size_t fill_at_once(void)
{
    static const char bytes[4096];
    size_t total = 0;
    ssize_t n;

    while ((n = gyre_write_some(ours, bytes, sizeof bytes, GYRE_NOW)) > 0)
        total += (size_t)n;
    cr_expect_eq(n, -ETIMEDOUT);
    return total;
}

/* What is on its way makes room when it arrives. */
size_t fill(void)
{
    size_t total = 0, more;

    while ((more = fill_at_once()) > 0) {
        total += more;
        let_all_settle();
    }
    return total;
}

void drain(size_t n)
{
    char some[4096];

    while (n > 0) {
        ssize_t got =
            gyre_read(theirs, some, n < sizeof some ? n : sizeof some, SOON);

        cr_expect_gt(got, 0);
        if (got <= 0)
            return;
        n -= (size_t)got;
    }
}

void drain_all(void)
{
    char some[4096];

    while (gyre_read(theirs, some, sizeof some, GYRE_NOW) > 0)
        ;
}

int make_file(size_t n)
{
    FILE *f = tmpfile();
    int fd;

    cr_expect_not_null(f);
    for (size_t i = 0; i < n; i++)
        putc((int)(i % 251), f);
    fflush(f);
    fd = dup(fileno(f));
    fclose(f);
    return fd;
}

/* ---- between being woken and running ---- */

struct moment {
    struct gyre_timer timer;
    struct gyre_loop *loop;
    void (*cause)(void);
    void (*then)(void);
};

static bool woken;

static void count(struct gyre_loop_visitor *v, struct gyre_job *j)
{
    (void)v;
    (void)j;
    woken = true;
}

/* Everybody waits; so a job that is ready is a task that was woken. */
static bool somebody_is_woken(struct gyre_loop *l)
{
    struct gyre_loop_visitor v = {.job = count};

    woken = false;
    gyre_loop_walk(l, &v);
    return woken;
}

static void look(struct gyre_timer *t)
{
    struct moment *m = GYRE_OWNER(t, struct moment, timer);

    if (!somebody_is_woken(m->loop))
        m->cause();
    if (somebody_is_woken(m->loop))
        m->then();
    else
        gyre_timer_start(m->loop, t, GYRE_NOW);
}

void upon_waking(void (*cause)(void), void (*then)(void))
{
    static struct moment m;

    m = (struct moment){.timer.fire = look,
                        .loop = gyre_loop_current(),
                        .cause = cause,
                        .then = then};
    gyre_timer_start(m.loop, &m.timer, GYRE_NOW);
}
