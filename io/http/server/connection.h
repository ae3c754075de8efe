/*
 * connection.h - a server, its services, and their connections.
 *
 * Private to io/http/server/ and what is above it.
 *
 * A connection that has nothing to do is a record, a timer and a watch.  When
 * the first byte of a request comes it takes a struct gyre_http_request
 * (exchange.h) from the server's pool, and gives it back when it has nothing to
 * do again.
 */
#ifndef GYRE_IO_HTTP_CONNECTION_H
#define GYRE_IO_HTTP_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "loop/job.h"
#include "loop/list.h"
#include "loop/timer.h"
#include "task/scope.h"
#include "io/addr.h"
#include "io/server.h"
#include "io/service.h"
#include "io/stream.h"
#include "io/http/date.h"
#include "io/http/server/route.h"
#include "io/http/server/server.h"

struct gyre_http_request;

enum {
    GYRE_HTTP_STREETS = 256 /* lists of connections, by address */
};

struct gyre_http_server {
    struct gyre_server base; /* how many may be open, and are; how it stops */
    struct gyre_loop *loop;
    const gyre_time *now; /* the time, as the loop has it */
    struct gyre_http_router *router;
    struct gyre_http_options options;          /* with the defaults filled in */
    struct gyre_http_request *pool;            /* not in use */
    size_t pooled;                             /* how many */
    const struct gyre_http_lifetime *lifetime; /* those to be called next */
    struct gyre_scope *beginning; /* around what has not begun yet, or NULL */
    int (*live)(struct gyre_http_server *s);     /* within all of them */
    void (*stopped)(struct gyre_http_server *s); /* told of that; or NULL */
    void *owner;                    /* of these: what the server is a part of */
    struct gyre_http_counts counts; /* but for those `base` has */
    struct gyre_list idle;          /* connections, idle longest first */
    struct gyre_list crowd[GYRE_HTTP_STREETS]; /* those, by address */
    unsigned seed;                             /* which makes that our own */
    int64_t second;                            /* that `date` is of */
    char date[GYRE_HTTP_DATE_SIZE];
};

/* What a connection is doing; drawn in connection.c. */
enum gyre_http_state {
    GYRE_HTTP_WRAPPING,
    GYRE_HTTP_IDLE,
    GYRE_HTTP_HEAD,
    GYRE_HTTP_BUSY,
    GYRE_HTTP_LINGERING
};

/* Those who come from one place are its neighbours: see crowd.c. */
struct gyre_http_neighbour {
    struct gyre_list link; /* in server->crowd, if it has a place */
    unsigned char place[16];
};

/* What a request needs stands together, first: there are many of these. */
struct gyre_http_connection {
    struct gyre_service *service;
    struct gyre_stream *stream;
    struct gyre_http_request *request; /* NULL while idle */
    enum gyre_http_state state;
    struct gyre_job readable;    /* started when there is something */
    struct gyre_list idling;     /* in server->idle, while IDLE */
    gyre_time since;             /* when it came into its state, but BUSY */
    gyre_time until;             /* when the state ends, but BUSY, */
    struct gyre_timer timer;     /* by this */
    size_t drained;              /* bytes, while lingering */
    struct gyre_list link;       /* in service->members */
    struct gyre_scope *wrapping; /* of that; or NULL */
    struct gyre_http_neighbour neighbour;
    struct gyre_addr peer; /* its other end; of length 0 if it has none */
};

/* Whose it is. */
static inline struct gyre_http_server *
gyre_http_service_server(const struct gyre_service *v)
{
    return GYRE_OWNER(v->server, struct gyre_http_server, base);
}

/* ---- server.c ---- */

/* The time now as a Date field has it, made once a second. */
const char *gyre_http_server_date(struct gyre_http_server *s);

/* Tell the log. */
void gyre_http_server_error(struct gyre_http_server *s,
                            struct gyre_http_connection *c, const char *what,
                            int err);

/* ---- service.c ---- */

/* Call `begin`, in a scope of its own, so that a stop can cancel it, and
   nothing that has begun: as that returns, or 0 if it was cancelled. */
int gyre_http_begin(struct gyre_http_server *s,
                    int (*begin)(struct gyre_http_server *s));

/* ---- crowd.c ---- */

/* Are there fewer connections from where `peer` is than may be? */
bool gyre_http_crowd_admits(const struct gyre_http_server *s,
                            const struct gyre_addr *peer);

/* Count it among them; and no more. */
void gyre_http_crowd_join(struct gyre_http_server *s,
                          struct gyre_http_connection *c);
void gyre_http_crowd_leave(struct gyre_http_connection *c);

/* ---- connection.c ---- */

/* Take over `stream`, whose other end `peer` is, and wait for its first
   request, when it has been wrapped.  -ENOMEM: the stream is still the
   caller's. */
int gyre_http_connection_new(struct gyre_service *service,
                             struct gyre_stream *stream,
                             const struct gyre_addr *peer);

/* Be done with it, if no request is in hand: what has come whole is still
   served, what has come in part is answered 503; and it is wrapped no
   further. */
void gyre_http_connection_end(struct gyre_http_connection *c);

/* Reset it, if its kind can be, and close it at once; if it has a task its
   stream alone, and that will see to the rest. */
void gyre_http_connection_abort(struct gyre_http_connection *c);

/* Does a task have it? */
static inline bool
gyre_http_connection_has_task(const struct gyre_http_connection *c)
{
    return c->state == GYRE_HTTP_BUSY || c->state == GYRE_HTTP_WRAPPING;
}

#endif
