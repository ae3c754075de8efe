/*
 * decimal.c - the double nearest to a decimal number, in any locale.
 *
 * strtod(3) rounds rightly, but takes the locale's word for what a point is.
 * So it is given none: 1.25e3 as 125e1.
 */
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "io/http/internal.h"
#include "io/http/json/internal.h"

enum {
    /* Where two doubles meet is told by 767 digits at most; of those that
       follow it counts alone whether they are all zeros. */
    DIGITS = 780,
    FAR = 100000000 /* ten times this no digits of a text make up for */
};

struct decimal {
    char text[DIGITS + 32]; /* the sign, and the digits that count */
    size_t n;               /* of them */
    long exponent;
    bool more; /* digits were left out that are not all zeros */
};

static void put_digit(struct decimal *d, char c, bool fraction)
{
    if (fraction)
        d->exponent--;
    if (d->n == 1 && c == '0')
        return;
    if (d->n < DIGITS) {
        d->text[d->n++] = c;
    } else {
        d->exponent++;
        d->more = d->more || c != '0';
    }
}

/* The exponent written at `s`, behind its 'e'. */
static long exponent_of(struct gyre_span s)
{
    bool negative = s.at[0] == '-';
    long sum = 0;

    for (size_t i = 0; i < s.length; i++)
        if (gyre_http_is_digit(s.at[i]))
            sum = sum < FAR ? 10 * sum + (s.at[i] - '0') : 10L * FAR;
    return negative ? -sum : sum;
}

int gyre_json_decimal(struct gyre_span number, double *out)
{
    struct decimal d = {.text = "+", .n = 1};
    bool fraction = false;
    double value;

    for (size_t i = 0; i < number.length; i++) {
        char c = number.at[i];

        if (c == '-')
            d.text[0] = '-';
        else if (c == '.')
            fraction = true;
        else if (gyre_http_is_digit(c))
            put_digit(&d, c, fraction);
        else {
            d.exponent += exponent_of(
                gyre_span_from(number.at + i + 1, number.length - i - 1));
            break;
        }
    }
    if (d.n == 1)
        d.text[d.n++] = '0';
    if (d.more) {
        d.text[d.n++] = '1';
        d.exponent--;
    }
    snprintf(d.text + d.n, sizeof d.text - d.n, "e%ld", d.exponent);
    value = strtod(d.text, NULL);
    if (!isfinite(value))
        return -ERANGE;
    *out = value;
    return 0;
}
