/*
 * server.h - an HTTP/1.1 server.
 *
 * A table of routes (io/http/server/route.h) says which handler is called for
 * what; a handler (io/http/server/request.h) is straight-line code in a task of
 * its own.  A connection that has nothing to do holds no task and no stack: a
 * job reads the head of the next request, and a task is taken when it is
 * complete.  Replies to requests that came in one read leave in one write.
 *
 * Everything a peer controls is bounded, by default: see the options.  What is
 * doubtful in the framing of a request is answered 400, and the connection
 * closed.
 */
#ifndef GYRE_IO_HTTP_SERVER_H
#define GYRE_IO_HTTP_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "timers/time.h"
#include "io/server.h"
#include "io/stream.h"
#include "io/tcp.h"
#include "io/http/head.h"
#include "io/http/server/route.h"

struct gyre_http_server;

/*
 * A request and its reply, as told to an access log.  Of a request that was not
 * understood only the peer and the status are known; spans are absent then.
 *
 * A reply is told of when it is complete.  One that is small is about to be
 * sent then, together with those of the requests that came together; one that
 * is large or streamed has been.  One that broke off is told of as well, with
 * the bytes known to have gone.
 */
struct gyre_http_access {
    const char *peer; /* address and port */
    const char *date; /* now, as in a Date field */
    struct gyre_span method, target, agent, referrer;
    int minor; /* HTTP/1.0 or HTTP/1.1 */
    int status;
    uint64_t bytes; /* of the body of the reply */
    gyre_time took; /* from the complete head until the reply was complete */
};

/* Told of every reply that is sent, or was begun to be.  Embedded; keep it as
   long as the server.  The functions may run outside of any task, and so may
   not park. */
struct gyre_http_log {
    void (*access)(struct gyre_http_log *log,
                   const struct gyre_http_access *access);
    void (*error)(struct gyre_http_log *log, const char *peer, const char *what,
                  int err);
};

/*
 * What is done around the life of a server that gyre_http_run makes, or a test
 * (io/http/testing/testing.h), in an array that ends with a zeroed one: what is
 * needed for it is made before gyre_http_live is called, and undone after.
 *
 *     static int with_database(struct gyre_http_server *s)
 *     {
 *         struct site *site = gyre_http_server_context(s);
 *         int err = database_open(&site->database);
 *
 *         if (err)
 *             return err;
 *         err = gyre_http_live(s);
 *         database_close(site->database);
 *         return err;
 *     }
 *
 * What it does meanwhile, in the background, are tasks of a scope that it opens
 * before, and closes after: if one of them fails, so does the server.
 *
 * A stop before gyre_http_live is called, at a signal say, cancels what it
 * waits for, to its end; to return that error is no failure.  So does one that
 * comes while a name to listen at is looked up.  Those that have begun are not
 * cancelled, and end as usual.
 */
struct gyre_http_lifetime {
    int (*around)(struct gyre_http_server *s);
};

/* Where to listen, in an array that ends with a zeroed one. */
struct gyre_http_listen {
    const char *host; /* TCP, at all addresses of that name; "": at every one */
    int port;         /* there; 0 for one that is free */
    const char *path; /* or a local socket (io/unix.h) */
    int mode;         /* its permissions; 0600 */
    int descriptor;   /* or a socket that listens already; it is taken over,
                         by an error as well */
};

/* How to serve; what is 0 has the default. */
struct gyre_http_options {
    void *context;                         /* for handlers: gyre_http_context */
    const struct gyre_http_around *around; /* all requests; or NULL */
    struct gyre_http_log *log; /* NULL: errors to standard error, no access */
    struct gyre_wrapper *wrapper;   /* of what is accepted, for TLS; or NULL */
    struct gyre_http_limits limits; /* of a head */
    uint64_t body_limit;            /* bytes of a request's body, unless its
                                       route says (route.h); 1 MiB */
    size_t connections;   /* at once, of each server: see `threads`, and
                           gyre_http_serve; 10,000 */
    size_t per_address;   /* of those, from one address; 0: as many */
    size_t pipelined;     /* requests answered in one write; 64 */
    gyre_time head_time;  /* from the first byte of a head to its last; 10 s */
    gyre_time idle_time;  /* for the first byte of the next request; 60 s */
    gyre_time body_time;  /* grace for a body before body_rate counts; 10 s */
    uint64_t body_rate;   /* bytes a second; 500 */
    gyre_time write_time; /* grace for a reply before write_rate counts; 10 s */
    uint64_t write_rate;  /* bytes a second; 500 */
    gyre_time grace;      /* when stopping: for what is in flight; 10 s */
    gyre_time abort;      /* then, cancelled, for its end; 2 s */

    const struct gyre_http_lifetime *lifetimes; /* the first is outermost */

