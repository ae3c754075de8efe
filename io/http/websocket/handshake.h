/*
 * handshake.h - what both sides compute before they change to WebSockets.
 *
 * Private to io/http/websocket/.  Pure.
 */
#ifndef GYRE_IO_HTTP_WEBSOCKET_HANDSHAKE_H
#define GYRE_IO_HTTP_WEBSOCKET_HANDSHAKE_H

#include <stdbool.h>

#include "io/http/base64.h"
#include "io/http/head.h"
#include "io/http/span.h"
#include "io/http/websocket/sha1.h"

enum {
    GYRE_WEBSOCKET_NONCE = 16, /* bytes that a client draws */
    GYRE_WEBSOCKET_KEY_SIZE = GYRE_BASE64_SIZE(GYRE_WEBSOCKET_NONCE),
    GYRE_WEBSOCKET_PROOF_SIZE = GYRE_BASE64_SIZE(GYRE_SHA1_SIZE)
};

/* How many fields `name` are in the head, and the value of the first; or
   absent. */
int gyre_websocket_find(const struct gyre_http_head *h, const char *name,
                        struct gyre_span *value);

/* Is that the key of a client: 16 bytes, as base64? */
bool gyre_websocket_is_key(struct gyre_span key);

/* What a server answers to such a key; with a NUL. */
void gyre_websocket_prove(char out[GYRE_WEBSOCKET_PROOF_SIZE],
                          struct gyre_span key);

/* The first element of `ours` that is one of `theirs`, both of them lists
   between commas, be they absent; or absent. */
struct gyre_span gyre_websocket_choose(struct gyre_span ours,
                                       struct gyre_span theirs);

#endif
