/*
 * by_tasks.c - the soak's server, with a task for each connection.
 */
#include "tests/system/soak/server.h"

#include <errno.h>

#include "task/run/run.h"
#include "task/task.h"
#include "io/stream.h"
#include "io/tcp.h"
#include "io/tcp_options.h"

#define PATIENCE (120 * GYRE_SECOND)

/* One acceptance; counted if it has to be waited for. */
static ssize_t write_some(struct server *s, struct gyre_stream *peer,
                          const char *bytes, size_t n)
{
    ssize_t sent = gyre_write_some(peer, bytes, n, GYRE_NOW);

    if (sent != -ETIMEDOUT)
        return sent;
    s->blocked++;
    return gyre_write_some(peer, bytes, n, gyre_in(PATIENCE));
}

/* As gyre_write, which does not say how much was taken when it fails. */
static ssize_t write_all(struct server *s, struct gyre_stream *peer,
                         const char *bytes, size_t n, uint64_t *out)
{
    ssize_t sent;

    for (size_t at = 0; at < n; at += (size_t)sent) {
        sent = write_some(s, peer, bytes + at, n - at);
        if (sent < 0)
            return sent;
        *out += (uint64_t)sent;
    }
    return 0;
}

static intptr_t echo(struct gyre_stream *peer, void *arg)
{
    struct server *s = arg;
    struct tally bytes = {0};
    char buf[SOAK_PIECE];
    ssize_t n;

    server_begins(s);
    (void)gyre_stream_set_buffers(peer, SOAK_BUFFER, 0);
    while ((n = gyre_read(peer, buf, sizeof buf, gyre_in(PATIENCE))) > 0) {
        bytes.in += (uint64_t)n;
        n = write_all(s, peer, buf, (size_t)n, &bytes.out);
        if (n < 0)
            break;
    }
    server_ends(s, n, bytes);
    return 0;
}

static intptr_t serve(void *arg)
{
    struct server *s = arg;
    intptr_t err = gyre_tcp_serve(s->listener, echo, s, GYRE_FOREVER);

    return err == -EBADF ? 0 : err;
}

int serve_by_tasks(struct server *s)
{
    struct gyre_run_options options = {.loop = s->loop};

    return (int)gyre_run_with(&options, serve, s);
}
