/*
 * socket.c - a whole WebSocket, of a server that sends back what comes.
 *
 * However what is sent was divided, the server receives the same messages, and
 * the same end; what comes back is whole frames, unmasked, none a ping.
 */
#include "tests/fuzz/targets.h"

#include <string.h>

#include "io/http/websocket/frame.h"
#include "tests/fuzz/visit.h"

#define ASK                                                                    \
    "GET /socket HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\n"               \
    "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"                      \
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"

/* Pass over one that is sent to a client. */
static size_t take_frame(const char *at, size_t n)
{
    struct gyre_websocket_frame f;
    ssize_t k = gyre_websocket_frame_parse(&f, at, n);

    always(k > 0 && f.length <= n - (size_t)k);
    always(!f.masked && f.last && f.opcode != GYRE_WEBSOCKET_PING);
    return (size_t)k + f.length;
}

/* Unless it was reset, as a WebSocket is that breaks off: then some is lost. */
static void check_heard(const struct visit *v)
{
    const char *end = memmem(v->heard.at, v->heard.length, "\r\n\r\n", 4);
    size_t at;

    always(end != NULL && memcmp(v->heard.at, "HTTP/1.1 101 ", 13) == 0);
    at = (size_t)(end + 4 - v->heard.at);
    while (at < v->heard.length)
        at += take_frame(v->heard.at + at, v->heard.length - at);
}

static struct gyre_buf receive(const struct gyre_buf *text, int way)
{
    static struct visit v;

    visit_make(&v, text->at, text->length, way);
    if (!v.reset)
        check_heard(&v);
    gyre_buf_free(&v.heard);
    return v.received;
}

/* Behind the bytes comes a frame that closes, and is one if they were whole
   frames. */
void fuzz_socket(const char *data, size_t n)
{
    struct gyre_buf text = {0}, whole;

    gyre_buf_append_string(&text, ASK);
    always(gyre_buf_append(&text, data, n) == 0);
    always(gyre_buf_append(&text, "\x88\x80\0\0\0\0", 6) == 0);
    whole = receive(&text, 0);
    for (int way = 1; way < FUZZ_WAYS; way++) {
        struct gyre_buf parts = receive(&text, way);

        always(gyre_span_equals(gyre_span_from(parts.at, parts.length),
                                gyre_span_from(whole.at, whole.length)));
        gyre_buf_free(&parts);
    }
    gyre_buf_free(&whole);
    gyre_buf_free(&text);
}
