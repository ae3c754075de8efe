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
 * Eight bytes at a time: what is subtracted from a byte below it borrows from
 * the byte's top bit, which was not set.  A tab falls to the table, with all
 * that follows it; there is hardly ever one.
 */
bool gyre_http_is_text(struct gyre_span s)
{
    while (s.length >= 8) {
        uint64_t bytes, del;

        memcpy(&bytes, s.at, 8);
        del = bytes ^ EIGHT(0x7f);
        if ((((bytes - EIGHT(' ')) & ~bytes) | ((del - EIGHT(1)) & ~del)) &
            EIGHT(0x80))
            break;
        s.at += 8;
        s.length -= 8;
    }
    return gyre_http_all(s, GYRE_HTTP_TEXT);
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

        if (digit > 9 || digit > max || sum > (max - digit) / 10)
            return -EINVAL;
        sum = 10 * sum + digit;
    }
    *value = sum;
    return 0;
}
