/*
 * test_connect.c - a client that connects, and servers that do not know what
 * they say.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "task/scope.h"
#include "io/http/server/request.h"
#include "io/http/websocket/handshake.h"
#include "tests/io/http/peers.h"
#include "tests/io/http/websocket/pair.h"

/* Connect through the session of tests/io/http/peers.h. */
static int connect_to(const char *url,
                      const struct gyre_websocket_options *options,
                      struct gyre_websocket **out)
{
    return gyre_websocket_connect(session, url, options, out, gyre_in(100 * S));
}

CLAIM(websocket_connect, asks_for_it_as_it_should)
{
    static const struct script scripts[] = {
        {.answers = {"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"},
         .stays = true},
        {.answers = {"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"},
         .stays = true}};
    struct gyre_http_fields fields = {0};
    struct gyre_websocket_options options = {.protocols = "a, b",
                                             .fields = &fields};
    struct gyre_websocket *ws;
    const char *request;

    peers_open(scripts, DEFAULTS);
    cr_expect_eq(gyre_http_fields_set(&fields, "Origin", "http://me"), 0);
    cr_expect_eq(connect_to("WS://there:81/path?query", &options, &ws), 403);
    request = heard("GET /path?query HTTP/1.1\r\nHost: there:81\r\n");
    cr_expect_not_null(request);
    cr_expect_eq(peers.port, 81);
    cr_expect_not_null(strstr(request, "\r\nConnection: upgrade\r\n"));
    cr_expect_not_null(strstr(request, "\r\nUpgrade: websocket\r\n"));
    cr_expect_not_null(strstr(request, "\r\nSec-WebSocket-Version: 13\r\n"));
    cr_expect_not_null(strstr(request, "\r\nSec-WebSocket-Protocol: a, b\r\n"));
    cr_expect_not_null(strstr(request, "\r\nOrigin: http://me\r\n"));
    request = strstr(request, "\r\nSec-WebSocket-Key: ");
    cr_expect_not_null(request);
    cr_expect(gyre_websocket_is_key(gyre_span_from(request + 21, 24)));
    cr_expect_eq(connect_to("http://there/", NULL, &ws), -EINVAL);
    cr_expect_eq(connect_to("there", NULL, &ws), -EINVAL);
    cr_expect_eq(connect_to("wss://there/", NULL, &ws), 404);
    cr_expect_eq(peers.port, 443);
    gyre_http_fields_free(&fields);
    peers_close();
}

CLAIM(websocket_connect, tells_what_was_answered_instead)
{
    static const struct script scripts[] = {
        {.answers = {OK("5", "hello")}, .stays = true},
        {.answers = {"HTTP/1.1 101 Switching\r\nUpgrade: other\r\n\r\n"}},
        {.answers = {"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\n\r\n"}},
        {.answers = {"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\n"
                     "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
                     "\r\n"}},
        {.answers = {NULL}},
    };
    struct gyre_websocket *ws;

    peers_open(scripts, DEFAULTS);
    cr_expect_eq(connect_to("ws://h/", NULL, &ws), 200);
    for (int i = 1; i <= 3; i++)
        cr_expect_eq(connect_to("ws://g/", NULL, &ws), -EPROTO, "%d", i);
    cr_expect_eq(connect_to("ws://g/", NULL, &ws), -EPIPE);
    cr_expect_eq(peers.connected, 5);
    peers_close();
}

/* ---- a server that proves that it knows, and says more ---- */

static const char *more[2]; /* a field; without a value: the proof again */
static const char *twice;   /* and another value */

static int say_more(struct gyre_http_request *r)
{
    char proof[GYRE_WEBSOCKET_PROOF_SIZE];
    struct gyre_stream *s;
    int err;

    gyre_websocket_prove(
        proof, gyre_span_of(gyre_http_header(r, "Sec-WebSocket-Key")));
    err = gyre_http_set_header(r, "Sec-WebSocket-Accept", proof);
    if (err == 0 && more[0] != NULL)
        err =
            gyre_http_add_header(r, more[0], more[1] != NULL ? more[1] : proof);
    if (err == 0 && twice != NULL)
        err = gyre_http_add_header(r, more[0], twice);
    if (err == 0)
        err = gyre_http_take_over(r, "websocket", &s, GYRE_FOREVER);
    if (err == 0)
        err = gyre_write(s, "\x81\x02hi", 4, GYRE_FOREVER);
    return err ? err : gyre_sleep(gyre_in(S));
}

static const struct gyre_http_route saying_more[] = {{"GET", "/", say_more},
                                                     {0}};

