/*
 * connect.c - a client's half of the handshake (RFC 6455, 4.1).
 */
#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "loop/loop.h"
#include "io/http/client/client.h"
#include "io/http/websocket/handshake.h"
#include "io/http/websocket/socket.h"

/* What is asked, and must last until it is answered. */
struct asking {
    char key[GYRE_WEBSOCKET_KEY_SIZE];
    struct gyre_buf url; /* of http: or https:, with a NUL */
    struct gyre_http_fields fields;
};

static int draw_key(struct asking *a)
{
    unsigned char nonce[GYRE_WEBSOCKET_NONCE];

    if (getentropy(nonce, sizeof nonce) != 0)
        return -errno;
    gyre_base64_encode(a->key, nonce, sizeof nonce);
    return 0;
}

/* "ws:" is "http:" by another name. */
static int set_url(struct asking *a, const char *url)
{
    struct gyre_span scheme = gyre_span_from(url, strcspn(url, ":"));
    bool plain = gyre_span_equals_nocase(scheme, gyre_span_of("ws"));
    int err;

    if (!plain && !gyre_span_equals_nocase(scheme, gyre_span_of("wss")))
        return -EINVAL;
    err = gyre_buf_append_string(&a->url, plain ? "http" : "https");
    if (err == 0)
        err = gyre_buf_append(&a->url, url + scheme.length,
                              strlen(url + scheme.length) + 1);
    return err;
}

static int set_fields(struct asking *a, const struct gyre_websocket_options *o)
{
    const struct gyre_http_fields *more = o->fields;
    int err = 0;

    if (more != NULL)
        err =
            gyre_buf_append(&a->fields.text, more->text.at, more->text.length);
    if (err == 0)
        err = gyre_http_fields_set(&a->fields, "Sec-WebSocket-Key", a->key);
    if (err == 0)
        err = gyre_http_fields_set(&a->fields, "Sec-WebSocket-Version", "13");
    if (err == 0 && o->protocols != NULL)
        err = gyre_http_fields_set(&a->fields, "Sec-WebSocket-Protocol",
                                   o->protocols);
    return err;
}

/* ---- the answer ---- */

/* Does the server know what it says, and say what we know?  What it says twice
   may not be (11.3). */
static bool is_proven(const struct gyre_http_response *r,
                      const struct asking *a)
{
    char proof[GYRE_WEBSOCKET_PROOF_SIZE];
    const struct gyre_http_head *h = gyre_http_response_head(r);
    struct gyre_span given, extensions;

    gyre_websocket_prove(proof, gyre_span_of(a->key));
    return gyre_websocket_find(h, "Sec-WebSocket-Accept", &given) == 1 &&
           gyre_span_equals(given, gyre_span_of(proof)) &&
           gyre_websocket_find(h, "Sec-WebSocket-Extensions", &extensions) <=
               1 &&
           extensions.length == 0;
}

static int note_protocol(struct gyre_websocket *ws,
                         const struct gyre_http_response *r)
{
    struct gyre_span asked = gyre_span_of(ws->options.protocols), agreed;
    int n = gyre_websocket_find(gyre_http_response_head(r),
                                "Sec-WebSocket-Protocol", &agreed);
    int err;

    if (n == 0)
        return 0;
    if (n > 1 ||
        !gyre_span_equals(gyre_websocket_choose(asked, agreed), agreed))
        return -EPROTO;
    err = gyre_buf_append(&ws->protocol, agreed.at, agreed.length);
    return err ? err : gyre_buf_append(&ws->protocol, "", 1);
}

static int become(struct gyre_websocket *ws, struct gyre_http_response *r,
                  const struct asking *a)
{
    struct gyre_stream *s;
    int err = gyre_http_status(r);

    if (err != 101)
        return err;
    err = is_proven(r, a) ? note_protocol(ws, r) : -EPROTO;
    if (err == 0)
        err = gyre_http_response_stream(r, &s);
    if (err == 0)
        gyre_websocket_start(ws, s);
    return err;
}

static int ask(struct gyre_http_session *s, const struct asking *a,
               struct gyre_websocket *ws, gyre_time deadline)
{
    struct gyre_http_call call = {
        .url = a->url.at, .fields = &a->fields, .upgrade = "websocket"};
    struct gyre_http_response *r;
    int err = gyre_http_call(s, &call, &r, deadline);

    if (err)
        return err;
    err = become(ws, r, a);
    gyre_http_response_free(r);
    return err;
}

int gyre_websocket_connect(struct gyre_http_session *s, const char *url,
                           const struct gyre_websocket_options *options,
                           struct gyre_websocket **out, gyre_time deadline)
{
    struct asking a = {0};
    struct gyre_websocket *ws;
    int err = gyre_websocket_new(&ws, NULL, options);

    if (err)
        return err;
    a.url.allocator = a.fields.text.allocator = gyre_loop_allocator(ws->loop);
    err = draw_key(&a);
    if (err == 0)
        err = set_url(&a, url);
    if (err == 0)
        err = set_fields(&a, &ws->options);
    if (err == 0)
        err = ask(s, &a, ws, deadline);
    gyre_buf_free(&a.url);
    gyre_http_fields_free(&a.fields);
    if (err)
        gyre_websocket_free(ws);
    else
        *out = ws;
    return err;
}
