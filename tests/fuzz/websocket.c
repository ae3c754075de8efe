/*
 * websocket.c - what comes over a WebSocket.
 *
 * However the bytes were divided, the same messages, pings and ends come of
 * them, none longer than the limit, and texts in UTF-8; a head of a frame that
 * is read is composed of the same bytes.
 */
#include "tests/fuzz/targets.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/http/websocket/frame.h"
#include "io/http/websocket/incoming.h"
#include "tests/fuzz/fuzz.h"

enum { LIMIT = 300 };

/* ---- one head ---- */

static void check_head(const char *data, size_t n)
{
    unsigned char out[GYRE_WEBSOCKET_HEAD_MAX];
    struct gyre_websocket_frame f;
    ssize_t k = gyre_websocket_frame_parse(&f, data, n);

    always(k == -EPROTO || (k >= 0 && (size_t)k <= n));
    if (k <= 0)
        return;
    always(f.length <= INT64_MAX);
    always(
        f.opcode <= GYRE_WEBSOCKET_BINARY ||
        (f.opcode >= GYRE_WEBSOCKET_CLOSE && f.opcode <= GYRE_WEBSOCKET_PONG));
    always(f.opcode < GYRE_WEBSOCKET_CLOSE ||
           (f.last && f.length <= GYRE_WEBSOCKET_CONTROL_MAX));
    always(gyre_websocket_frame_compose(out, &f) == (size_t)k);
    always(memcmp(out, data, (size_t)k) == 0);
    for (ssize_t less = 0; less < k; less++) {
        char *copy = fuzz_copy(data, (size_t)less);

        always(gyre_websocket_frame_parse(&f, copy, (size_t)less) == 0);
        free(copy);
    }
}

/* Masked and unmasked, in parts too, it is what it was. */
static void check_mask(const char *data, size_t n)
{
    unsigned char mask[4] = {0x12, 0xff, 0x00, 0x80};
    char *copy = fuzz_copy(data, n);
    size_t half = n / 3;

    gyre_websocket_mask(copy, copy, n, mask, 5);
    for (size_t i = 0; i < n; i++)
        always(copy[i] == (char)(data[i] ^ (char)mask[(i + 5) % 4]));
    gyre_websocket_mask(copy, copy, half, mask, 5);
    gyre_websocket_mask(copy + half, copy + half, n - half, mask, 5 + half);
    always(n == 0 || memcmp(copy, data, n) == 0);
    free(copy);
}

/* ---- all that comes ---- */

static void say(struct gyre_buf *out, const char *what, int number,
                const void *bytes, size_t n)
{
    char text[64];
    int length = snprintf(text, sizeof text, "%s %d %zu:", what, number, n);

    always(gyre_buf_append(out, text, (size_t)length) == 0);
    always(gyre_buf_append(out, bytes, n) == 0);
}

static bool is_utf8(const struct gyre_buf *b)
{
    struct gyre_utf8 u = {0};

    return b->length == 0 ||
           (gyre_utf8_take(&u, b->at, b->length) && gyre_utf8_is_complete(&u));
}

static void take_message(struct gyre_websocket_incoming *m,
                         struct gyre_buf *out)
{
    struct gyre_buf message = {0};

    always(m->message.length <= LIMIT);
    always(m->kind == GYRE_WEBSOCKET_BINARY || is_utf8(&m->message));
    say(out, "message", (int)m->kind, m->message.at, m->message.length);
    gyre_websocket_incoming_take(m, &message);
    gyre_buf_free(&message);
}

/* Say what comes of the bytes in `in`.  False if there is an end to it. */
static bool hear(struct gyre_websocket_incoming *m, struct gyre_buf *in,
                 struct gyre_buf *out)
{
    for (;;) {
        int event = gyre_websocket_incoming_next(m, in);

        always(event == -EPROTO || event == -EILSEQ || event == -EMSGSIZE ||
               event >= 0);
        if (event == GYRE_WEBSOCKET_NOTHING)
            return true;
        if (event == GYRE_WEBSOCKET_WHOLE) {
            take_message(m, out);
            continue;
        }
        always(event != GYRE_WEBSOCKET_HELD);
        always(m->control_length <= GYRE_WEBSOCKET_CONTROL_MAX);
        if (event < 0)
            say(out, m->why, m->code, "", 0);
        else
            say(out, "event", event * 10000 + m->code, m->control,
                m->control_length);
        if (event < 0 || event == GYRE_WEBSOCKET_CLOSED)
            return false;
    }
}

static struct gyre_buf hear_all(const char *data, size_t n, int way)
{
    struct fuzz_cuts cuts = fuzz_cuts(data, n, way);
    struct gyre_websocket_incoming m = {.masked = n > 1 && (data[1] & 0x80),
                                        .limit = LIMIT};
    struct gyre_buf in = {0}, out = {0};
    bool on = true;

    for (size_t at = 0; at < n && on;) {
        size_t end = fuzz_cut(&cuts, at, n);

        always(gyre_buf_append(&in, data + at, end - at) == 0);
        on = hear(&m, &in, &out);
        at = end;
    }
    gyre_buf_free(&in);
    gyre_buf_free(&m.message);
    return out;
}

void fuzz_websocket(const char *data, size_t n)
{
    struct gyre_buf whole = hear_all(data, n, 0);

    for (int way = 1; way < FUZZ_WAYS; way++) {
        struct gyre_buf parts = hear_all(data, n, way);

        always(parts.length == whole.length);
        always(whole.length == 0 ||
               memcmp(parts.at, whole.at, whole.length) == 0);
        gyre_buf_free(&parts);
    }
    gyre_buf_free(&whole);
    check_head(data, n);
    check_mask(data, n);
}
