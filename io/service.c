/*
 * service.c - the connections a server has by one listener, and how they end.
 *
 * Each step of a stop is taken by a timer, and so from the loop: who asks the
 * server to stop may be cancelled, or be told something by one of the very
 * connections that are to end.
 *
 * Only the last step resets connections.  Before it, what the system has taken
 * of our answers and not delivered yet would be thrown away by that.
 */
#include "io/service.h"

#include <errno.h>

#include "loop/loop.h"
#include "task/task.h"
#include "task/wait.h"
#include "io/listener.h"
#include "io/stream.h"
#include "io/tcp.h"

#define ABORT_TIME (2 * GYRE_SECOND)
#define WRAP_TIME  (10 * GYRE_SECOND)

/* ---- room for connections ---- */

static const struct gyre_wait_kind room = {.name = "for room for connections"};

/* Wait until one has left, or `until`. */
static int wait_for_one(struct gyre_service *v, gyre_time until)
{
    struct gyre_wait w = {.kind = &room, .on = v->server};
    gyre_time nearer = until < v->deadline ? until : v->deadline;
    int err = (int)gyre_waiters_park(&v->server->waiting, &w, nearer);

    return err == -ETIMEDOUT && until < v->deadline ? 0 : err;
}

int gyre_service_room(struct gyre_service *v)
{
    int err = 0;

    while (err == 0 && gyre_service_full(v)) {
        err = v->ending ? -ECANCELED : gyre_checkpoint(v->deadline);
        if (err == 0) {
            gyre_time until =
                v->kind->spare != NULL ? v->kind->spare(v) : GYRE_FOREVER;

            if (gyre_service_full(v))
                err = wait_for_one(v, until);
        }
    }
    return err;
}

void gyre_service_enter(struct gyre_service *v)
{
    v->open++;
    v->server->counts.open++;
}

/* All who wait to accept look again: for one may be woken and then cancelled,
   and there is one for each listener at most. */
void gyre_service_leave(struct gyre_service *v)
{
    struct gyre_wait *last = v->last;

    v->open--;
    v->server->counts.open--;
    (void)gyre_waiters_wake_all(&v->server->waiting, 0);
    if (last == NULL || v->open > 0)
        return;
    v->last = NULL;
    gyre_wait_wake(last, 0);
}

/* ---- stopping ---- */

static void act_on_each(struct gyre_service *v, enum gyre_service_step step)
{
    struct gyre_list *i = v->members.next;

    while (i != &v->members) {
        struct gyre_list *member = i;

        i = i->next;
        v->kind->act(member, step);
    }
}

/* Take `step` at that time, which may never come. */
static void step_at(struct gyre_service *v, enum gyre_service_step step,
                    gyre_time at)
{
    v->step = step;
    gyre_timer_stop(v->loop, &v->patience);
    if (at < GYRE_FOREVER)
        gyre_timer_start(v->loop, &v->patience, at);
}

static gyre_time abort_time(const struct gyre_service *v)
{
    return v->server->abort > 0 ? v->server->abort : ABORT_TIME;
}

static void abort_later(struct gyre_service *v)
{
    step_at(v, GYRE_STEP_ABORT, gyre_loop_in(v->loop, abort_time(v)));
}

static void take_step(struct gyre_timer *t)
{
    struct gyre_service *v = GYRE_OWNER(t, struct gyre_service, patience);

    act_on_each(v, v->step);
    if (v->step == GYRE_STEP_END) {
        step_at(v, GYRE_STEP_CANCEL, v->limit);
    } else if (v->step == GYRE_STEP_CANCEL) {
        gyre_scope_cancel(&v->tasks);
        abort_later(v);
    }
}

static void stop_service(struct gyre_service *v, gyre_time limit)
{
    if (v->accepting != NULL)
        gyre_scope_cancel(v->accepting);
    if (!v->ending) {
        v->ending = true;
        v->limit = limit;
        step_at(v, GYRE_STEP_END, GYRE_NOW);
    } else if (limit < v->limit) {
        v->limit = limit;
        if (v->step == GYRE_STEP_CANCEL)
            step_at(v, GYRE_STEP_CANCEL, limit);
    }
}

void gyre_server_stop(struct gyre_server *s, gyre_time limit)
{
    s->stopping = true;
    for (struct gyre_service *v = s->services; v != NULL; v = v->next)
        stop_service(v, limit);
    (void)gyre_waiters_wake_all(&s->waiting, 0);
}

/* ---- serving ---- */

static void open_service(struct gyre_service *v, struct gyre_server *s,
                         const struct gyre_service_kind *kind,
                         gyre_time deadline)
{
    *v = (struct gyre_service){.server = s,
                               .kind = kind,
                               .loop = gyre_loop_current(),
                               .next = s->services,
                               .deadline = deadline,
                               .patience.fire = take_step};
    s->services = v;
    gyre_list_init(&v->members);
    gyre_scope_open_tolerant(&v->tasks, GYRE_FOREVER);
}

