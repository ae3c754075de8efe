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

/* Sixteen bytes, which a compiler has in a register where there are such. */
typedef unsigned char bytes __attribute__((vector_size(GYRE_HTTP_GLANCE)));

/* Those of them that are neither visible, nor blanks, nor above ASCII. */
static bytes unlike_text(bytes b)
{
    return (bytes)(((b < ' ') & (b != '\t')) | (b == 0x7f));
}

static bool none(bytes b)
{
    uint64_t halves[2];

    memcpy(halves, &b, sizeof halves);
    return (halves[0] | halves[1]) == 0;
}

static bool is_short_text(struct gyre_span s)
{
    bytes b = (bytes){0} + ' ';

    memcpy(&b, s.at, s.length);
    return none(unlike_text(b));
}

/* The last sixteen may have been looked at in part, which does no harm. */
bool gyre_http_is_text(struct gyre_span s)
{
    bytes b, odd;

    if (s.length < sizeof b)
        return s.length == 0 || is_short_text(s);
    memcpy(&b, s.at + s.length - sizeof b, sizeof b);
    odd = unlike_text(b);
    for (size_t i = 0; i + sizeof b < s.length; i += sizeof b) {
        memcpy(&b, s.at + i, sizeof b);
        odd |= unlike_text(b);
    }
    return none(odd);
}

/* Those of them that hardly a name has: neither letters, nor digits, nor
   '-'. */
static bytes unlike_name(bytes b)
{
    bytes letter = (bytes)((b | 0x20) - 'a' < 26);
    bytes digit = (bytes)(b - '0' < 10);

    return ~(letter | digit | (bytes)(b == '-'));
}

/* Those that no target has. */
static bytes unlike_target(bytes b)
{
    return (bytes)((b <= ' ') | (b >= 0x7f) | (b == '#'));
}

/* How many stand before the first that is marked. */
static size_t before_first(bytes marks)
{
    const bool little = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;
    uint64_t halves[2], half;

    memcpy(halves, &marks, sizeof halves);
    half = halves[0] != 0 ? halves[0] : halves[1];
    if (half == 0)
        return sizeof marks;
    return (halves[0] != 0 ? 0 : sizeof half) +
           (size_t)(little ? __builtin_ctzll(half) : __builtin_clzll(half)) / 8;
}

/* How many stand before the first that is `unlike` the others. */
static inline size_t leap(struct gyre_span s, bytes (*unlike)(bytes b))
{
    size_t n = 0, more;
    bytes b;

    do {
        memcpy(&b, s.at + n, sizeof b);
        more = before_first(unlike(b));
        n += more;
    } while (more == sizeof b && s.length - n >= sizeof b);
    return n;
}

size_t gyre_http_leap_name(struct gyre_span s)
{
    return leap(s, unlike_name);
}

size_t gyre_http_leap_target(struct gyre_span s)
{
    return leap(s, unlike_target);
}

int gyre_http_hex(char c)
{
    if (gyre_http_is_digit(c))
        return c - '0';
    c = gyre_http_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

char *gyre_http_put_hex(char *to, uint64_t n)
{
    static const char digits[] = "0123456789abcdef";
    int shift = 60;

    while (shift > 0 && n >> shift == 0)
        shift -= 4;
    for (; shift >= 0; shift -= 4)
        *to++ = digits[n >> shift & 15];
    return to;
}

/* What has so many digits is more than any `max`, and less has no overflow. */
int gyre_http_decimal(struct gyre_span s, uint64_t max, uint64_t *value)
{
    enum { MOST_DIGITS = 19 };
    uint64_t sum = 0;

    if (s.length == 0)
        return -EINVAL;
    while (s.length > MOST_DIGITS && s.at[0] == '0')
        s = gyre_span_from(s.at + 1, s.length - 1);
    if (s.length > MOST_DIGITS)
        return -EINVAL;
    for (size_t i = 0; i < s.length; i++) {
        unsigned digit = (unsigned char)s.at[i] - (unsigned)'0';

        if (digit > 9)
            return -EINVAL;
        sum = 10 * sum + digit;
    }
    if (sum > max)
        return -EINVAL;
    *value = sum;
    return 0;
}
