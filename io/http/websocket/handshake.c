/*
 * handshake.c - what both sides compute before they change to WebSockets.
 */
#include "io/http/websocket/handshake.h"

#include <string.h>

int gyre_websocket_find(const struct gyre_http_head *h, const char *name,
                        struct gyre_span *value)
{
    int n = 0;

    *value = gyre_span_of(NULL);
    for (size_t i = 0; i < h->field_count; i++) {
        if (!gyre_span_equals_nocase(h->fields[i].name, gyre_span_of(name)))
            continue;
        if (n++ == 0)
            *value = h->fields[i].value;
    }
    return n;
}

bool gyre_websocket_is_key(struct gyre_span key)
{
    char nonce[GYRE_WEBSOCKET_KEY_SIZE];

    return key.length == GYRE_WEBSOCKET_KEY_SIZE - 1 &&
           gyre_base64_decode(nonce, key) == GYRE_WEBSOCKET_NONCE;
}

void gyre_websocket_prove(char out[GYRE_WEBSOCKET_PROOF_SIZE],
                          struct gyre_span key)
{
    static const char suffix[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    char text[GYRE_WEBSOCKET_KEY_SIZE + sizeof suffix];
    unsigned char digest[GYRE_SHA1_SIZE];

    memcpy(text, key.at, key.length);
    memcpy(text + key.length, suffix, sizeof suffix - 1);
    gyre_sha1(digest, text, key.length + sizeof suffix - 1);
    gyre_base64_encode(out, digest, sizeof digest);
}

struct gyre_span gyre_websocket_choose(struct gyre_span ours,
                                       struct gyre_span theirs)
{
    struct gyre_span mine, offered;

    while (gyre_span_next(&ours, &mine)) {
        struct gyre_span rest = theirs;

        while (gyre_span_next(&rest, &offered)) {
            if (gyre_span_equals(mine, offered))
                return mine;
        }
    }
    return gyre_span_of(NULL);
}