static struct site says;

static int connect_to_site(struct gyre_http_connector *c, const char *host,
                           int port, bool secure, struct gyre_stream **out,
                           gyre_time deadline)
{
    (void)c, (void)host, (void)port, (void)secure, (void)deadline;
    *out = says.client;
    says.client = NULL;
    return 0;
}

/* Connect to it, when it says that much more. */
static int connect_when(const char *name, const char *value,
                        const char *protocols, const char *agreed)
{
    struct gyre_http_connector connector = {.connect = connect_to_site};
    struct gyre_http_session_options asking = {.connector = &connector};
    struct gyre_websocket_options options = {.protocols = protocols};
    struct gyre_http_session *to;
    struct gyre_websocket *ws;
    int err;

    more[0] = name;
    more[1] = value;
    site_open(&says, saying_more, NULL, 0);
    cr_expect_eq(gyre_http_session_new_with(&to, &asking), 0);
    err = gyre_websocket_connect(to, "ws://h/", &options, &ws, gyre_in(S));
    gyre_http_session_free(to);
    if (err == 0) {
        cr_expect_str_eq(receive_text(ws, S), "text hi");
        cr_expect(agreed == NULL
                      ? gyre_websocket_protocol(ws) == NULL
                      : strcmp(gyre_websocket_protocol(ws), agreed) == 0);
        gyre_websocket_free(ws);
    }
    site_close(&says);
    return err;
}

CLAIM(websocket_connect, agrees_to_nothing_it_has_not_asked_for)
{
    static const char protocol[] = "Sec-WebSocket-Protocol";

    cr_expect_eq(connect_when(NULL, NULL, NULL, NULL), 0);
    cr_expect_eq(connect_when(NULL, NULL, "a, b", NULL), 0);
    cr_expect_eq(connect_when(protocol, "b", "a, b", "b"), 0);
    cr_expect_eq(connect_when(protocol, "c", "a, b", NULL), -EPROTO);
    cr_expect_eq(connect_when(protocol, "a, b", "a, b", NULL), -EPROTO);
    cr_expect_eq(connect_when(protocol, "a", NULL, NULL), -EPROTO);
    cr_expect_eq(connect_when("Sec-WebSocket-Extensions", "permessage-deflate",
                              NULL, NULL),
                 -EPROTO);
}

CLAIM(websocket_connect, takes_nothing_that_is_said_twice)
{
    static const char extensions[] = "Sec-WebSocket-Extensions";

    twice = "b";
    cr_expect_eq(connect_when("Sec-WebSocket-Protocol", "a", "a, b", NULL),
                 -EPROTO);
    twice = "permessage-deflate";
    cr_expect_eq(connect_when(extensions, "", NULL, NULL), -EPROTO);
    twice = NULL;
    cr_expect_eq(connect_when("Sec-WebSocket-Accept", NULL, NULL, NULL),
                 -EPROTO);
    cr_expect_eq(connect_when(extensions, "", NULL, NULL), 0);
}

/* ---- both of this library ---- */

CLAIM(websocket_connect, speaks_with_a_server_of_this_library)
{
    struct gyre_websocket_options options = {.protocols = "chat"};
    struct gyre_websocket *ws;

    pair.serving.protocols = "talk, chat";
    pair_open(echo);
    cr_expect_eq(pair_connect(&options, &ws), 0);
    cr_expect_str_eq(gyre_websocket_protocol(ws), "chat");
    cr_expect_eq(send_text(ws, "hello"), 0);
    cr_expect_str_eq(receive_text(ws, S), "text hello");
    cr_expect_eq(gyre_websocket_ping(ws, gyre_in(S)), 0);
    cr_expect_eq(gyre_websocket_end(ws, 0, GYRE_FOREVER), 0);
    cr_expect_eq(pair.result, 0);
    cr_expect_eq(pair.code, 1000);
    pair_end();
}

/* A client takes no masked frames; a server stops, and its clients know why. */
CLAIM(websocket_connect, hears_that_the_server_goes_away)
{
    struct gyre_websocket *ws;

    pair_open(echo);
    cr_expect_eq(pair_connect(NULL, &ws), 0);
    gyre_http_server_stop(pair.server);
    cr_expect_str_eq(receive_text(ws, S), "0");
    cr_expect_eq(gyre_websocket_code(ws), 1001);
    cr_expect_eq(gyre_websocket_end(ws, 0, GYRE_FOREVER), 0);
    cr_expect_eq(pair.result, 0);
    pair_end();
}
