/*
 * testing.c - a server and a session with memory between them.
 *
 * Each connection of the session is one of the server, in a task of its own,
 * which has all it needs on its stack as soon as it has begun.
 */
#include "io/http/testing/testing.h"

#include <errno.h>

#include "loop/allocator.h"
#include "loop/list.h"
#include "loop/loop.h"
#include "task/task.h"
#include "io/memory.h"
#include "io/http/server/connection.h"

/* One that is to be served. */
struct caller {
    struct gyre_http_server *server;
    struct gyre_stream *stream;
};

static intptr_t serve(void *arg)
{
    struct caller c = *(struct caller *)arg;

    gyre_resize(gyre_loop_allocator(gyre_loop_current()), arg, sizeof c, 0);
    return gyre_http_serve_stream(c.server, c.stream, GYRE_FOREVER);
}

/* Have the server take `stream`, whatever comes of it. */
static int take(struct gyre_http_test *t, struct gyre_stream *stream)
{
    struct gyre_allocator *a = gyre_loop_allocator(gyre_loop_current());
    struct caller *c = gyre_resize(a, NULL, 0, sizeof *c);
    int err = -ENOMEM;

    if (c != NULL) {
        *c = (struct caller){t->server, stream};
        err = gyre_spawn(&t->scope, NULL, serve, c);
    }
    if (err == 0)
        return 0;
    gyre_close(stream);
    gyre_resize(a, c, sizeof *c, 0);
    return err;
}

static int connect_to(struct gyre_http_connector *base, const char *host,
                      int port, bool secure, struct gyre_stream **out,
                      gyre_time deadline)
{
    struct gyre_http_test *t =
        GYRE_OWNER(base, struct gyre_http_test, connector);
    struct gyre_stream *ends[2];
    int err = gyre_checkpoint(deadline);

    (void)host, (void)port;
    if (err == 0 && secure)
        err = -ENOTSUP;
    if (err == 0)
        err = gyre_memory_pair(gyre_loop_current(), 0, ends);
    if (err)
        return err;
    err = take(t, ends[1]);
    if (err)
        gyre_close(ends[0]);
    else
        *out = ends[0];
    return err;
}

/* ---- lifetimes ---- */

/* What is within them: they last until the test is done. */
static int live(struct gyre_http_server *s)
{
    struct gyre_http_test *t = s->owner;

    gyre_event_set(&t->begun);
    return gyre_event_wait(&t->over, GYRE_FOREVER);
}

/* Who has no more of them is not served any more. */
static intptr_t live_through(void *arg)
{
    struct gyre_http_test *t = arg;

    t->life_err = gyre_http_live(t->server);
    gyre_http_server_stop(t->server);
    if (t->life_err == 0 && !gyre_event_is_set(&t->begun))
        t->life_err = -ECANCELED;
    gyre_event_set(&t->begun);
    return 0;
}

/* Begin them; if they fail meanwhile, that is all. */
static int begin_life(struct gyre_http_test *t)
{
    int err;

    t->server->live = live;
    t->server->owner = t;
    gyre_scope_open_tolerant(&t->life, GYRE_FOREVER);
    if (t->server->lifetime == NULL)
        return 0;
    err = gyre_spawn(&t->life, NULL, live_through, t);
    if (err == 0)
        err = gyre_event_wait(&t->begun, GYRE_FOREVER);
    return err ? err : t->life_err;
}

/* They are over: with their error. */
static int end_life(struct gyre_http_test *t)
{
    gyre_event_set(&t->over);
    (void)gyre_scope_close(&t->life, 0);
    return t->life_err;
}

/* ---- the whole ---- */

int gyre_http_test_open(struct gyre_http_test *t,
                        const struct gyre_http_route *routes,
                        const struct gyre_http_options *options)
{
    struct gyre_http_session_options session = {.connector = &t->connector,
                                                .base_url = "http://test/",
                                                .redirects = -1};
    int err;

    *t = (struct gyre_http_test){.connector.connect = connect_to, .text = ""};
    err = gyre_http_server_new(&t->server, routes, options);
    if (err)
        return err;
    err = gyre_http_session_new_with(&t->session, &session);
    if (err) {
        gyre_http_server_free(t->server);
        return err;
    }
    err = begin_life(t);
    gyre_scope_open_tolerant(&t->scope, GYRE_FOREVER);
    if (err == 0)
        return 0;
    (void)gyre_http_test_close(t);
    return err;
}

/* The latest response is no longer of use. */
static void forget(struct gyre_http_test *t)
{
    gyre_http_response_free(t->response);
    t->response = NULL;
    t->text = "";
    t->length = 0;
}

int gyre_http_test_close(struct gyre_http_test *t)
{
    int err;

    forget(t);
    gyre_http_session_free(t->session);
    gyre_http_server_stop(t->server);
    (void)gyre_scope_close(&t->scope, 0);
    err = end_life(t);
    gyre_http_server_free(t->server);
    return err;
}

int gyre_http_test_call(struct gyre_http_test *t, struct gyre_http_call *call,
                        gyre_time deadline)
{
    int err;

    forget(t);
    err = gyre_http_call(t->session, call, &t->response, deadline);
    if (err)
        return err;
    err = gyre_http_text(t->response, &t->text, &t->length, deadline);
    if (err == 0)
        return gyre_http_status(t->response);
    forget(t);
    return err;
}

int gyre_http_test_get(struct gyre_http_test *t, const char *path,
                       gyre_time deadline)
{
    struct gyre_http_call call = {.url = path};

    return gyre_http_test_call(t, &call, deadline);
}
