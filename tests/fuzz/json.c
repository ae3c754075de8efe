/*
 * json.c - JSON that is written by any calls, in any order.
 *
 * Each byte is a call, with some of those behind it as its text.  What is said to
 * be complete is one value, by the grammar of RFC 8259, in UTF-8.
 */
#include "tests/fuzz/targets.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "io/http/json/json.h"
#include "tests/fuzz/fuzz.h"

/* ---- the grammar ---- */

/* Each of these returns where what begins at `at` ends; a NUL ends all. */
static const char *after_value(const char *at);

static const char *after_digits(const char *at)
{
    size_t n = strspn(at, "0123456789");

    always(n > 0);
    return at + n;
}

static const char *after_number(const char *at)
{
    at += *at == '-';
    at = *at == '0' ? at + 1 : after_digits(at);
    if (*at == '.')
        at = after_digits(at + 1);
    if (*at == 'e' || *at == 'E')
        at = after_digits(at + 1 + (at[1] == '+' || at[1] == '-'));
    return at;
}

/* A character of several bytes, the shortest way, and no surrogate. */
static const char *after_utf8(const char *at)
{
    static const unsigned least[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char lead = (unsigned char)*at;
    unsigned n = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    unsigned point = lead & (0x7f >> n);

    always(lead >= 0xc0 && lead < 0xf8);
    for (unsigned i = 1; i < n; i++) {
        always(((unsigned char)at[i] & 0xc0) == 0x80);
        point = point << 6 | ((unsigned char)at[i] & 0x3f);
    }
    always(point >= least[n] && point <= 0x10ffff);
    always(point < 0xd800 || point > 0xdfff);
    return at + n;
}

static const char *after_escape(const char *at)
{
    always(*at != '\0' && strchr("\"\\/bfnrtu", *at) != NULL);
    if (*at != 'u')
        return at + 1;
    always(strspn(at + 1, "0123456789abcdefABCDEF") >= 4);
    return at + 5;
}

static const char *after_string(const char *at)
{
    always(*at == '"');
    for (at++; *at != '"';) {
        always((unsigned char)*at >= ' ');
        if (*at == '\\')
            at = after_escape(at + 1);
        else
            at = (unsigned char)*at < 0x80 ? at + 1 : after_utf8(at);
    }
    return at + 1;
}

static const char *after_members(const char *at, char end)
{
    if (*at == end)
        return at + 1;
    for (;;) {
        if (end == '}') {
            at = after_string(at);
            always(*at == ':');
            at++;
        }
        at = after_value(at);
        if (*at == end)
            return at + 1;
        always(*at == ',');
        at++;
    }
}

static const char *after_value(const char *at)
{
    static const char *const words[] = {"null", "true", "false"};

    if (*at == '{')
        return after_members(at + 1, '}');
    if (*at == '[')
        return after_members(at + 1, ']');
    if (*at == '"')
        return after_string(at);
    for (size_t i = 0; i < 3; i++)
        if (strncmp(at, words[i], strlen(words[i])) == 0)
            return at + strlen(words[i]);
    return after_number(at);
}

/* ---- the calls ---- */

/* Take up to `most` bytes off the front of `rest`. */
static struct gyre_span take(struct gyre_span *rest, size_t most)
{
    struct gyre_span s = {rest->at, most < rest->length ? most : rest->length};

    rest->at += s.length;
    rest->length -= s.length;
    return s;
}

static int64_t take_number(struct gyre_span *rest)
{
    struct gyre_span s = take(rest, sizeof(int64_t));
    int64_t number = 0;

    memcpy(&number, s.at, s.length);
    return number;
}

static void call(struct gyre_json *j, char what, struct gyre_span *rest)
{
    char *text = fuzz_string(take(rest, (unsigned char)what >> 4));
    const char *key = what & 8 ? text : NULL;
    int64_t number = 0;
    double real;

    switch (what & 7) {
    case 0: gyre_json_open(j, '{'); break;
    case 1: gyre_json_open(j, '['); break;
    case 2: gyre_json_close(j); break;
    case 3: gyre_json_key(j, text); break;
    case 4: gyre_json_span(j, key, take(rest, 20)); break;
    case 5: gyre_json_number(j, key, take_number(rest)); break;
    case 6:
        number = take_number(rest);
        memcpy(&real, &number, sizeof real);
        gyre_json_double(j, key, real);
        break;
    case 7: gyre_json_bool(j, key, true); break;
    }
    free(text);
}

void fuzz_json(const char *data, size_t n)
{
    struct gyre_span rest = {data, n};
    struct gyre_buf out = {0};
    struct gyre_json j;

    gyre_json_init(&j, &out);
    while (rest.length > 0 && j.err == 0)
        call(&j, *take(&rest, 1).at, &rest);
    while (j.depth > 0 && j.err == 0 && !j.keyed)
        gyre_json_close(&j);
    if (gyre_json_finish(&j) == 0) {
        always(gyre_buf_append(&out, "", 1) == 0);
        always(after_value(out.at) == out.at + out.length - 1);
    }
    gyre_buf_free(&out);
}
