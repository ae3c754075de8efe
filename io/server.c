/*
 * server.c - servers whose connections each have a task.
 */
#include "io/server.h"

#include <errno.h>

#include "loop/result.h"
#include "task/scope.h"
#include "io/service.h"
#include "io/stream.h"

/* Is `err` what peers do, or what we asked for?  It is no news then. */
static bool expected(intptr_t err)
{
    return err == -ECANCELED || err == -ETIMEDOUT || err == -EPIPE ||
           err == -ECONNRESET || err == -EPROTO || err == -EMSGSIZE;
}

/* ---- being idle ---- */

/* Is everybody to go?  A cancellation from outside reaches the handlers before
   the service learns of it. */
static bool is_over(const struct gyre_service *v)
{
    return v->ending || gyre_scope_cancelled(&v->tasks);
}

static ssize_t wait_in_a_scope(struct gyre_connection *c, gyre_time deadline)
{
    struct gyre_scope idle;
    char byte;
    ssize_t n;

    gyre_scope_open(&idle, GYRE_FOREVER);
    c->idle = &idle;
    if (c->service->ending)
        gyre_scope_cancel(&idle);
    n = gyre_peek(c->stream, &byte, 1, deadline);
    c->idle = NULL;
    (void)gyre_scope_close(&idle, 0);
    return n;
}

/* What has come in the moment in which it had to go is answered still. */
int gyre_connection_wait(struct gyre_connection *c, gyre_time deadline)
{
    ssize_t n = wait_in_a_scope(c, deadline);
    char byte;

    if (n == -ECANCELED) {
        n = gyre_peek(c->stream, &byte, 1, GYRE_NOW);
        if (n == -ETIMEDOUT)
            n = -ECANCELED;
    }
    c->left = n == -ECANCELED && is_over(c->service);
    c->cancelled = gyre_scope_cancelled(&c->service->tasks);
    return (int)n;
}

/* ---- the tasks ---- */

/* Who was told to go while idle, and went on until he was cancelled, was not
   ended by the first. */
static void count(const struct gyre_connection *c)
{
    struct gyre_server_counts *n = &c->server->counts;
    bool cancelled = gyre_scope_cancelled(&c->service->tasks);

    if (c->cut)
        n->aborted++;
    else if (c->left && c->cancelled == cancelled)
        n->idle++;
    else if (cancelled)
        n->cancelled++;
    else
        n->finished++;
}

static intptr_t handle(struct gyre_connection *c)
{
    intptr_t result = 0;

    if (gyre_service_wrap(c->service, c->accepted, &c->stream, &c->idle) == 0) {
        result = c->server->handle(c);
        count(c);
    } else {
        c->server->counts.refused++;
    }
    gyre_close(c->stream);
    return result;
}

/* No part of its caller, or gcc takes the record for one that stays in the list
   when it is gone. */
static __attribute__((noinline)) intptr_t be_member(struct gyre_connection *c)
{
    intptr_t result;

    gyre_list_append(&c->service->members, &c->link);
    result = handle(c);
    gyre_list_remove(&c->link);
    gyre_service_leave(c->service);
    return result;
}

static intptr_t serve_one(void *arg)
{
    struct gyre_stream *s = arg;
    struct gyre_service *v = s->data;
    struct gyre_connection c = {
        .server = v->server, .service = v, .accepted = s};
    intptr_t result;

    s->data = NULL;
    result = be_member(&c);
    return gyre_is_error(result) && !expected(result) && !c.cut ? result : 0;
}

/* ---- what the service asks for ---- */

static int take(struct gyre_service *v, struct gyre_stream *s)
{
    int err = gyre_service_room(v);

    s->data = v;
    if (err == 0)
        err = gyre_spawn(&v->tasks, NULL, serve_one, s);
    if (err == 0) {
        gyre_service_enter(v);
        return 0;
    }
    v->server->counts.refused++;
    gyre_close(s);
    return err;
}

/* A cancellation comes to the task by itself. */
static void act(struct gyre_list *member, enum gyre_service_step step)
{
    struct gyre_connection *c =
        GYRE_OWNER(member, struct gyre_connection, link);

    if (step == GYRE_STEP_END && c->idle != NULL)
        gyre_scope_cancel(c->idle);
    if (step == GYRE_STEP_ABORT) {
        c->cut = true;
        gyre_service_cut(c->accepted);
    }
}

struct gyre_stream *gyre_connection_release(struct gyre_connection *c)
{
    struct gyre_stream *s = c->stream;

    gyre_list_remove(&c->link);
    c->stream = c->accepted = NULL;
    return s;
}

static const struct gyre_service_kind tasks = {.take = take, .act = act};

int gyre_serve(struct gyre_server *s, struct gyre_listener *l,
               gyre_time deadline)
{
    return gyre_service_serve(s, &tasks, l, deadline);
}

int gyre_serve_stream(struct gyre_server *s, struct gyre_stream *stream,
                      gyre_time deadline)
{
    return gyre_service_stream(s, &tasks, stream, deadline);
}
