/*
 * testing.h - a site to be asked in tests: in the process, without sockets.
 *
 *     struct gyre_http_test site;
 *
 *     gyre_http_test_open(&site, routes, NULL);
 *     assert(gyre_http_test_get(&site, "/users/7", GYRE_FOREVER) == 200);
 *     assert(strcmp(site.text, "Ada") == 0);
 *     gyre_http_test_close(&site);
 *
 * A server and a client's session, with streams in memory between them: nothing
 * is left out of what a request goes through but the system.  In a simulated
 * run (task/sim, gyre_simulate) no time passes but by handlers that wait for
 * it; in a real one it is as well.  For tasks only.
 */
#ifndef GYRE_IO_HTTP_TESTING_H
#define GYRE_IO_HTTP_TESTING_H

#include <stddef.h>

#include "timers/time.h"
#include "task/scope.h"
#include "task/sync/event.h"
#include "io/http/client/client.h"
#include "io/http/server/server.h"

/* Embedded, in place while it is open. */
struct gyre_http_test {
    struct gyre_http_server *server;   /* to be stopped, say, or counted */
    struct gyre_http_session *session; /* whose calls go to it, whatever host
                                          they name; redirects are told */
    struct gyre_http_response
        *response;    /* the latest, for its fields; or NULL */
    const char *text; /* and its body, with a NUL; or "" */
    size_t length;

    /* private */
    struct gyre_http_connector connector;
    struct gyre_scope scope;       /* of what the server does */
    struct gyre_scope life;        /* of its lifetimes */
    struct gyre_event begun, over; /* the innermost of these is; is to be */
    int life_err;
};

#pragma GCC visibility push(default)

/*
 * Open a site of `routes`; the options are the server's, and may be NULL.  When
 * it returns all lifetimes have begun: if there are any, this waits for them,
 * and is a cancel point.  As gyre_http_server_new and gyre_http_session_new;
 * the error of a lifetime, or -ECANCELED if one has ended without one.  After
 * an error nothing is open.
 */
int gyre_http_test_open(struct gyre_http_test *t,
                        const struct gyre_http_route *routes,
                        const struct gyre_http_options *options);

/* End all connections, let handlers end, and then lifetimes, and free it: 0, or
   the error of a lifetime.  Responses that were had from the session otherwise
   have been freed. */
int gyre_http_test_close(struct gyre_http_test *t);

/*
 * Ask for a path, or make a call (whose `url` may be one): the status, or an
 * error of gyre_http_call and gyre_http_text.  The response and its text are
 * good until the next of these calls.  A cancel point, as those.
 */
int gyre_http_test_get(struct gyre_http_test *t, const char *path,
                       gyre_time deadline) __attribute__((warn_unused_result));
int gyre_http_test_call(struct gyre_http_test *t, struct gyre_http_call *call,
                        gyre_time deadline) __attribute__((warn_unused_result));

#pragma GCC visibility pop

#endif
