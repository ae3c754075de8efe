/*
 * route.h - which handler a request is for.
 *
 * A table of routes is the caller's, constant, and ends with a zeroed entry.  A
 * path of a route begins with '/', and a segment of it, from one '/' to the
 * next, is matched whole:
 *
 *     users           the segment "users", however it came escaped
 *     {name}          any segment but an empty one
 *     {name:int}      a decimal number, "-" allowed, that fits an int64_t
 *     {name:tail}     all that is left, slashes too, if only ""; comes last
 *
 * Segments are told apart while still escaped, so %2F divides none, and
 * compared as they are with the escapes undone.  Where several routes match,
 * the one decides that is more exact at the first segment in which they differ:
 * a literal before an int, that before any name, and a tail last; the order in
 * the table is of no account.
 *
 * A line of a table may stand for another table, whose paths follow its own:
 *
 *     {NULL, "/admin", .routes = admin, .around = admins, .name = "admin"},
 *
 * serves "/users" of the table `admin` at "/admin/users", and calls its route
 * "user" "admin:user"; it is as if all stood in one table.  With the path "" it
 * stands for a group of routes that have something around them, and without a
 * name for those that keep theirs.
 *
 * This file knows no request and runs no handler.
 */
#ifndef GYRE_IO_HTTP_ROUTE_H
#define GYRE_IO_HTTP_ROUTE_H

#include <stddef.h>
#include <stdint.h>

#include "io/buf.h"
#include "io/http/span.h"

struct gyre_allocator;
struct gyre_http_files;
struct gyre_http_place;
struct gyre_http_request;
struct gyre_http_router;

/*
 * What is called around handlers, in an array that ends with a zeroed one: see
 * gyre_http_next.  It looks like a handler, and may be one.
 */
struct gyre_http_around {
    int (*handler)(struct gyre_http_request *request);
};

/*
 * One line of the table: what is done about a method at a path.  It has a
 * handler, or a directory whose files it serves, or stands for another table:
 * then it has no method, its path no tail, and no '/' at the end.
 */
struct gyre_http_route {
    const char *method;
    const char *path;
    int (*handler)(struct gyre_http_request *request);
    const char *name;      /* for URLs; may be NULL */
    const char *directory; /* of a GET whose path ends in a tail */
    const struct gyre_http_files *files;   /* how; NULL: see files.h */
    const struct gyre_http_around *around; /* of this one; or NULL */
    const struct gyre_http_route *routes;  /* whose paths follow; or NULL */
    uint64_t body_limit; /* bytes of a request's body; 0: those of the table it
                            is in, and in the end the server's */
};

enum {
    GYRE_HTTP_PARAMS = 8, /* names in one path, at most */
    GYRE_HTTP_TABLES = 8  /* one below the other, at most */
};

/* A name in a path, and what stands in its place. */
struct gyre_http_param {
    struct gyre_span name;
    struct gyre_span value;
};

/* The route found, and its parameters, whose values are still escaped and point
   into the path matched. */
struct gyre_http_match {
    const struct gyre_http_route *route;
    struct gyre_http_param params[GYRE_HTTP_PARAMS];
    size_t param_count;

    /* What is around it: of the router, of the tables on the way, and its own,
       or, if there is none, of the tables the path leads to, the deepest, and
       of those as deep the more exact; may be NULL. */
    const struct gyre_http_around *around;

    /* private */
    const struct gyre_http_place *place;
};

#pragma GCC visibility push(default)

/*
 * Make a router of a table, and what is below it; these stay the caller's, and
 * must last as long as the router.  `around` is around all of it, also where
 * there is no route; it may be NULL, as `wrong` and `a`, for libc's memory.
 * -EINVAL, and `*wrong` is the first route that makes no sense: a malformed
 * path, a method that is no token, two routes for the same, a name given twice,
 * none or two of handler, directory and table, how to serve files without a
 * directory, too many names or tables; -ENOMEM.  O(n * n): once, at the start.
 */
int gyre_http_router_new(struct gyre_http_router **out,
                         const struct gyre_http_route *routes,
                         const struct gyre_http_around *around,
                         struct gyre_allocator *a,
                         const struct gyre_http_route **wrong);

/* NULL is left alone. */
void gyre_http_router_free(struct gyre_http_router *router);

/*
 * Find the route for a request.  HEAD goes where GET does, unless it has a
 * route of its own.  Returns 0 and fills in `match`, or the status to answer
 * with: 400 if the path has broken escapes (or NUL), 404 if no route has the
 * path, 405 if some have, for other methods; and 204 for an OPTIONS that no
 * route has, and whose answer is the methods there are: for both see
 * gyre_http_router_allow.  O(the path), and the logarithm of how many literals
 * there are beside each other; where paths differ late, as /{a}/x and /b/{c}
 * do, it may come back to try the other, and at most once to each.
 */
int gyre_http_router_find(const struct gyre_http_router *router,
                          struct gyre_span method, struct gyre_span path,
                          struct gyre_http_match *match);

/* Append the methods that `path` is served with, as an Allow field lists them;
   those of all routes if it is "*".  -ENOMEM. */
int gyre_http_router_allow(const struct gyre_http_router *router,
                           struct gyre_span path, struct gyre_buf *out);

/* The value, still escaped, of the parameter `name`; absent without one. */
struct gyre_span gyre_http_match_param(const struct gyre_http_match *match,
                                       const char *name);

/*
 * Append the path of the route called `name` with the `n` parameters in their
 * places, escaped as needed; their values are plain.  -ENOENT if no route has
 * that name; -EINVAL if a parameter is missing, or its value is not one that
 * the path would match, or has a segment "." or "..", or makes the path begin
 * with two slashes, which who reads the URL would take for something else;
 * -ENOMEM.  After an error `out` is as before.
 */
int gyre_http_router_url(const struct gyre_http_router *router,
                         const char *name, const struct gyre_http_param *params,
                         size_t n, struct gyre_buf *out);

#pragma GCC visibility pop

#endif
