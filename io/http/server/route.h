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
 * compared as they are with the escapes undone.  Where
 * several routes match, the one decides that is more exact at the first segment
 * in which they differ: a literal before an int, that before any name, and a
 * tail last; the order in the table is of no account.  This file knows no
 * request and runs no handler.
 */
#ifndef GYRE_IO_HTTP_ROUTE_H
#define GYRE_IO_HTTP_ROUTE_H

#include <stddef.h>

#include "io/buf.h"
#include "io/http/span.h"

struct gyre_http_files;
struct gyre_http_request;

/*
 * What is called around handlers, in an array that ends with a zeroed one: see
 * gyre_http_next.  It looks like a handler, and may be one.
 */
struct gyre_http_around {
    int (*handler)(struct gyre_http_request *request);
};

/* One line of the table: what is done about a method at a path.  It has either
   a handler or a directory whose files it serves. */
struct gyre_http_route {
    const char *method;
    const char *path;
    int (*handler)(struct gyre_http_request *request);
    const char *name;      /* for gyre_http_routes_url; may be NULL */
    const char *directory; /* of a GET whose path ends in a tail */
    const struct gyre_http_files *files;   /* how; NULL: see files.h */
    const struct gyre_http_around *around; /* of this one; or NULL */
};

enum {
    GYRE_HTTP_PARAMS = 8 /* names in one path, at most */
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
};

#pragma GCC visibility push(default)

/*
 * 0 if the table makes sense; else -EINVAL, and `*wrong` is the first route
 * that does not: a malformed path, a method that is no token, two routes for
 * the same, a name given twice, neither or both of handler and directory, or
 * how to serve its files without one.
 * `wrong` may be NULL.  O(n * n): once, at the start.
 */
int gyre_http_routes_check(const struct gyre_http_route *routes,
                           const struct gyre_http_route **wrong);

/*
 * Find the route for a request.  HEAD goes where GET does, unless it has a
 * route of its own.  Returns 0 and fills in `match`, or the status to answer
 * with: 400 if the path has broken escapes (or NUL), 404 if no route has the
 * path, 405 if some have, for other methods; and 204 for an OPTIONS that no
 * route has, and whose answer is the methods there are: for both see
 * gyre_http_routes_allow. O(routes), at a comparison or two for most of them.
 */
int gyre_http_routes_find(const struct gyre_http_route *routes,
                          struct gyre_span method, struct gyre_span path,
                          struct gyre_http_match *match);

/* Append the methods that `path` is served with, as an Allow field lists them;
   those of all routes if it is "*".  -ENOMEM. */
int gyre_http_routes_allow(const struct gyre_http_route *routes,
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
int gyre_http_routes_url(const struct gyre_http_route *routes, const char *name,
                         const struct gyre_http_param *params, size_t n,
                         struct gyre_buf *out);

#pragma GCC visibility pop

#endif