    /* for gyre_http_run */
    const struct gyre_http_listen *listen; /* there as well; or NULL */
    bool quiet;                            /* prints no addresses */
    bool passed;      /* in place of all that, at the sockets a service manager
                         passes, if it does: LISTEN_FDS, as systemd's */
    unsigned threads; /* each with a loop and a server of its own, so that the
                         bounds above are for each; 1 */
};

/* What has become of the connections. */
struct gyre_http_counts {
    uint64_t accepted;
    uint64_t turned_away; /* at once: too many from their address */
    uint64_t requests;    /* answered */
    uint64_t refused;     /* of them, those not understood or too large */
    uint64_t statuses[6]; /* of them: statuses[4] were answered 4xx */
    uint64_t bytes_in;    /* of requests, as they came */
    uint64_t bytes_out;   /* of replies, as they went */
    size_t open;          /* connections, now */
    size_t busy;          /* of them, those with a request in hand */
};

#pragma GCC visibility push(default)

/*
 * A whole program: serve `routes` on `host` and `port` (0 for one that is free,
 * -1 not to), and where the options say, print each address to standard output,
 * and stop at SIGINT or SIGTERM: listen no more, so that who comes is refused,
 * and who takes our place can be there; close what is idle, finish what is in
 * flight, then cancel it, then close its connections, each within its time.  A
 * handler that will not be cancelled, in a shielded scope, is waited for all
 * the same; its calls on the connection fail.  A second signal ends the
 * process.  For callers that are no tasks.  0; -EINVAL for routes that make no
 * sense, with a line on standard error that says which, or nowhere to listen;
 * the error of a lifetime; or as the calls that listen, and gyre_run_threads.
 * `options` may be NULL.
 *
 * With several threads, routes, context and log are common to them, and called
 * from all; they share the sockets, and each connection stays with the thread
 * that has accepted it.  When one server ends, or is asked to stop, all are
 * stopped.
 */
int gyre_http_run(const struct gyre_http_route *routes, const char *host,
                  int port, const struct gyre_http_options *options);

/*
 * What a lifetime does in the middle: have the next one begin, or at last
 * listen and serve.  Returns when the server has stopped, and all in it has
 * ended: 0, or the error with which a lifetime within has failed, or the
 * server; -EINVAL for one that was made by gyre_http_server_new, which has no
 * lifetimes.  Called once, by each lifetime, in its own task.  In one that was
 * asked to stop before, nothing more begins: 0.
 */
int gyre_http_live(struct gyre_http_server *s);

/*
 * Make a server, in a task.  It serves nothing yet.  Options are copied; but
 * what they point to, the context and the log, is the caller's, as the routes
 * are, and must last as long as the server.  -EINVAL for routes that make no
 * sense; -ENOMEM; as open for their directories.
 */
int gyre_http_server_new(struct gyre_http_server **out,
                         const struct gyre_http_route *routes,
                         const struct gyre_http_options *options);

/* Free a server that does not serve.  NULL is left alone. */
void gyre_http_server_free(struct gyre_http_server *s);

/*
 * Accept connections from `l` and serve them, until gyre_http_server_stop has
 * been called and all have ended: 0.  When `l` is closed, what is idle is too,
 * and what is in flight may finish: -EBADF.  Until a cancellation, -ECANCELED,
 * or the deadline, -ETIMEDOUT, or as gyre_accept: then handlers are cancelled
 * at once, without the grace, and after `abort` their connections are reset, or
 * closed if their kind cannot be; a handler that will not be cancelled is
 * waited for.  The listener stays the caller's.  Several tasks may, each with a
 * listener of its own.
 *
 * When there are as many connections as may be, the one that has been idle
 * longest is closed to make room for the next, if that was for a second; while
 * there is none, the next waits, and those behind it wait to be accepted.  One
 * too many from its address (the first 64 bits of it, in IPv6) is accepted, and
 * closed.
 */
int gyre_http_serve(struct gyre_http_server *s, struct gyre_listener *l,
                    gyre_time deadline) __attribute__((warn_unused_result));

/* The same with `stream`, which this takes over, in place of all that might be
   accepted, until it ends: for tests over memory, and for connections had
   otherwise.  It is wrapped, and counts among the others, as they are. */
int gyre_http_serve_stream(struct gyre_http_server *s,
                           struct gyre_stream *stream, gyre_time deadline)
    __attribute__((warn_unused_result));

/* Ask the server to stop, as gyre_http_run does at a signal.  From any task, or
   a callback, its log's too: what is idle is closed when the loop comes to it,
   and not in here.  Does not wait. */
void gyre_http_server_stop(struct gyre_http_server *s);

/* What handlers get by gyre_http_context; another, from the next call of that
   on: with several threads a lifetime can give each server its own. */
void *gyre_http_server_context(const struct gyre_http_server *s);
void gyre_http_server_set_context(struct gyre_http_server *s, void *context);

struct gyre_http_counts
gyre_http_server_counts(const struct gyre_http_server *s);

#pragma GCC visibility pop

#endif
