/*
 * service.c - how a server of HTTP takes connections in, and lets go of them.
 *
 * When that is due is the business of io/service.c.
 */
#include <errno.h>

#include "loop/loop.h"
#include "task/task.h"
#include "io/http/server/connection.h"

/* A connection that is idle for less may be about to ask for something. */
#define IDLE_LEAST GYRE_SECOND

/* Close what has been idle longest, until there is room.  If there is none yet,
   when the next may be closed, as far as one can tell. */
static gyre_time evict(struct gyre_service *v)
{
    struct gyre_http_server *s = gyre_http_service_server(v);

    while (gyre_service_full(v) && !gyre_list_empty(&s->idle)) {
        struct gyre_http_connection *c =
            GYRE_OWNER(s->idle.next, struct gyre_http_connection, idling);
        gyre_time due = gyre_time_after(c->since, IDLE_LEAST);

        if (gyre_loop_now(s->loop) < due)
            return due;
        gyre_http_connection_end(c);
    }
    return gyre_in(IDLE_LEAST);
}

/* Whose it is, as long as one can tell: a connection that was reset has
   forgotten that. */
static struct gyre_addr peer_of(struct gyre_stream *stream)
{
    struct gyre_addr peer = {0};

    return gyre_stream_peer(stream, &peer) == 0 ? peer : (struct gyre_addr){0};
}

/*
 * Have the connection served when there is room for it, or turn it away.  Who
 * is to be turned away is not made room for; and while one waits for room,
 * others may come from the same address, by another listener.
 */
static int admit(struct gyre_service *v, struct gyre_stream *stream)
{
    struct gyre_http_server *s = gyre_http_service_server(v);
    struct gyre_addr peer = peer_of(stream);
    int err = 0;

    if (gyre_http_crowd_admits(s, &peer))
        err = gyre_service_room(v);
    if (err)
        return err;
    if (gyre_http_crowd_admits(s, &peer))
        return gyre_http_connection_new(v, stream, &peer);
    s->counts.turned_away++;
    gyre_close(stream);
    return 0;
}

static int take(struct gyre_service *v, struct gyre_stream *stream)
{
    int err = admit(v, stream);

    if (err)
        gyre_close(stream);
    return err;
}

static void act(struct gyre_list *member, enum gyre_service_step step)
{
    struct gyre_http_connection *c =
        GYRE_OWNER(member, struct gyre_http_connection, link);

    if (step == GYRE_STEP_END)
        gyre_http_connection_end(c);
    else if (step == GYRE_STEP_ABORT || !gyre_http_connection_has_task(c))
        gyre_http_connection_abort(c);
}

static const struct gyre_service_kind http = {
    .take = take,
    .act = act,
    .spare = evict,
};

int gyre_http_begin(struct gyre_http_server *s,
                    int (*begin)(struct gyre_http_server *s))
{
    struct gyre_scope scope;
    int err;

    gyre_scope_open(&scope, GYRE_FOREVER);
    s->beginning = &scope;
    err = begin(s);
    s->beginning = NULL;
    return (int)gyre_scope_close(&scope, err);
}

int gyre_http_live(struct gyre_http_server *s)
{
    const struct gyre_http_lifetime *next = s->lifetime;

    s->beginning = NULL; /* who calls this has begun */
    if (s->live == NULL)
        return -EINVAL;
    if (s->base.stopping)
        return 0;
    if (next == NULL || next->around == NULL)
        return s->live(s);
    s->lifetime++;
    return gyre_http_begin(s, next->around);
}

int gyre_http_serve(struct gyre_http_server *s, struct gyre_listener *l,
                    gyre_time deadline)
{
    return gyre_service_serve(&s->base, &http, l, deadline);
}

int gyre_http_serve_stream(struct gyre_http_server *s,
                           struct gyre_stream *stream, gyre_time deadline)
{
    return gyre_service_stream(&s->base, &http, stream, deadline);
}

void gyre_http_server_stop(struct gyre_http_server *s)
{
    gyre_server_stop(&s->base, gyre_loop_in(s->loop, s->options.grace));
    if (s->beginning != NULL)
        gyre_scope_cancel(s->beginning);
    if (s->stopped != NULL)
        s->stopped(s);
}
