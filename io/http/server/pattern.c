/*
 * pattern.c - the paths of routes, segment by segment.
 */
#include "io/http/internal.h"
#include "io/http/server/internal.h"

#include <errno.h>

#include "io/http/escape.h"

/* What the braces `s` say, without them. */
static enum gyre_http_segment_kind kind_of(struct gyre_span *s)
{
    const char *colon = memchr(s->at, ':', s->length);
    struct gyre_span rest = {NULL, 0};

    if (colon != NULL) {
        rest =
            gyre_span_from(colon + 1, s->length - (size_t)(colon + 1 - s->at));
        s->length = (size_t)(colon - s->at);
    }
    if (s->length == 0 || !gyre_http_all(*s, GYRE_HTTP_PLAIN))
        return GYRE_HTTP_MALFORMED;
    if (colon == NULL)
        return GYRE_HTTP_NAME;
    if (gyre_span_equals(rest, gyre_span_of("int")))
        return GYRE_HTTP_INT;
    return gyre_span_equals(rest, gyre_span_of("tail")) ? GYRE_HTTP_TAIL
                                                        : GYRE_HTTP_MALFORMED;
}

struct gyre_http_segment gyre_http_next_segment(const char **path)
{
    const char *at = *path + 1;
    size_t n = strcspn(at, "/");
    struct gyre_http_segment s = {GYRE_HTTP_LITERAL, gyre_span_from(at, n),
                                  at[n] == '\0'};

    *path = at + n;
    if (n >= 2 && at[0] == '{' && at[n - 1] == '}') {
        s.text = gyre_span_from(at + 1, n - 2);
        s.kind = kind_of(&s.text);
    }
    if (s.kind == GYRE_HTTP_TAIL && !s.last)
        s.kind = GYRE_HTTP_MALFORMED;
    if (memchr(s.text.at, '{', s.text.length) != NULL ||
        memchr(s.text.at, '}', s.text.length) != NULL)
        s.kind = GYRE_HTTP_MALFORMED;
    return s;
}

/* Take a byte off the front of `s`, its escape undone; NUL for a broken one. */
static char take_byte(struct gyre_span *s)
{
    size_t n = s->at[0] == '%' ? 3 : 1;
    int high, low;
    char c = s->at[0];

    if (n > s->length)
        return '\0';
    if (n == 3) {
        high = gyre_http_hex(s->at[1]);
        low = gyre_http_hex(s->at[2]);
        c = high < 0 || low < 0 ? '\0' : (char)(16 * high + low);
    }
    *s = gyre_span_from(s->at + n, s->length - n);
    return c;
}

/* Take decimal digits, up to the end, of a number that is `most` at most. */
static bool take_digits(struct gyre_span s, uint64_t most, uint64_t *value)
{
    *value = 0;
    if (s.length == 0)
        return false;
    while (s.length > 0) {
        char c = take_byte(&s);
        uint64_t digit = (uint64_t)(c - '0');

        if (!gyre_http_is_digit(c) || *value > (most - digit) / 10)
            return false;
        *value = 10 * *value + digit;
    }
    return true;
}

bool gyre_http_read_int(struct gyre_span s, int64_t *out)
{
    struct gyre_span rest = s;
    bool negative = s.length > 0 && take_byte(&rest) == '-';
    uint64_t value;

    if (!take_digits(negative ? rest : s, (uint64_t)INT64_MAX + negative,
                     &value))
        return false;
    /* The least of them is beyond the greatest. */
    *out = negative ? -(int64_t)(value - (value > 0)) - (value > 0)
                    : (int64_t)value;
    return true;
}

static bool is_int(struct gyre_span s)
{
    int64_t value;

    return gyre_http_read_int(s, &value);
}

/* How many bytes `s` has with its escapes undone. */
static size_t plain_length(struct gyre_span s)
{
    size_t n = 0;

    for (size_t i = 0; i < s.length; i += s.at[i] == '%' ? 3 : 1)
        n++;
    return n;
}

int gyre_http_compare_escaped(struct gyre_span given, struct gyre_span literal)
{
    size_t n = plain_length(given);

    if (n != literal.length)
        return n < literal.length ? -1 : 1;
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)take_byte(&given);
        unsigned char d = (unsigned char)literal.at[i];

        if (c != d)
            return c < d ? -1 : 1;
    }
    return 0;
}

bool gyre_http_admits(const struct gyre_http_segment *s, struct gyre_span given)
{
    switch (s->kind) {
    case GYRE_HTTP_LITERAL:
        return gyre_http_compare_escaped(given, s->text) == 0;
    case GYRE_HTTP_INT: return is_int(given);
    case GYRE_HTTP_NAME: return given.length > 0;
    default: return s->kind == GYRE_HTTP_TAIL;
    }
}
