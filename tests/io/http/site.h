/*
 * site.h - a server on memory, in a simulated world, to ask things of.
 */
#ifndef TESTS_IO_HTTP_SITE_H
#define TESTS_IO_HTTP_SITE_H

#include "task/scope.h"
#include "io/stream.h"
#include "io/http/server/request.h"
#include "io/http/server/server.h"
#include "tests/task/world.h"

/* A server, and one connection to it. */
struct site {
    struct gyre_http_server *server;
    struct gyre_stream *client, *peer;
    struct gyre_scope scope;
    struct gyre_future served; /* what gyre_http_serve_stream returned */
};

/* Serve `routes`; NULL options for the defaults.  `capacity` bytes are under
   way each way at most, 0 for 64 KiB. */
void site_open(struct site *s, const struct gyre_http_route *routes,
               const struct gyre_http_options *options, size_t capacity);

/* Close the connection, if it is open, and the server. */
void site_close(struct site *s);

/* Send `text`, and return all that comes back within `span`; with a NUL, good
   until the next call. */
const char *site_ask_for(struct site *s, const char *text, gyre_time span);

/* The same within a millisecond of virtual time. */
const char *site_ask(struct site *s, const char *text);

/* The same with a GET of `target`; `fields` are more of them, each with its
   CRLF, or "". */
const char *site_get(struct site *s, const char *target, const char *fields);

/* Has the server ended the connection? */
bool site_ended(struct site *s);

/* The answers in `text`, each a status and the body: "200 hello; 404 ". */
const char *site_brief(const char *text);

#endif
