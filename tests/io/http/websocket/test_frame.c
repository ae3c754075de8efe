/*
 * test_frame.c - frames: what is written is read again, and masked as it should
 * be, however long it is and wherever it begins.
 */
#include <criterion/criterion.h>

#include <errno.h>
#include <string.h>

#include "io/http/websocket/frame.h"

/* Write a head, and read it again. */
static void goes_round(uint64_t length, size_t size, bool masked)
{
    struct gyre_websocket_frame f = {.opcode = GYRE_WEBSOCKET_BINARY,
                                     .last = length % 2 == 0,
                                     .masked = masked,
                                     .mask = {1, 2, 3, 4},
                                     .length = length},
                                g = {0};
    unsigned char head[GYRE_WEBSOCKET_HEAD_MAX];

    size += masked ? 4 : 0;
    cr_expect_eq(gyre_websocket_frame_compose(head, &f), size);
    for (size_t n = 0; n < size; n++)
        cr_expect_eq(gyre_websocket_frame_parse(&g, head, n), 0);
    cr_expect_eq(gyre_websocket_frame_parse(&g, head, size), (ssize_t)size);
    cr_expect_eq(g.opcode, f.opcode);
    cr_expect_eq(g.last, f.last);
    cr_expect_eq(g.length, f.length);
    cr_expect_eq(g.masked, masked);
    if (masked)
        cr_expect_arr_eq(g.mask, f.mask, 4);
}

Test(websocket_frame, is_read_as_it_was_written)
{
    static const struct {
        uint64_t length;
        size_t size;
    } lengths[] = {{0, 2},         {125, 2},    {126, 4},
                   {65535, 4},     {65536, 10}, {UINT64_C(1) << 40, 10},
                   {INT64_MAX, 10}};

    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        goes_round(lengths[i].length, lengths[i].size, false);
        goes_round(lengths[i].length, lengths[i].size, true);
    }
}

/* Every first and second byte there can be, against the rules said
   otherwise. */
Test(websocket_frame, is_refused_by_its_first_two_bytes)
{
    for (int first = 0; first < 256; first++) {
        for (int second = 0; second < 128; second++) {
            unsigned char head[10] = {(unsigned char)first,
                                      (unsigned char)second};
            struct gyre_websocket_frame f;
            bool known = strchr("\1\2\x08\x09\x0a", first & 15) != NULL;
            bool control = (first & 8) != 0;
            bool good = known && (first & 0x70) == 0 &&
                        !(control && ((first & 0x80) == 0 || second > 125));

            cr_assert_eq(gyre_websocket_frame_parse(&f, head, 2),
                         !good          ? -EPROTO
                         : second < 126 ? 2
                                        : 0,
                         "%d %d", first, second);
        }
    }
}

Test(websocket_frame, masks_as_byte_by_byte_from_anywhere)
{
    static const unsigned char mask[4] = {0x37, 0xfa, 0x21, 0x3d};
    unsigned char from[64], to[66], plain[66];

    for (size_t i = 0; i < sizeof from; i++)
        from[i] = (unsigned char)(i * 37);
    for (size_t offset = 0; offset < 5; offset++) {
        for (size_t n = 0; n <= sizeof from - 8; n++) {
            memset(to, 0xee, sizeof to);
            gyre_websocket_mask(to + 1, from + offset, n, mask, offset);
            memset(plain, 0xee, sizeof plain);
            for (size_t i = 0; i < n; i++)
                plain[i + 1] = from[offset + i] ^ mask[(offset + i) % 4];
            cr_assert_arr_eq(to, plain, sizeof to);
            gyre_websocket_mask(to + 1, to + 1, n, mask, offset);
            cr_assert_arr_eq(to + 1, from + offset, n);
        }
    }
}

Test(websocket_frame, codes_are_those_that_mean_something)
{
    static const int good[] = {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010,
                               1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999};
    static const int bad[] = {-1,   0,    999,  1004, 1005,
                              1006, 1015, 2999, 5000, 65535};

    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        cr_expect(gyre_websocket_is_code(good[i]), "%d", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        cr_expect(!gyre_websocket_is_code(bad[i]), "%d", bad[i]);
}
