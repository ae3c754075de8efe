/*
 * chars.c - what each byte may be part of.
 *
 * One table serves the parser, the writer and URLs, so that what this library
 * sends is never what it would refuse.
 */
#include "io/http/internal.h"

#include <errno.h>
#include <string.h>

#define V GYRE_HTTP_TEXT
#define R (GYRE_HTTP_TEXT | GYRE_HTTP_TARGET)
#define T (R | GYRE_HTTP_TOKEN)
#define P (T | GYRE_HTTP_PLAIN)
#define H (GYRE_HTTP_TEXT | GYRE_HTTP_TOKEN)

/* clang-format off */
const unsigned char gyre_http_classes[256] = {
    0, 0, 0, 0, 0, 0, 0, 0,  0, V, 0, 0, 0, 0, 0, 0,    /* controls, but tab */
    0, 0, 0, 0, 0, 0, 0, 0,  0, 0, 0, 0, 0, 0, 0, 0,
    V, T, R, H, T, T, T, T,  R, R, T, T, R, P, P, R,    /*  !"#$%&'()*+,-./ */
    P, P, P, P, P, P, P, P,  P, P, R, R, R, R, R, R,    /* 0123456789:;<=>? */
    R, P, P, P, P, P, P, P,  P, P, P, P, P, P, P, P,    /* @ABCDEFGHIJKLMNO */
    P, P, P, P, P, P, P, P,  P, P, P, R, R, R, T, P,    /* PQRSTUVWXYZ[\]^_ */
    T, P, P, P, P, P, P, P,  P, P, P, P, P, P, P, P,    /* `abcdefghijklmno */
    P, P, P, P, P, P, P, P,  P, P, P, R, T, R, P, 0,    /* pqrstuvwxyz{|}~  */
    V, V, V, V, V, V, V, V,  V, V, V, V, V, V, V, V,    /* above ASCII */
    V, V, V, V, V, V, V, V,  V, V, V, V, V, V, V, V,
    V, V, V, V, V, V, V, V,  V, V, V, V, V, V, V, V,
    V, V, V, V, V, V, V, V,  V, V, V, V, V, V, V, V,
    V, V, V, V, V, V, V, V,  V, V, V, V, V, V, V, V,
    V, V, V, V, V, V, V, V,  V, V, V, V, V, V, V, V,
    V, V, V, V, V, V, V, V,  V, V, V, V, V, V, V, V,
    V, V, V, V, V, V, V, V,  V, V, V, V, V, V, V, V,
};
/* clang-format on */

/* Eight bytes of `byte`. */
#define EIGHT(byte) (UINT64_C(0x0101010101010101) * (byte))

/*
 * Eight bytes, in each of which the top bit is set if it is neither visible, nor
 * a blank, nor above ASCII: what is subtracted from a byte below it borrows from
 * its top bit, which was not set.  The byte above one that is found out may be
 * wrongly accused, by what was borrowed from it.
 */
static uint64_t unlike_text(const char *at)
{
    uint64_t bytes;

    memcpy(&bytes, at, 8);
    return ((bytes - EIGHT(' ')) | ((bytes ^ EIGHT(0x7f)) - EIGHT(1))) & ~bytes;
}

/* The last eight may have been looked at in part, which does no harm.  A tab
   leaves all to the table; there is hardly ever one. */
bool gyre_http_is_text(struct gyre_span s)
{
    uint64_t odd = 0;

    if (s.length < 8)
        return gyre_http_all(s, GYRE_HTTP_TEXT);
    for (size_t i = 0; i < s.length - 8; i += 8)
        odd |= unlike_text(s.at + i);
    odd |= unlike_text(s.at + s.length - 8);
    return (odd & EIGHT(0x80)) == 0 || gyre_http_all(s, GYRE_HTTP_TEXT);
}

int gyre_http_hex(char c)
{
    if (gyre_http_is_digit(c))
        return c - '0';
    c = gyre_http_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int gyre_http_decimal(struct gyre_span s, uint64_t max, uint64_t *value)
{
    uint64_t sum = 0;

    if (s.length == 0)
        return -EINVAL;
    for (size_t i = 0; i < s.length; i++) {
        uint64_t digit = (unsigned char)s.at[i] - (uint64_t)'0';

        if (digit > 9 || sum > (UINT64_MAX - 9) / 10)
            return -EINVAL;
        sum = 10 * sum + digit;
        if (sum > max)
            return -EINVAL;
    }
    *value = sum;
    return 0;
}
