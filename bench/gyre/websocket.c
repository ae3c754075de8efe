/*
 * Frames of WebSockets, as they come from a client.
 *
 *     websocket frame TIMES   the head of one is read, and one written
 *     websocket mask TIMES    1,000 bytes of payload are unmasked, in place,
 *                             from where in the mask they happen to begin
 */
#include <string.h>

#include "io/http/websocket/frame.h"
#include "bench/bench.h"

enum { PAYLOAD = 1000 };

static const unsigned char key[4] = {0x37, 0xfa, 0x21, 0x3d};

static void frame(uint64_t n)
{
    const struct gyre_websocket_frame sent = {.opcode = GYRE_WEBSOCKET_TEXT,
                                              .last = true,
                                              .masked = true,
                                              .mask = {1, 2, 3, 4},
                                              .length = PAYLOAD};
    unsigned char head[GYRE_WEBSOCKET_HEAD_MAX];
    struct gyre_websocket_frame came;

    for (uint64_t i = 0; i < n; i++) {
        size_t length = gyre_websocket_frame_compose(head, &sent);
        ssize_t read = gyre_websocket_frame_parse(&came, head, length);

        bench_require(read == (ssize_t)length && came.length == PAYLOAD,
                      "reading what was written");
    }
}

static void mask(uint64_t n)
{
    char bytes[PAYLOAD], once[PAYLOAD];

    memset(bytes, 'x', sizeof bytes);
    for (uint64_t i = 0; i < n; i++)
        gyre_websocket_mask(bytes, bytes, sizeof bytes, key, i & 3);
    /* Each of the four offsets, twice, leaves what was there. */
    for (uint64_t i = n; i % 8 != 0; i++)
        gyre_websocket_mask(bytes, bytes, sizeof bytes, key, i & 3);
    memset(once, 'x', sizeof once);
    bench_require(memcmp(bytes, once, sizeof once) == 0, "unmasking");
}

int main(int argc, char **argv)
{
    int masks = argc > 1 && strcmp(argv[1], "mask") == 0;
    uint64_t n = bench_number(argc, argv, 2);
    struct bench b;

    bench_start(&b);
    (masks ? mask : frame)(n);
    bench_stop(&b);
    bench_print(&b, n);
    return 0;
}
