/*
 * accept.c - a server's half of the handshake (RFC 6455, 4.2).
 */
#include <errno.h>
#include <string.h>

#include "io/http/server/request.h"
#include "io/http/url.h"
#include "io/http/websocket/handshake.h"
#include "io/http/websocket/socket.h"

static struct gyre_span field(struct gyre_http_request *r, const char *name)
{
    return gyre_span_of(gyre_http_header(r, name));
}

/* ---- may it be? ---- */

/* Is the page from where the server itself is asked for? */
static bool is_from_here(struct gyre_http_request *r, const char *origin)
{
    struct gyre_url url;

    return gyre_url_parse(gyre_span_of(origin), &url) == 0 &&
           gyre_span_equals_nocase(url.authority, field(r, "Host"));
}

static bool is_admitted(struct gyre_http_request *r,
                        const struct gyre_websocket_options *o)
{
    const char *origin = gyre_http_header(r, "Origin");

    if (origin == NULL)
        return true;
    return o->admits != NULL ? o->admits(r, origin) : is_from_here(r, origin);
}

/* Is it asked for, in the version there is?  Whether the connection is to be
   changed gyre_http_take_over knows better, by all the fields that say so. */
static bool is_asked_for(struct gyre_http_request *r)
{
    return gyre_span_lists(field(r, "Upgrade"), "websocket") &&
           gyre_span_equals(field(r, "Sec-WebSocket-Version"),
                            gyre_span_of("13"));
}

static bool has_body(struct gyre_http_request *r)
{
    const char *length = gyre_http_header(r, "Content-Length");

    return gyre_http_header(r, "Transfer-Encoding") != NULL ||
           (length != NULL && strcmp(length, "0") != 0);
}

/* Is it a request as that of a client is: a GET without a body, with a key? */
static bool is_proper(struct gyre_http_request *r)
{
    return gyre_span_equals(gyre_span_of(gyre_http_method(r)),
                            gyre_span_of("GET")) &&
           !has_body(r) && gyre_websocket_is_key(field(r, "Sec-WebSocket-Key"));
}

/* 0, or the status to answer with. */
static int check(struct gyre_http_request *r,
                 const struct gyre_websocket_options *o)
{
    if (!is_asked_for(r))
        return 426;
    if (!is_proper(r))
        return 400;
    return is_admitted(r, o) ? 0 : 403;
}

/* Say what is to be asked for.  426, or an error. */
static int ask_for_upgrade(struct gyre_http_request *r)
{
    int err = gyre_http_reply_upgrade(r, "websocket");

    if (err == 0)
        err = gyre_http_set_header(r, "Sec-WebSocket-Version", "13");
    return err ? err : 426;
}

/* ---- and then ---- */

static int agree_on_protocol(struct gyre_websocket *ws,
                             struct gyre_http_request *r)
{
    struct gyre_span chosen =
        gyre_websocket_choose(gyre_span_of(ws->options.protocols),
                              field(r, "Sec-WebSocket-Protocol"));
    int err;

    if (chosen.at == NULL)
        return 0;
    err = gyre_buf_append(&ws->protocol, chosen.at, chosen.length);
    if (err == 0)
        err = gyre_buf_append(&ws->protocol, "", 1);
    if (err == 0)
        err =
            gyre_http_set_header(r, "Sec-WebSocket-Protocol", ws->protocol.at);
    return err;
}

static int become(struct gyre_websocket *ws, struct gyre_http_request *r,
                  gyre_time deadline)
{
    char proof[GYRE_WEBSOCKET_PROOF_SIZE];
    struct gyre_stream *s;
    int err = agree_on_protocol(ws, r);

    gyre_websocket_prove(proof, field(r, "Sec-WebSocket-Key"));
    if (err == 0)
        err = gyre_http_set_header(r, "Sec-WebSocket-Accept", proof);
    if (err == 0)
        err = gyre_http_take_over(r, "websocket", &s, deadline);
    if (err == 0)
        gyre_websocket_start(ws, s);
    return err;
}

int gyre_websocket_accept(struct gyre_http_request *r,
                          const struct gyre_websocket_options *options,
                          struct gyre_websocket **out, gyre_time deadline)
{
    static const struct gyre_websocket_options defaults;
    struct gyre_websocket *ws;
    int err = check(r, options != NULL ? options : &defaults);

    if (err)
        return err == 426 ? ask_for_upgrade(r) : err;
    err = gyre_websocket_new(&ws, r, options);
    if (err)
        return err;
    err = become(ws, r, deadline);
    if (err)
        gyre_websocket_free(ws);
    else
        *out = ws;
    return err == -EPROTO ? ask_for_upgrade(r) : err;
}