static void forget_service(struct gyre_service *v)
{
    struct gyre_service **i = &v->server->services;

    gyre_timer_stop(v->loop, &v->patience);
    while (*i != v)
        i = &(*i)->next;
    *i = v->next;
}

static bool forget_last(struct gyre_wait *w)
{
    struct gyre_service *v = w->on;

    v->last = NULL;
    return true;
}

static const struct gyre_wait_kind last = {
    .name = "for the last connection to end",
    .abandon = forget_last,
};

static int wait_for_last(struct gyre_service *v, gyre_time deadline)
{
    struct gyre_wait w = {.kind = &last, .on = v};
    int err = gyre_checkpoint(deadline);

    if (err || v->open == 0)
        return err;
    v->last = &w;
    return (int)gyre_wait_park(&w, deadline);
}

/* No more time: what is in hand will be cancelled.  We may be, but say what
   there is to say. */
static void cut_short(struct gyre_service *v)
{
    struct gyre_scope shield;

    v->ending = true;
    abort_later(v);
    gyre_scope_open_shielded(&shield, gyre_in(abort_time(v)));
    act_on_each(v, GYRE_STEP_END);
    (void)gyre_scope_close(&shield, 0);
}

/* The tasks have ended, and there may be others without; if for too long,
   take_step ends that. */
static void wait_for_others(struct gyre_service *v)
{
    struct gyre_scope shield;

    gyre_scope_open_shielded(&shield, gyre_in(abort_time(v)));
    (void)gyre_scope_close(&shield, wait_for_last(v, GYRE_FOREVER));
    act_on_each(v, GYRE_STEP_ABORT);
}

/* Wait until all connections have ended; if `result` is an error, cancel what
   they do.  But that the listener is closed need be no concern of theirs. */
static int close_service(struct gyre_service *v, int result)
{
    bool closed = result == -EBADF;

    if (closed)
        stop_service(v, GYRE_FOREVER);
    if (closed || result == 0)
        result = wait_for_last(v, v->deadline);
    if (result != 0)
        cut_short(v);
    result = (int)gyre_scope_close(&v->tasks, result);
    wait_for_others(v);
    forget_service(v);
    return result == 0 && closed && !v->server->stopping ? -EBADF : result;
}

/* One may have been accepted in the very moment in which we stopped. */
static int take(struct gyre_service *v, struct gyre_stream *s)
{
    v->server->counts.accepted++;
    if (!v->ending)
        return v->kind->take(v, s);
    v->server->counts.refused++;
    gyre_close(s);
    return -ECANCELED;
}

static int take_and_find_room(struct gyre_stream *s, void *arg)
{
    struct gyre_service *v = arg;
    int err = take(v, s);

    return err == 0 && v->kind->spare == NULL ? gyre_service_room(v) : err;
}

/* The listener is closed, while we wait for room perhaps. */
static void called(struct gyre_caller *c)
{
    struct gyre_service *v = GYRE_OWNER(c, struct gyre_service, inside);

    if (v->accepting != NULL)
        gyre_scope_cancel(v->accepting);
}

int gyre_service_serve(struct gyre_server *s,
                       const struct gyre_service_kind *kind,
                       struct gyre_listener *l, gyre_time deadline)
{
    struct gyre_service v;
    struct gyre_scope accepting;
    int err;

    if (s->stopping)
        return gyre_checkpoint(deadline);
    open_service(&v, s, kind, deadline);
    gyre_scope_open(&accepting, GYRE_FOREVER);
    v.accepting = &accepting;
    gyre_line_join_called(&l->inside, &v.inside, called);
    err = gyre_accept_each(l, take_and_find_room, &v, deadline);
    v.accepting = NULL;
    gyre_line_leave(&l->inside, &v.inside);
    err = (int)gyre_scope_close(&accepting, err);
    return close_service(&v, err == 0 ? v.inside.sent_home : err);
}

int gyre_service_stream(struct gyre_server *s,
                        const struct gyre_service_kind *kind,
                        struct gyre_stream *stream, gyre_time deadline)
{
    struct gyre_service v;
    int err;

    open_service(&v, s, kind, deadline);
    v.ending = s->stopping;
    err = take(&v, stream);
    return close_service(&v, err == -ECANCELED && v.ending ? 0 : err);
}

/* ---- wrapping ---- */

int gyre_service_wrap(struct gyre_service *v, struct gyre_stream *beneath,
                      struct gyre_stream **out, struct gyre_scope **inside)
{
    struct gyre_wrapper *w = v->server->wrapper;
    struct gyre_stream *made;
    struct gyre_scope scope;
    int err;

    *out = beneath;
    if (v->ending || w == NULL)
        return v->ending ? -ECANCELED : 0;
    gyre_scope_open(&scope, GYRE_FOREVER);
    *inside = &scope;
    err =
        w->wrap(w, beneath, &made, gyre_in(w->time > 0 ? w->time : WRAP_TIME));
    *inside = NULL;
    (void)gyre_scope_close(&scope, 0);
    if (err == 0)
        *out = made;
    return err;
}
