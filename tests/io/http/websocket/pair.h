/*
 * pair.h - WebSockets in a simulated world: one that a server has accepted, and
 * at the other end a client that says any bytes, or one of this library.
 */
#ifndef TESTS_IO_HTTP_WEBSOCKET_PAIR_H
#define TESTS_IO_HTTP_WEBSOCKET_PAIR_H

#include "io/memory.h"
#include "io/http/client/client.h"
#include "io/http/server/server.h"
#include "io/http/websocket/websocket.h"
#include "tests/io/http/site.h"

#define S GYRE_SECOND

/* What the server does with each it accepts; then it is ended with the result,
   and both are noted down. */
typedef int server_side(struct gyre_websocket *ws);

struct pair {
    server_side *served;
    struct gyre_websocket_options serving;
    struct gyre_http_options server_options;
    int accepted; /* what gyre_websocket_accept returned, the latest */
    int result;   /* of `served` */
    int code;     /* of its WebSocket, then */
    int ended;    /* how many were */

    /* the client of this library */
    struct gyre_http_connector connector;
    struct gyre_memory_options weather; /* of the next connection */
    struct gyre_http_server *server;
    struct gyre_http_session *session;
    struct gyre_scope scope;     /* that connections are served in */
    struct gyre_stream *ends[2]; /* of the latest; the server's last */
};

extern struct pair pair;

/* Routes on which WebSockets are accepted so: "/" for all, and others for tests
   of their own. */
int accept_and_serve(struct gyre_http_request *r);

/* Receives, and sends back. */
int echo(struct gyre_websocket *ws);

/* Receives all, and does nothing with it. */
int listen_only(struct gyre_websocket *ws);

/* ---- a client that says any bytes ---- */

/* A request as it should be, with more fields. */
#define ASK(fields)                                                            \
    "GET / HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, Upgrade\r\n"         \
    "Upgrade: WebSocket\r\nSec-WebSocket-Version: 13\r\n"                      \
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" fields "\r\n"

/* Connect, have it accepted, and be served so. */
void raw_open(struct site *s, server_side *served);
void raw_close(struct site *s);

/* Say these bytes, of a literal; ZERO is a mask that changes nothing. */
#define ZERO          "\0\0\0\0"
#define raw_say(s, l) raw_say_bytes(s, l, sizeof(l) - 1)
void raw_say_bytes(struct site *s, const char *bytes, size_t n);

/* What comes within `span`: "text hello; pong x; close 1000 why; end".  Good
   until the next call.  The server has come as far as it can by then. */
const char *raw_hear_for(struct site *s, gyre_time span);
const char *raw_hear(struct site *s);

/* ---- a client of this library ---- */

/* A server and a session, from here to pair_close; 0, or -ENOMEM and none. */
int pair_begin(server_side *served);
void pair_end(void);
void pair_open(server_side *served);

/* Connect, with options or NULL. */
int pair_connect(const struct gyre_websocket_options *options,
                 struct gyre_websocket **out);

/* Send text; and receive in so much time, as "text hello", or what there is
   instead: "0", or "-110". */
int send_text(struct gyre_websocket *ws, const char *text);
const char *receive_text(struct gyre_websocket *ws, gyre_time span);

#endif
