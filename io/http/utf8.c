/*
 * utf8.c - is it UTF-8, as it comes?  (Unicode, table 3-7: neither longer than
 * need be, nor half of a pair of UTF-16, nor beyond U+10FFFF.)
 */
#include "io/http/utf8.h"

#include <stdint.h>
#include <string.h>

/* How many of the first bytes are ASCII; some more may be. */
static size_t plain(const unsigned char *at, size_t n)
{
    size_t i = 0;
    uint64_t word;

    for (; n - i >= sizeof word; i += sizeof word) {
        memcpy(&word, at + i, sizeof word);
        if (word & UINT64_C(0x8080808080808080))
            break;
    }
    return i;
}

/* The first byte of a character. */
static bool begin(struct gyre_utf8 *u, unsigned char c)
{
    u->low = 0x80;
    u->high = 0xbf;
    if (c < 0x80)
        return true;
    if (c < 0xc2 || c > 0xf4)
        return false;
    u->left = c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
    if (c == 0xe0)
        u->low = 0xa0;
    else if (c == 0xed)
        u->high = 0x9f;
    else if (c == 0xf0)
        u->low = 0x90;
    else if (c == 0xf4)
        u->high = 0x8f;
    return true;
}

static bool go_on(struct gyre_utf8 *u, unsigned char c)
{
    if (c < u->low || c > u->high)
        return false;
    u->left--;
    u->low = 0x80;
    u->high = 0xbf;
    return true;
}

static bool step(struct gyre_utf8 *u, unsigned char c)
{
    return u->left > 0 ? go_on(u, c) : begin(u, c);
}

bool gyre_utf8_take(struct gyre_utf8 *u, const void *bytes, size_t n)
{
    const unsigned char *at = bytes, *end = at + n;

    while (at < end) {
        if (u->left == 0)
            at += plain(at, (size_t)(end - at));
        if (at == end)
            break;
        if (!step(u, *at++))
            return false;
    }
    return true;
}

size_t gyre_utf8_length(struct gyre_span s)
{
    struct gyre_utf8 u = {0};
    size_t n = 0;

    do {
        if (n == s.length || !step(&u, (unsigned char)s.at[n]))
            return 0;
        n++;
    } while (u.left > 0);
    return n;
}
