/*
 * TCP echo, a task a connection.
 *
 *     echo PORT               with no deadlines, as the peers
 *     echo PORT limits        with an idle limit and a write limit, as a server
 *                             that faces the world has
 *     echo PORT small         with a buffer of 1 KiB, so that a task needs but
 *                             a page of its stack
 *     echo PORT large         for messages larger than what one would put on a
 *                             stack
 */
#include <errno.h>
#include <string.h>

#include "task/task.h"
#include "io/stream.h"
#include "io/tcp.h"
#include "bench/bench.h"

#define IDLE_LIMIT  (60 * GYRE_SECOND)
#define WRITE_LIMIT (10 * GYRE_SECOND)

static intptr_t echo(struct gyre_stream *peer, void *arg)
{
    char buf[BENCH_OWN_BUFFER];
    ssize_t n;
    int err = 0;

    (void)arg;
    while (err == 0 && (n = gyre_read(peer, buf, sizeof buf, GYRE_FOREVER)) > 0)
        err = gyre_write(peer, buf, (size_t)n, GYRE_FOREVER);
    return err;
}

static intptr_t echo_within_limits(struct gyre_stream *peer, void *arg)
{
    char buf[BENCH_OWN_BUFFER];
    ssize_t n;
    int err = 0;

    (void)arg;
    while (err == 0 &&
           (n = gyre_read(peer, buf, sizeof buf, gyre_in(IDLE_LIMIT))) > 0)
        err = gyre_write(peer, buf, (size_t)n, gyre_in(WRITE_LIMIT));
    return err;
}

static intptr_t echo_small(struct gyre_stream *peer, void *arg)
{
    char buf[1024];
    ssize_t n;
    int err = 0;

    (void)arg;
    while (err == 0 && (n = gyre_read(peer, buf, sizeof buf, GYRE_FOREVER)) > 0)
        err = gyre_write(peer, buf, (size_t)n, GYRE_FOREVER);
    return err;
}

static intptr_t echo_large(struct gyre_stream *peer, void *arg)
{
    char *buf = malloc(BENCH_BUFFER);
    ssize_t n;
    int err = buf == NULL ? -ENOMEM : 0;

    (void)arg;
    while (err == 0 &&
           (n = gyre_read(peer, buf, BENCH_BUFFER, GYRE_FOREVER)) > 0)
        err = gyre_write(peer, buf, (size_t)n, GYRE_FOREVER);
    free(buf);
    return err;
}

/* What serves a connection. */
static intptr_t (*handler(const char *how))(struct gyre_stream *, void *)
{
    if (strcmp(how, "limits") == 0)
        return echo_within_limits;
    if (strcmp(how, "small") == 0)
        return echo_small;
    return strcmp(how, "large") == 0 ? echo_large : echo;
}

int main(int argc, char **argv)
{
    int port = (int)bench_number(argc, argv, 1);

    return gyre_tcp_run("127.0.0.1", port, handler(argc > 2 ? argv[2] : ""),
                        NULL) != 0;
}
