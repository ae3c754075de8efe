/*
 * serve.c - the shortest servers: a function for each connection, and a whole
 * program.
 */
#include "io/tcp.h"

#include "task/run/run.h"
#include "task/task.h"
#include "io/program.h"
#include "io/server.h"

struct plain {
    struct gyre_server server;
    intptr_t (*handle)(struct gyre_stream *s, void *arg);
    void *arg;
};

static intptr_t handle(struct gyre_connection *c)
{
    const struct plain *p = GYRE_OWNER(c->server, struct plain, server);

    return p->handle(c->stream, p->arg);
}

intptr_t gyre_tcp_serve(struct gyre_listener *l,
                        intptr_t (*handler)(struct gyre_stream *s, void *arg),
                        void *arg, gyre_time deadline)
{
    struct plain p = {.server.handle = handle, .handle = handler, .arg = arg};

    return gyre_serve(&p.server, l, deadline);
}

/* ---- a whole program ---- */

struct tcp_program {
    const char *host;
    int port;
    struct plain plain;
    struct gyre_program base;
};

static void stop(struct gyre_program *base)
{
    struct tcp_program *p = GYRE_OWNER(base, struct tcp_program, base);

    gyre_server_stop(&p->plain.server, GYRE_NOW);
}

static int serve_until_stopped(struct tcp_program *p, struct gyre_listener *l)
{
    int err = gyre_program_start(gyre_loop_current(), &p->base);

    if (err)
        return err;
    gyre_program_announce(l);
    err = gyre_serve(&p->plain.server, l, GYRE_FOREVER);
    gyre_program_stop(&p->base);
    return err;
}

static intptr_t run(void *arg)
{
    struct tcp_program *p = arg;
    struct gyre_listener *l;
    int err = gyre_tcp_listen(p->host, p->port, &l, GYRE_FOREVER);

    if (err)
        return err;
    err = serve_until_stopped(p, l);
    gyre_listener_close(l);
    return err;
}

int gyre_tcp_run(const char *host, int port,
                 intptr_t (*handler)(struct gyre_stream *s, void *arg),
                 void *arg)
{
    struct gyre_run_options options = {.ignore_interrupt = true};
    struct tcp_program p = {
        .host = host,
        .port = port,
        .plain = {.server.handle = handle, .handle = handler, .arg = arg},
        .base.stop = stop};

    return (int)gyre_run_with(&options, run, &p);
}
