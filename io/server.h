/*
 * server.h - servers: a task for each connection, and an end for all of them.
 *
 * gyre_serve accepts connections and has each handled by a task of its own, and
 * returns when all have ended.  A server is stopped in stages, each with a time
 * limit, so that what can be finished is, and no idle or endless connection
 * holds up the end:
 *
 *      at once         nothing more is accepted, and who is idle has to go
 *      at the limit    the others are cancelled
 *      `abort` later   the connections of those who go on are reset
 *
 * and `counts` says how many left at which.  To cancel the task that serves, or
 * a scope around it, is to stop with no time to the limit.
 *
 * A server belongs to one loop.  Other protocols than bytes over TCP and local
 * sockets stand on the same: io/http/server/server.h.
 */
#ifndef GYRE_IO_SERVER_H
#define GYRE_IO_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "timers/time.h"
#include "loop/list.h"
#include "task/waiters.h"

struct gyre_connection;
struct gyre_listener;
struct gyre_scope;
struct gyre_service;
struct gyre_stream;
struct gyre_wrapper;

/* What has become of the connections.  The first is the sum of all below it. */
struct gyre_server_counts {
    uint64_t accepted;
    uint64_t refused;   /* closed before a handler had them: there was no stack,
                           or no wrapping; or the server was stopping */
    uint64_t finished;  /* their handlers have returned by themselves */
    uint64_t idle;      /* ended while idle: gyre_connection_wait */
    uint64_t cancelled; /* ended by the cancellation */
    uint64_t aborted;   /* reset, if their kind can be, for they went on */
    size_t open;        /* now */
};

/* Embedded by its owner, in place from gyre_serve until all calls of that have
   returned.  Set `handle`, and what else is wanted; zero the rest. */
struct gyre_server {
    /*
     * Handle a connection, in a task of its own.  When it returns the stream is
     * closed, and it is not to be closed before.  What it returns is its own
     * business, but an error that is no peer's doing goes to the loop's failure
     * hook.
     */
    intptr_t (*handle)(struct gyre_connection *c);
    struct gyre_wrapper *wrapper; /* of the streams; or NULL */
    size_t most;     /* connections at a time: the next is accepted when one of
                        them has ended.  0: any number */
    gyre_time abort; /* for who was cancelled to end; 0: 2 s */

    struct gyre_server_counts counts; /* to be read, at any time */

    /* private */
    struct gyre_service *services; /* one for each listener served */
    struct gyre_waiters waiting;   /* who accepts: for room */
    bool stopping;
};

/* A connection, as its handler has it: until that returns. */
struct gyre_connection {
    struct gyre_server *server;
    struct gyre_stream *stream; /* wrapped, if the server does that */

    /* private */
    struct gyre_service *service;
    struct gyre_list link;        /* in service->members */
    struct gyre_stream *accepted; /* `stream`, or what that wraps */
    struct gyre_scope *idle;      /* cancelled by a stop; or NULL */
    bool left;                    /* it was idle when it had to go, */
    bool cancelled;               /* and all were cancelled by then */
    bool cut;                     /* `accepted` was reset */
};

/*
 * Makes another stream of each that is accepted, as TLS does.  Embedded; keep
 * it as long as the server.
 */
struct gyre_wrapper {
    /*
     * Make a stream over `beneath`, which closes that when it is closed.
     * Called in the connection's own task, so that a peer who is slow, or
     * silent, keeps no other waiting; it counts among `most` meanwhile.  On an
     * error `beneath` is the server's still, and is closed.  A stop ends it as
     * it does what is idle, by a cancellation.
     */
    int (*wrap)(struct gyre_wrapper *w, struct gyre_stream *beneath,
                struct gyre_stream **out, gyre_time deadline);
    gyre_time time; /* for that; 0: 10 s */
};

#pragma GCC visibility push(default)

/*
 * Accept connections from `l` and have them handled, until gyre_server_stop was
 * called and all have ended: 0, at once if it was called before.  When `l` is
 * closed the others may finish, without a limit, but for those that are idle:
 * -EBADF.  At the deadline, -ETIMEDOUT, or a cancellation, -ECANCELED, or when
 * there can be no more for another reason, as gyre_accept, they are cancelled.
 * In any case it returns when the last handler has; one that will not be
 * cancelled, in a shielded scope, is waited for, but once its connection is
 * reset its calls on the stream fail: of TCP, local sockets, pipes, memory, and
 * what is over these.
 *
 * The listener stays the caller's.  Several tasks may serve at once, each with
 * a listener of its own, of whatever kind.  A cancel point.
 */
int gyre_serve(struct gyre_server *s, struct gyre_listener *l,
               gyre_time deadline) __attribute__((warn_unused_result));

/*
 * The same with `stream` in place of all that might be accepted: for tests over
 * memory, and for connections had otherwise.  It is the server's from the call
 * on, whatever that returns, and counts as others do.
 */
int gyre_serve_stream(struct gyre_server *s, struct gyre_stream *stream,
                      gyre_time deadline) __attribute__((warn_unused_result));

/*
 * Stop, for good: connections may finish until `limit`; GYRE_NOW cancels them.
 * Of several limits the nearest holds, so that one may be patient first, and
 * then not.  From any task, a handler as well, or a callback.  Nothing has
 * happened yet when it returns, nor does it wait: that is what gyre_serve does.
 */
void gyre_server_stop(struct gyre_server *s, gyre_time limit);

/*
 * Be idle until the peer says something: what comes between one request and the
 * next.  1: something has come, to be read; 0: the peer has ended; -ECANCELED
 * when the server is stopping and nothing has come: then return.  Otherwise as
 * gyre_peek.  A cancel point: nothing is lost.
 */
int gyre_connection_wait(struct gyre_connection *c, gyre_time deadline)
    __attribute__((warn_unused_result));

/* Its stream is the caller's from now on, to be closed, or handed to another
   loop (io/detach.h): the server leaves it alone, and counts the connection as
   open until the handler returns. */
struct gyre_stream *gyre_connection_release(struct gyre_connection *c);

#pragma GCC visibility pop

#endif
