/*
 * base64.c - bytes as letters and back.
 *
 * What it is used for is secret often, so letters are computed from their
 * values and back, and not looked up: which line of a table is in the cache
 * would tell of them.
 */
#include "io/http/base64.h"

#include <errno.h>

/* All ones if a <= b, or 0; of numbers below 2^30. */
static unsigned up_to(unsigned a, unsigned b)
{
    return ((b - a) >> 31) - 1;
}

/* All ones if a <= x <= b. */
static unsigned within(unsigned a, unsigned x, unsigned b)
{
    return up_to(a, x) & up_to(x, b);
}

static char letter_of(unsigned v)
{
    return (char)((within(0, v, 25) & (v + 'A')) |
                  (within(26, v, 51) & (v - 26 + 'a')) |
                  (within(52, v, 61) & (v - 52 + '0')) |
                  (within(62, v, 62) & '+') | (within(63, v, 63) & '/'));
}

/* The value of a letter; 64 or more if it is none. */
static unsigned value_of(char letter)
{
    unsigned c = (unsigned char)letter;
    unsigned upper = within('A', c, 'Z'), lower = within('a', c, 'z');
    unsigned digit = within('0', c, '9'), plus = within('+', c, '+');
    unsigned slash = within('/', c, '/');

    return (upper & (c - 'A')) | (lower & (c - 'a' + 26)) |
           (digit & (c - '0' + 52)) | (plus & 62) | (slash & 63) |
           (~(upper | lower | digit | plus | slash) & 64);
}

size_t gyre_base64_encode(char *out, const void *bytes, size_t n)
{
    const unsigned char *b = bytes;
    char *to = out;

    for (size_t i = 0; i < n; i += 3) {
        unsigned more = n - i > 1 ? b[i + 1] : 0;
        unsigned most = n - i > 2 ? b[i + 2] : 0;
        unsigned bits = (unsigned)b[i] << 16 | more << 8 | most;

        *to++ = letter_of(bits >> 18);
        *to++ = letter_of(bits >> 12 & 63);
        *to++ = n - i > 1 ? letter_of(bits >> 6 & 63) : '=';
        *to++ = n - i > 2 ? letter_of(bits & 63) : '=';
    }
    *to = '\0';
    return (size_t)(to - out);
}

/* How many letters of padding `text`, of whole quartets, ends with. */
static size_t padding(struct gyre_span text)
{
    size_t n = 0;

    while (n < 2 && n < text.length && text.at[text.length - 1 - n] == '=')
        n++;
    return n;
}

ssize_t gyre_base64_decode(void *out, struct gyre_span text)
{
    size_t pad = padding(text), letters = text.length - pad, n = 0;
    unsigned char *to = out;
    unsigned bits = 0, wrong = 0;

    if (text.length % 4 != 0)
        return -EINVAL;
    for (size_t i = 0; i < letters; i++) {
        unsigned v = value_of(text.at[i]);

        wrong |= v & 64;
        bits = bits << 6 | (v & 63);
        if (i % 4 != 0)
            to[n++] = (unsigned char)(bits >> (6 - i % 4 * 2));
    }
    /* What is left of the last letter belongs to no byte. */
    wrong |= pad > 0 ? bits & ((1u << pad * 2) - 1) : 0;
    return wrong ? -EINVAL : (ssize_t)n;
}
