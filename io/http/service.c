/*
 * service.c - how a server serves, and how it stops.
 *
 * Stopping goes in steps, each with its bound: nothing more is accepted and
 * what is idle is closed, at once; what is in flight may end, within `grace`;
 * then it is cancelled, and may clean up, within `abort`; then its streams are
 * closed under it.  A cancellation of the service itself, or its deadline, is
 * the same without the grace.
 *
 * Each step is taken by a timer, and so from the loop: who asks the server to
 * stop may be cancelled, or be told something by one of the very connections
 * that are to be closed.
 *
 * Only the last step resets connections.  Before it, what the system has taken
 * of our answers and not delivered yet would be thrown away by that.
 */
#include <errno.h>

#include "loop/loop.h"
#include "task/task.h"
#include "io/tcp.h"
#include "io/http/connection.h"

/* A connection that is idle for less may be about to ask for something. */
#define IDLE_LEAST GYRE_SECOND

/* ---- room for connections ---- */

/* Let those who wait to accept look again: all of them, for one may be woken
   and then cancelled, and there is one for each listener at most. */
static void make_room(struct gyre_http_server *s)
{
    (void)gyre_waiters_wake_all(&s->waiting, 0);
}

void gyre_http_service_left(struct gyre_http_service *v)
{
    struct gyre_wait *last = v->last;

    make_room(v->server);
    if (last == NULL || !gyre_list_empty(&v->connections))
        return;
    v->last = NULL;
    gyre_wait_wake(last, 0);
}

static bool is_full(const struct gyre_http_server *s)
{
    return s->counts.open >= s->options.connections;
}

/* Close what has been idle longest, until there is room.  If there is none yet,
   when the next may be closed, as far as one can tell. */
static gyre_time evict(struct gyre_http_server *s)
{
    while (is_full(s) && !gyre_list_empty(&s->idle)) {
        struct gyre_http_connection *c =
            GYRE_OWNER(s->idle.next, struct gyre_http_connection, idling);
        gyre_time due = gyre_time_after(c->since, IDLE_LEAST);

        if (gyre_loop_now(s->loop) < due)
            return due;
        gyre_http_connection_end(c);
    }
    return gyre_in(IDLE_LEAST);
}

static const struct gyre_wait_kind room = {.name = "for room for connections"};

/* Wait until one has left, or `until`. */
static int wait_for_one(struct gyre_http_server *s, gyre_time until,
                        gyre_time deadline)
{
    struct gyre_wait w = {.kind = &room, .on = s};
    int err;

    err = (int)gyre_waiters_park(&s->waiting, &w,
                                 until < deadline ? until : deadline);
    return err == -ETIMEDOUT && until < deadline ? 0 : err;
}

/* Wait until there is room for one more. */
static int wait_for_room(struct gyre_http_server *s, gyre_time deadline)
{
    int err = 0;

    while (err == 0 && is_full(s)) {
        err = gyre_checkpoint(deadline);
        if (err == 0) {
            gyre_time until = evict(s);

            if (is_full(s))
                err = wait_for_one(s, until, deadline);
        }
    }
    return err;
}

/* ---- stopping ---- */

/* Do that to each, which may be gone afterwards. */
static void for_each(struct gyre_http_service *v,
                     void (*act)(struct gyre_http_connection *c))
{
    struct gyre_list *i = v->connections.next;

    while (i != &v->connections) {
        struct gyre_http_connection *c =
            GYRE_OWNER(i, struct gyre_http_connection, link);

        i = i->next;
        act(c);
    }
}

static void abort_if_not_busy(struct gyre_http_connection *c)
{
    if (c->state != GYRE_HTTP_BUSY)
        gyre_http_connection_abort(c);
}

/* Take `step` when `time` has passed. */
static void step_after(struct gyre_http_service *v, enum gyre_http_step step,
                       gyre_time time)
{
    struct gyre_loop *l = v->server->loop;

    v->step = step;
    gyre_timer_start(l, &v->patience, gyre_loop_in(l, time));
}

static void take_step(struct gyre_timer *t)
{
    struct gyre_http_service *v =
        GYRE_OWNER(t, struct gyre_http_service, patience);
    const struct gyre_http_options *o = &v->server->options;

    switch (v->step) {
    case GYRE_HTTP_END_IDLE:
        for_each(v, gyre_http_connection_end);
        step_after(v, GYRE_HTTP_CANCEL_BUSY, o->grace);
        break;
    case GYRE_HTTP_CANCEL_BUSY:
        for_each(v, abort_if_not_busy);
        gyre_scope_cancel(&v->busy);
        step_after(v, GYRE_HTTP_ABORT_ALL, o->abort);
        break;
    case GYRE_HTTP_ABORT_ALL: for_each(v, gyre_http_connection_abort);
    }
}

static void stop_service(struct gyre_http_service *v)
{
    if (v->accepting != NULL)
        gyre_scope_cancel(v->accepting);
    if (v->step == GYRE_HTTP_END_IDLE)
        step_after(v, GYRE_HTTP_END_IDLE, 0);
}

