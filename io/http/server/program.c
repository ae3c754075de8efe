/*
 * program.c - a whole program that is a web server.
 */
#include <errno.h>
#include <stdio.h>

#include "task/run/run.h"
#include "task/task.h"
#include "io/program.h"
#include "io/tcp.h"
#include "io/http/server/server.h"

struct http_program {
    const struct gyre_http_route *routes;
    const char *host;
    int port;
    const struct gyre_http_options *options;
    struct gyre_http_server *server;
    struct gyre_program base;
};

static void stop(struct gyre_program *base)
{
    gyre_http_server_stop(GYRE_OWNER(base, struct http_program, base)->server);
}

static int serve(struct http_program *p, struct gyre_listener *l)
{
    int err = gyre_program_start(gyre_loop_current(), &p->base);

    if (err)
        return err;
    gyre_program_announce(l);
    err = gyre_http_serve(p->server, l, GYRE_FOREVER);
    gyre_program_stop(&p->base);
    return err;
}

static int listen_and_serve(struct http_program *p)
{
    struct gyre_listener *l;
    int err = gyre_tcp_listen(p->host, p->port, &l, GYRE_FOREVER);

    if (err)
        return err;
    err = serve(p, l);
    gyre_listener_close(l);
    return err;
}

static intptr_t run(void *arg)
{
    struct http_program *p = arg;
    int err = gyre_http_server_new(&p->server, p->routes, p->options);

    if (err)
        return err;
    err = listen_and_serve(p);
    gyre_http_server_free(p->server);
    return err;
}

/* Say which route makes no sense. */
static int check(const struct gyre_http_route *routes)
{
    struct gyre_http_router *router = NULL;
    const struct gyre_http_route *wrong;
    int err = gyre_http_router_new(&router, routes, NULL, NULL, &wrong);

    if (err == -EINVAL)
        fprintf(stderr, "gyre: http: the route %s %s makes no sense\n",
                wrong->method != NULL ? wrong->method : "(no method)",
                wrong->path);
    gyre_http_router_free(router);
    return err;
}

int gyre_http_run(const struct gyre_http_route *routes, const char *host,
                  int port, const struct gyre_http_options *options)
{
    struct gyre_run_options how = {.ignore_interrupt = true};
    struct http_program p = {.routes = routes,
                             .host = host,
                             .port = port,
                             .options = options,
                             .base.stop = stop};
    int err = check(routes);

    return err ? err : (int)gyre_run_with(&how, run, &p);
}
