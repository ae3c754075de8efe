/*
 * server.c - a server: its options, its directories, its date and its log.
 *
 * How it serves and stops is in service.c.
 */
#include "io/http/server/server.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "loop/allocator.h"
#include "loop/loop.h"
#include "loop/result.h"
#include "task/task.h"
#include "io/http/server/exchange.h"
#include "io/http/server/router.h"

/* ---- options ---- */

#define DEFAULT(field, value)                                                  \
    do {                                                                       \
        if (o->field == 0)                                                     \
            o->field = value;                                                  \
    } while (0)

static void fill_in(struct gyre_http_options *o)
{
    DEFAULT(body_limit, 1024 * 1024);
    DEFAULT(connections, 10000);
    DEFAULT(pipelined, 64);
    DEFAULT(head_time, 10 * GYRE_SECOND);
    DEFAULT(idle_time, 60 * GYRE_SECOND);
    DEFAULT(body_time, 10 * GYRE_SECOND);
    DEFAULT(body_rate, 500);
    DEFAULT(write_time, 10 * GYRE_SECOND);
    DEFAULT(write_rate, 500);
    DEFAULT(grace, 10 * GYRE_SECOND);
    DEFAULT(abort, 2 * GYRE_SECOND);
}

/* ---- making and freeing ---- */

static void close_directories(struct gyre_http_router *router)
{
    for (struct gyre_http_place *p = router->places; p != NULL; p = p->next) {
        if (p->directory >= 0)
            close(p->directory);
    }
}

/* Open those that the routes name. */
static int open_directories(struct gyre_http_router *router)
{
    for (struct gyre_http_place *p = router->places; p != NULL; p = p->next) {
        if (p->route->directory == NULL)
            continue;
        p->directory =
            open(p->route->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (p->directory < 0)
            return -errno;
    }
    return 0;
}

static void free_router(struct gyre_http_router *router)
{
    close_directories(router);
    gyre_http_router_free(router);
}

static int make_router(struct gyre_http_server *s,
                       const struct gyre_http_route *routes)
{
    int err = gyre_http_router_new(&s->router, routes, s->options.around,
                                   gyre_loop_allocator(s->loop), NULL);

    if (err)
        return err;
    err = open_directories(s->router);
    if (err)
        free_router(s->router);
    return err;
}

int gyre_http_server_new(struct gyre_http_server **out,
                         const struct gyre_http_route *routes,
                         const struct gyre_http_options *options)
{
    struct gyre_loop *l = gyre_loop_current();
    struct gyre_allocator *a = gyre_loop_allocator(l);
    struct gyre_http_server *s;
    int err;

    s = gyre_resize(a, NULL, 0, sizeof *s);
    if (s == NULL)
        return -ENOMEM;
    *s = (struct gyre_http_server){.loop = l, .now = gyre_loop_clock(l)};
    if (options != NULL)
        s->options = *options;
    fill_in(&s->options);
    s->lifetime = s->options.lifetimes;
    s->base.wrapper = s->options.wrapper;
    s->base.most = s->options.connections;
    s->base.abort = s->options.abort;
    s->seed = (unsigned)gyre_loop_now(l) ^ (unsigned)((uintptr_t)s >> 4);
    gyre_list_init(&s->idle);
    for (int i = 0; i < GYRE_HTTP_STREETS; i++)
        gyre_list_init(&s->crowd[i]);
    err = make_router(s, routes);
    if (err)
        gyre_resize(a, s, sizeof *s, 0);
    else
        *out = s;
    return err;
}

void gyre_http_server_free(struct gyre_http_server *s)
{
    struct gyre_allocator *a;

    if (s == NULL)
        return;
    a = gyre_loop_allocator(s->loop);
    gyre_http_pool_free(s);
    free_router(s->router);
    gyre_resize(a, s, sizeof *s, 0);
}

void *gyre_http_server_context(const struct gyre_http_server *s)
{
    return s->options.context;
}

void gyre_http_server_set_context(struct gyre_http_server *s, void *context)
{
    s->options.context = context;
}

/* ---- for the connections ---- */

const char *gyre_http_server_date(struct gyre_http_server *s)
{
    int64_t now = (int64_t)time(NULL);

    if (now != s->second)
        gyre_http_date_write(s->date, now);
    s->second = now;
    return s->date;
}

void gyre_http_server_error(struct gyre_http_server *s,
                            struct gyre_http_connection *c, const char *what,
                            int err)
{
    struct gyre_http_log *log = s->options.log;
    const char *peer = c->request != NULL ? gyre_http_peer(c->request) : "";

    if (log != NULL && log->error != NULL)
        log->error(log, peer, what, err);
    else
        fprintf(stderr, "gyre: http: %s: %s%s%s\n", peer, what, err ? ": " : "",
                err ? gyre_strerror(err) : "");
}

struct gyre_http_counts
gyre_http_server_counts(const struct gyre_http_server *s)
{
    struct gyre_http_counts counts = s->counts;

    counts.open = s->base.counts.open;
    return counts;
}