void gyre_http_server_stop(struct gyre_http_server *s)
{
    if (s->stopping)
        return;
    s->stopping = true;
    for (struct gyre_list *i = s->services.next; i != &s->services; i = i->next)
        stop_service(GYRE_OWNER(i, struct gyre_http_service, link));
}

/* ---- serving ---- */

static void open_service(struct gyre_http_service *v,
                         struct gyre_http_server *s)
{
    *v = (struct gyre_http_service){.server = s, .patience.fire = take_step};
    gyre_list_init(&v->connections);
    gyre_list_append(&s->services, &v->link);
    gyre_scope_open_tolerant(&v->busy, GYRE_FOREVER);
}

static bool forget_last(struct gyre_wait *w)
{
    struct gyre_http_service *v = w->on;

    v->last = NULL;
    return true;
}

static const struct gyre_wait_kind last = {
    .name = "for the last connection to end",
    .abandon = forget_last,
};

static int wait_for_last(struct gyre_http_service *v, gyre_time deadline)
{
    struct gyre_wait w = {.kind = &last, .on = v};
    int err = gyre_checkpoint(deadline);

    if (err || gyre_list_empty(&v->connections))
        return err;
    v->last = &w;
    return (int)gyre_wait_park(&w, deadline);
}

/* No more time: what is in hand will be cancelled.  We may be, but say what
   there is to say. */
static void cut_short(struct gyre_http_service *v)
{
    gyre_time abort = v->server->options.abort;
    struct gyre_scope shield;

    step_after(v, GYRE_HTTP_ABORT_ALL, abort);
    gyre_scope_open_shielded(&shield, gyre_in(abort));
    for_each(v, gyre_http_connection_end);
    (void)gyre_scope_close(&shield, 0);
}

/* Their tasks have ended, and some may linger; if for too long, take_step ends
   that. */
static void wait_for_lingering(struct gyre_http_service *v)
{
    struct gyre_scope shield;

    gyre_scope_open_shielded(&shield, gyre_in(v->server->options.abort));
    (void)gyre_scope_close(&shield, wait_for_last(v, GYRE_FOREVER));
    for_each(v, gyre_http_connection_abort);
}

/* Wait until all connections have ended; if `result` is an error, cancel what
   they do. */
static int close_service(struct gyre_http_service *v, intptr_t result,
                         gyre_time deadline)
{
    if (result == 0)
        result = wait_for_last(v, deadline);
    if (result != 0)
        cut_short(v);
    result = gyre_scope_close(&v->busy, result);
    wait_for_lingering(v);
    gyre_timer_stop(v->server->loop, &v->patience);
    gyre_list_remove(&v->link);
    return (int)result;
}

/* Whose it is, as long as one can tell: a connection that was reset has
   forgotten that. */
static struct gyre_addr peer_of(struct gyre_stream *stream)
{
    struct gyre_addr peer = {0};

    return gyre_stream_peer(stream, &peer) == 0 ? peer : (struct gyre_addr){0};
}

/* For whom connections are accepted, and until when. */
struct intake {
    struct gyre_http_service *service;
    gyre_time deadline;
};

/*
 * Have the connection served when there is room for it, or turn it away.  Who
 * is to be turned away is not made room for; and while one waits for room,
 * others may come from the same address, by another listener.
 */
static int admit(const struct intake *in, struct gyre_stream *stream)
{
    struct gyre_http_server *s = in->service->server;
    struct gyre_addr peer = peer_of(stream);
    int err = 0;

    if (gyre_http_crowd_admits(s, &peer))
        err = wait_for_room(s, in->deadline);
    /* It may have been accepted in the very moment in which we stopped. */
    if (err == 0 && s->stopping)
        err = -ECANCELED;
    if (err)
        return err;
    if (gyre_http_crowd_admits(s, &peer))
        return gyre_http_connection_new(in->service, stream, &peer);
    s->counts.turned_away++;
    gyre_close(stream);
    return 0;
}

static int take_in(struct gyre_stream *stream, void *arg)
{
    int err = admit(arg, stream);

    if (err)
        gyre_close(stream);
    return err;
}

int gyre_http_serve_stream(struct gyre_http_server *s,
                           struct gyre_stream *stream, gyre_time deadline)
{
    struct gyre_addr peer = peer_of(stream);
    struct gyre_http_service v;
    int err;

    if (s->stopping) {
        gyre_close(stream);
        return gyre_checkpoint(deadline);
    }
    open_service(&v, s);
    err = gyre_http_connection_new(&v, stream, &peer);
    if (err)
        gyre_close(stream);
    return close_service(&v, err, deadline);
}

int gyre_http_serve(struct gyre_http_server *s, struct gyre_listener *l,
                    gyre_time deadline)
{
    struct gyre_http_service v;
    struct intake in = {.service = &v, .deadline = deadline};
    struct gyre_scope accepting;
    intptr_t err;

    if (s->stopping)
        return gyre_checkpoint(deadline);
    open_service(&v, s);
    gyre_scope_open(&accepting, GYRE_FOREVER);
    v.accepting = &accepting;
    err = gyre_accept_each(l, take_in, &in, deadline);
    v.accepting = NULL;
    err = gyre_scope_close(&accepting, err);
    return close_service(&v, err, deadline);
}
