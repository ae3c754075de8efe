/*
 * service.h - the connections a server has by one listener, and how they end.
 *
 * Private to io/ and what is above it, installed nowhere.  It knows when the
 * stages of a stop are due (io/server.h), and what kind of server it is knows
 * what they mean to a connection.
 */
#ifndef GYRE_IO_SERVICE_H
#define GYRE_IO_SERVICE_H

#include <stdbool.h>
#include <stddef.h>

#include "timers/time.h"
#include "loop/list.h"
#include "loop/timer.h"
#include "task/scope.h"
#include "io/line.h"
#include "io/server.h"
#include "io/stream.h"

struct gyre_loop;
struct gyre_service;
struct gyre_wait;

/* What is done to connections when they are to end, one after the other. */
enum gyre_service_step {
    GYRE_STEP_END,    /* if it is idle, be done with it */
    GYRE_STEP_CANCEL, /* its task, if it has one, is about to be cancelled */
    GYRE_STEP_ABORT   /* reset it */
};

/* A kind of server: a constant. */
struct gyre_service_kind {
    /* Take a connection in, when there is room: it is in from
       gyre_service_enter to gyre_service_leave.  On an error it was closed;
       -ENOMEM is of this one alone. */
    int (*take)(struct gyre_service *v, struct gyre_stream *s);

    /* Do that to one of the members, which may be gone then. */
    void (*act)(struct gyre_list *member, enum gyre_service_step step);

    /* End connections that can be spared until there is room; or say when one
       may be.  NULL if none ever can: then one waits for room before one
       accepts the next, and not behind it. */
    gyre_time (*spare)(struct gyre_service *v);
};

/* One call of gyre_serve, or the like; on its stack. */
struct gyre_service {
    struct gyre_server *server;
    const struct gyre_service_kind *kind;
    struct gyre_loop *loop;
    struct gyre_service *next;    /* in server->services */
    size_t open;                  /* connections */
    struct gyre_list members;     /* those that are to be told of a step */
    struct gyre_scope tasks;      /* theirs */
    struct gyre_scope *accepting; /* cancelled in order to stop; or NULL */
    struct gyre_caller inside; /* the listener: sent home when it is closed */
    gyre_time deadline;
    gyre_time limit; /* until which they may finish, while stopping */
    struct gyre_timer patience; /* runs while stopping, until `step` is due */
    enum gyre_service_step step;
    bool ending;            /* keeps no connection any more */
    struct gyre_wait *last; /* waits until none is open; or NULL */
};

/* As gyre_serve and gyre_serve_stream, for that kind of server. */
int gyre_service_serve(struct gyre_server *s,
                       const struct gyre_service_kind *kind,
                       struct gyre_listener *l, gyre_time deadline)
    __attribute__((warn_unused_result));
int gyre_service_stream(struct gyre_server *s,
                        const struct gyre_service_kind *kind,
                        struct gyre_stream *stream, gyre_time deadline)
    __attribute__((warn_unused_result));

/* Are there as many connections as there may be? */
static inline bool gyre_service_full(const struct gyre_service *v)
{
    return v->server->most > 0 && v->server->counts.open >= v->server->most;
}

/* Wait until there is room for one more, or the service's deadline; -ECANCELED
   when there will be none, as it is ending. */
int gyre_service_room(struct gyre_service *v)
    __attribute__((warn_unused_result));

/* There is one more connection; or one less, and room for another. */
void gyre_service_enter(struct gyre_service *v);
void gyre_service_leave(struct gyre_service *v);

/*
 * Wrap `beneath` as the server says; `*out` is itself if that says nothing, and
 * on an error: as `wrap`, or -ECANCELED if the service ends.  Meanwhile
 * `*inside` is a scope that may be cancelled, and else NULL.
 */
int gyre_service_wrap(struct gyre_service *v, struct gyre_stream *beneath,
                      struct gyre_stream **out, struct gyre_scope **inside);

/* Reset the connection `s` at once, if it is of a kind that can, though whoever
   holds it goes on, and closes it. */
static inline void gyre_service_cut(struct gyre_stream *s)
{
    if (s->ops->cut != NULL)
        s->ops->cut(s);
}

#endif
