/*
 * serve.c - a task a connection, and a program that is a server.
 */
#include "io/tcp.h"

#include <errno.h>

#include "loop/result.h"
#include "task/run/run.h"
#include "task/scope.h"
#include "task/sync/semaphore.h"
#include "task/task.h"
#include "io/program.h"

struct server {
    struct gyre_scope scope; /* of the connections */
    intptr_t (*handle)(struct gyre_stream *s, void *arg);
    void *arg;
    struct gyre_semaphore places; /* for handlers; its limit is 0 if there are
                                     any number */
    gyre_time deadline;
};

/* Is `err` what peers do, or what we asked for?  It is no news then. */
static bool expected(intptr_t err)
{
    return err == -ECANCELED || err == -ETIMEDOUT || err == -EPIPE ||
           err == -ECONNRESET || err == -EPROTO || err == -EMSGSIZE;
}

static intptr_t serve_one(void *arg)
{
    struct gyre_stream *s = arg;
    struct server *server = s->data;
    intptr_t result;

    s->data = NULL;
    result = server->handle(s, server->arg);
    gyre_close(s);
    if (server->places.limit > 0)
        gyre_semaphore_release(&server->places, 1);
    return gyre_is_error(result) && !expected(result) ? result : 0;
}

/* Have a place for the next: who is to wait for one has not been accepted. */
static int find_place(struct server *server)
{
    return server->places.limit > 0
               ? gyre_semaphore_acquire(&server->places, 1, server->deadline)
               : 0;
}

/* A task for `s`, in the place there is, and a place for the next; or none, for
   there is no stack. */
static int begin(struct gyre_stream *s, void *arg)
{
    struct server *server = arg;
    int err;

    s->data = server;
    err = gyre_spawn(&server->scope, NULL, serve_one, s);
    if (err == 0)
        return find_place(server);
    gyre_close(s);
    return err;
}

intptr_t gyre_tcp_serve_with(const struct gyre_serve_options *options,
                             struct gyre_listener *l,
                             intptr_t (*handle)(struct gyre_stream *s,
                                                void *arg),
                             void *arg, gyre_time deadline)
{
    struct server server = {.handle = handle,
                            .arg = arg,
                            .places.permits = options->most,
                            .places.limit = options->most,
                            .deadline = deadline};
    int err;

    gyre_scope_open_tolerant(&server.scope, GYRE_FOREVER);
    err = find_place(&server);
    if (err == 0)
        err = gyre_accept_each(l, begin, &server, deadline);
    if (err != -EBADF)
        return gyre_scope_close(&server.scope, err);
    (void)gyre_scope_close(&server.scope, 0);
    return err;
}

intptr_t gyre_tcp_serve(struct gyre_listener *l,
                        intptr_t (*handle)(struct gyre_stream *s, void *arg),
                        void *arg, gyre_time deadline)
{
    static const struct gyre_serve_options defaults;

    return gyre_tcp_serve_with(&defaults, l, handle, arg, deadline);
}

/* ---- a whole program ---- */

struct tcp_program {
    const char *host;
    int port;
    intptr_t (*handle)(struct gyre_stream *s, void *arg);
    void *arg;
    struct gyre_scope scope;
    struct gyre_program base;
};

static void stop(struct gyre_program *base)
{
    gyre_scope_cancel(&GYRE_OWNER(base, struct tcp_program, base)->scope);
}

static intptr_t serve_until_stopped(struct tcp_program *p,
                                    struct gyre_listener *l)
{
    intptr_t result;
    int err;

    gyre_scope_open(&p->scope, GYRE_FOREVER);
    err = gyre_program_start(gyre_loop_current(), &p->base);
    if (err)
        return gyre_scope_close(&p->scope, err);
    gyre_program_announce(l);
    result = gyre_tcp_serve(l, p->handle, p->arg, GYRE_FOREVER);
    gyre_program_stop(&p->base);
    return gyre_scope_close(&p->scope, result);
}

static intptr_t run(void *arg)
{
    struct tcp_program *p = arg;
    struct gyre_listener *l;
    intptr_t result = gyre_tcp_listen(p->host, p->port, &l, GYRE_FOREVER);

    if (result != 0)
        return result;
    result = serve_until_stopped(p, l);
    gyre_listener_close(l);
    return result;
}

int gyre_tcp_run(const char *host, int port,
                 intptr_t (*handle)(struct gyre_stream *s, void *arg),
                 void *arg)
{
    struct gyre_run_options options = {.ignore_interrupt = true};
    struct tcp_program p = {.host = host,
                            .port = port,
                            .handle = handle,
                            .arg = arg,
                            .base.stop = stop};

    return (int)gyre_run_with(&options, run, &p);
}
