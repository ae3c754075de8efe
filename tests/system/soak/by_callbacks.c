/*
 * by_callbacks.c - the soak's server, without a task.
 */
#include "tests/system/soak/server.h"

#include <errno.h>
#include <stdlib.h>

#include "loop/list.h"
#include "loop/loop.h"
#include "io/accepting.h"
#include "io/reading.h"
#include "io/stream.h"
#include "io/tcp.h"
#include "io/tcp_options.h"
#include "io/writing.h"

struct acceptor {
    struct gyre_accepting accepting;
    struct server *server;
    int err;
};

/* A connection, which reads no more while it writes. */
struct peer {
    struct server *server;
    struct gyre_stream *stream;
    struct gyre_reading reading;
    struct gyre_writing writing;
    struct iovec iov;
    struct tally bytes;
    char buf[SOAK_PIECE];
};

static void finish(struct peer *p, ssize_t result)
{
    server_ends(p->server, result, p->bytes);
    gyre_close(p->stream);
    free(p);
}

static void read_on(struct peer *p)
{
    int err = gyre_reading_start(&p->reading, p->stream);

    if (err)
        finish(p, err);
}

static void written(struct gyre_writing *w, int err)
{
    struct peer *p = GYRE_OWNER(w, struct peer, writing);

    p->bytes.out += gyre_writing_taken(w);
    if (err)
        finish(p, err);
    else
        read_on(p);
}

static void echo(struct gyre_reading *r, ssize_t n)
{
    struct peer *p = GYRE_OWNER(r, struct peer, reading);

    if (n <= 0) {
        finish(p, n);
        return;
    }
    p->bytes.in += (uint64_t)n;
    gyre_reading_stop(r);
    p->iov = (struct iovec){p->buf, (size_t)n};
    gyre_writing_start(&p->writing, p->stream, &p->iov, 1);
    if (gyre_writing_taken(&p->writing) < (size_t)n)
        p->server->blocked++;
}

static void begin(struct server *s, struct gyre_stream *stream)
{
    struct peer *p = calloc(1, sizeof *p);

    if (p == NULL)
        abort();
    server_begins(s);
    (void)gyre_stream_set_buffers(stream, SOAK_BUFFER, 0);
    p->server = s;
    p->stream = stream;
    p->reading = (struct gyre_reading){
        .read = echo, .buf = p->buf, .size = sizeof p->buf};
    p->writing = (struct gyre_writing){.written = written};
    read_on(p);
}

static void accepted(struct gyre_accepting *a, struct gyre_stream *s, int err)
{
    struct acceptor *acceptor = GYRE_OWNER(a, struct acceptor, accepting);

    acceptor->err = err;
    if (err == 0)
        begin(acceptor->server, s);
}

int serve_by_callbacks(struct server *s)
{
    struct acceptor a = {.accepting.accepted = accepted, .server = s};
    int err = gyre_accepting_start(&a.accepting, s->listener);

    if (err == 0)
        err = gyre_loop_run(s->loop);
    return err ? err : a.err;
}
