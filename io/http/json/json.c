/*
 * json.c - writes JSON.
 *
 * Every value comes through `begin`, which decides whether one may stand here,
 * and writes what divides it from the one before.
 */
#include "io/http/json/json.h"

#include <errno.h>
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "io/http/utf8.h"

void gyre_json_init(struct gyre_json *j, struct gyre_buf *out)
{
    *j = (struct gyre_json){.out = out};
}

static int fail(struct gyre_json *j, int err)
{
    if (j->err == 0)
        j->err = err;
    return j->err;
}

static int put(struct gyre_json *j, const char *at, size_t n)
{
    if (j->err == 0)
        j->err = gyre_buf_append(j->out, at, n);
    return j->err;
}

static int put_string(struct gyre_json *j, const char *string)
{
    return put(j, string, strlen(string));
}

/* A byte that may not stand for itself in a string. */
static bool is_special(char c)
{
    return (unsigned char)c < ' ' || c == '"' || c == '\\';
}

static void put_escape(struct gyre_json *j, char c)
{
    static const char from[] = "\"\\\b\f\n\r\t";
    static const char to[] = "\"\\bfnrt";
    const char *short_form = memchr(from, c, sizeof from - 1);
    char text[8] = {'\\'};

    if (short_form != NULL) {
        text[1] = to[short_form - from];
        put(j, text, 2);
    } else {
        snprintf(text, sizeof text, "\\u%04x", (unsigned)(unsigned char)c);
        put(j, text, 6);
    }
}

/* Write `s` between quotes; stretches that need no escape in one piece. */
static void put_quoted(struct gyre_json *j, struct gyre_span s)
{
    put(j, "\"", 1);
    while (s.length > 0 && j->err == 0) {
        size_t n = 0, character = 1;

        while (n < s.length && !is_special(s.at[n]) && character > 0) {
            character =
                gyre_utf8_length(gyre_span_from(s.at + n, s.length - n));
            n += character;
        }
        put(j, s.at, n);
        if (n < s.length && character == 0)
            put(j, "\xef\xbf\xbd", 3);
        else if (n < s.length)
            put_escape(j, s.at[n]);
        n += n < s.length;
        s = gyre_span_from(s.at + n, s.length - n);
    }
    put(j, "\"", 1);
}

static bool in_object(const struct gyre_json *j)
{
    return j->depth > 0 && (j->objects >> (j->depth - 1) & 1) != 0;
}

int gyre_json_key(struct gyre_json *j, const char *key)
{
    if (!in_object(j) || j->keyed || key == NULL)
        return fail(j, -EINVAL);
    if (j->comma)
        put(j, ",", 1);
    put_quoted(j, gyre_span_of(key));
    j->comma = false;
    j->keyed = true;
    return put(j, ":", 1);
}

/* A value is about to be written. */
static int begin(struct gyre_json *j, const char *key)
{
    if (j->err)
        return j->err;
    if (key != NULL && gyre_json_key(j, key) < 0)
        return j->err;
    if (j->complete || in_object(j) != j->keyed)
        return fail(j, -EINVAL);
    if (j->comma)
        put(j, ",", 1);
    j->keyed = false;
    return j->err;
}

/* A value has been written. */
static int end(struct gyre_json *j)
{
    j->comma = true;
    j->complete = j->depth == 0;
    return j->err;
}

int gyre_json_open(struct gyre_json *j, char bracket)
{
    uint64_t bit;

    if (bracket != '{' && bracket != '[')
        return fail(j, -EINVAL);
    if (begin(j, NULL) < 0)
        return j->err;
    if (j->depth == GYRE_JSON_DEPTH)
        return fail(j, -EMSGSIZE);
    bit = UINT64_C(1) << j->depth++;
    j->objects = bracket == '{' ? j->objects | bit : j->objects & ~bit;
    j->comma = false;
    return put(j, &bracket, 1);
}

int gyre_json_close(struct gyre_json *j)
{
    if (j->err)
        return j->err;
    if (j->depth == 0 || j->keyed)
        return fail(j, -EINVAL);
    put(j, in_object(j) ? "}" : "]", 1);
    j->depth--;
    return end(j);
}

/* A value whose text is `text`. */
static int value(struct gyre_json *j, const char *key, const char *text)
{
    if (begin(j, key) < 0)
        return j->err;
    put_string(j, text);
    return end(j);
}

int gyre_json_span(struct gyre_json *j, const char *key, struct gyre_span s)
{
    if (s.at == NULL)
        return gyre_json_null(j, key);
    if (begin(j, key) < 0)
        return j->err;
    put_quoted(j, s);
    return end(j);
}

int gyre_json_string(struct gyre_json *j, const char *key, const char *string)
{
    return gyre_json_span(j, key, gyre_span_of(string));
}

int gyre_json_number(struct gyre_json *j, const char *key, int64_t number)
{
    char text[24];

    snprintf(text, sizeof text, "%" PRId64, number);
    return value(j, key, text);
}

/* Let `text` have a point where the locale has something else. */
static void put_point(char *text)
{
    size_t n = strspn(text, "-0123456789");
    size_t odd = strcspn(text + n, "0123456789e");

    if (odd == 0)
        return;
    text[n] = '.';
    memmove(text + n + 1, text + n + odd, strlen(text + n + odd) + 1);
}

int gyre_json_double(struct gyre_json *j, const char *key, double number)
{
    char text[40];

    if (!isfinite(number))
        return fail(j, -EDOM);
    /* All numbers but the very small tell fifteen digits apart, so no fewer
       need be tried: trailing zeros are not printed. */
    for (int digits = fabs(number) < DBL_MIN ? 1 : 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, number);
        if (strtod(text, NULL) == number)
            break;
    }
    put_point(text);
    return value(j, key, text);
}

int gyre_json_bool(struct gyre_json *j, const char *key, bool truth)
{
    return value(j, key, truth ? "true" : "false");
}

int gyre_json_null(struct gyre_json *j, const char *key)
{
    return value(j, key, "null");
}

int gyre_json_finish(const struct gyre_json *j)
{
    if (j->err)
        return j->err;
    return j->complete ? 0 : -EINVAL;
}
