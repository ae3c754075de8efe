/*
 * accept.c - a server's half of the handshake (RFC 6455, 4.2).
 */
#include <errno.h>
#include <string.h>

#include "io/http/server/request.h"
#include "io/http/url.h"
#include "io/http/websocket/handshake.h"
#include "io/http/websocket/socket.h"

/* ---- may it be? ---- */

/* Is the page from where the server itself is asked for? */
static bool is_from_here(const struct gyre_http_head *h,
                         struct gyre_span origin)
{
    struct gyre_url url;

    return gyre_url_parse(origin, &url) == 0 &&
           gyre_span_equals_nocase(url.authority, h->host);
}

/* 0; 400 or 403; or -ENOMEM, and nobody is let in for that. */
static int check_origin(struct gyre_http_request *r,
                        const struct gyre_websocket_options *o)
{
    const struct gyre_http_head *h = gyre_http_request_head(r);
    struct gyre_span origin;
    int origins = gyre_websocket_find(h, "Origin", &origin);
    const char *copy;

    if (origins != 1)
        return origins > 0 ? 400 : 0;
    if (o->admits == NULL)
        return is_from_here(h, origin) ? 0 : 403;
    copy = gyre_http_header(r, "Origin");
    if (copy == NULL)
        return -ENOMEM;
    return o->admits(r, copy) ? 0 : 403;
}

/* Is it a request as that of a client is: a GET without a body? */
static bool is_proper(const struct gyre_http_head *h)
{
    return gyre_span_equals(h->method, gyre_span_of("GET")) &&
           h->framing != GYRE_HTTP_CHUNKED && h->length == 0;
}

/* 0, a status to answer with, or an error.  What may be there once alone, and
   is not, is malformed (11.3).  Which protocol is asked for is for
   gyre_http_take_over to see. */
static int check(struct gyre_http_request *r,
                 const struct gyre_websocket_options *o)
{
    const struct gyre_http_head *h = gyre_http_request_head(r);
    struct gyre_span version, key;
    int versions = gyre_websocket_find(h, "Sec-WebSocket-Version", &version);
    int keys = gyre_websocket_find(h, "Sec-WebSocket-Key", &key);

    if (versions > 1 || keys > 1)
        return 400;
    if (!gyre_span_equals(version, gyre_span_of("13")))
        return 426;
    if (!is_proper(h) || !gyre_websocket_is_key(key))
        return 400;
    return check_origin(r, o);
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

/* Does the client offer it, in one of the fields there may be? */
static bool is_offered(const struct gyre_http_head *h,
                       struct gyre_span protocol)
{
    struct gyre_span name = gyre_span_of("Sec-WebSocket-Protocol");

    for (size_t i = 0; i < h->field_count; i++) {
        if (gyre_span_equals_nocase(h->fields[i].name, name) &&
            gyre_websocket_choose(protocol, h->fields[i].value).at != NULL)
            return true;
    }
    return false;
}

static int agree_on_protocol(struct gyre_websocket *ws,
                             struct gyre_http_request *r)
{
    struct gyre_span ours = gyre_span_of(ws->options.protocols);
    struct gyre_span mine, chosen = {0};
    int err;

    while (chosen.at == NULL && gyre_span_next(&ours, &mine)) {
        if (is_offered(gyre_http_request_head(r), mine))
            chosen = mine;
    }
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
    struct gyre_span key;
    struct gyre_stream *s;
    int err = agree_on_protocol(ws, r);

    (void)gyre_websocket_find(gyre_http_request_head(r), "Sec-WebSocket-Key",
                              &key);
    gyre_websocket_prove(proof, key);
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
