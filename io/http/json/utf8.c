/*
 * utf8.c - which bytes are a character (RFC 3629).
 */
#include "io/http/json/internal.h"

size_t gyre_json_utf8(struct gyre_span s)
{
    unsigned char c = (unsigned char)s.at[0];
    unsigned char low = 0x80, high = 0xbf;
    size_t n = c < 0x80 ? 1 : c < 0xc2 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;

    if (c > 0xf4 || n > s.length)
        return 0;
    if (c == 0xe0)
        low = 0xa0;
    if (c == 0xed)
        high = 0x9f;
    if (c == 0xf0)
        low = 0x90;
    if (c == 0xf4)
        high = 0x8f;
    for (size_t i = 1; i < n; i++) {
        unsigned char next = (unsigned char)s.at[i];

        if (next < low || next > high)
            return 0;
        low = 0x80;
        high = 0xbf;
    }
    return n;
}
