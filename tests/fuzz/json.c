/*
 * json.c - JSON that is read, and JSON that is written.
 *
 * A text is read exactly if it is JSON by the grammar of RFC 8259, and no
 * deeper than may be.  What was read is written, read, and written the same;
 * numbers are those that the C library finds in the text.
 *
 * To the writer each byte is a call, with some of those behind it as its text:
 * what is then said to be complete is JSON.
 */
#include "tests/fuzz/targets.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "io/http/json/document.h"
#include "io/http/json/json.h"
#include "tests/fuzz/fuzz.h"

/* ---- the grammar ---- */

/* What is left of a text; NULL at `at` once it was not JSON. */
struct text {
    const char *at, *end;
    int depth;
};

static void take_value(struct text *t);

/* The next byte, or -1. */
static int peek(const struct text *t)
{
    return t->at != NULL && t->at < t->end ? (unsigned char)*t->at : -1;
}

static bool take(struct text *t, char c)
{
    if (peek(t) != (unsigned char)c)
        return false;
    t->at++;
    return true;
}

static void need(struct text *t, bool it)
{
    if (!it)
        t->at = NULL;
}

static void take_blanks(struct text *t)
{
    while (take(t, ' ') || take(t, '\t') || take(t, '\r') || take(t, '\n'))
        ;
}

static size_t take_digits(struct text *t)
{
    size_t n = 0;

    for (; peek(t) >= '0' && peek(t) <= '9'; n++)
        t->at++;
    return n;
}

static void take_number(struct text *t)
{
    take(t, '-');
    if (!take(t, '0'))
        need(t, take_digits(t) > 0);
    if (take(t, '.'))
        need(t, take_digits(t) > 0);
    if (take(t, 'e') || take(t, 'E')) {
        (void)(take(t, '+') || take(t, '-'));
        need(t, take_digits(t) > 0);
    }
}

/* A character above ASCII, the shortest way, and no surrogate. */
static void take_utf8(struct text *t)
{
    static const unsigned least[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned lead = (unsigned char)*t->at++;
    unsigned n = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    unsigned point = lead & (0x7fu >> n);

    need(t, lead >= 0xc0 && lead < 0xf8);
    for (unsigned i = 1; i < n; i++) {
        int byte = peek(t);

        need(t, byte >= 0 && (byte & 0xc0) == 0x80);
        if (t->at == NULL)
            return;
        point = point << 6 | ((unsigned)byte & 0x3f);
        t->at++;
    }
    need(t, point >= least[n] && point <= 0x10ffff);
    need(t, point < 0xd800 || point > 0xdfff);
}

/* Four digits; -1 if they are not there. */
static long take_unit(struct text *t)
{
    char digits[5] = "";

    if (t->at == NULL || t->end - t->at < 4)
        return -1;
    memcpy(digits, t->at, 4);
    t->at += 4;
    return strspn(digits, "0123456789abcdefABCDEF") == 4
               ? strtol(digits, NULL, 16)
               : -1;
}

static void take_escape(struct text *t)
{
    int c = peek(t);
    long unit;

    need(t, c > 0 && strchr("\"\\/bfnrtu", c) != NULL);
    if (t->at == NULL)
        return;
    t->at++;
    if (c != 'u')
        return;
    unit = take_unit(t);
    need(t, unit >= 0 && (unit < 0xdc00 || unit > 0xdfff));
    if (unit >= 0xd800 && unit <= 0xdbff) {
        need(t, take(t, '\\') && take(t, 'u'));
        unit = take_unit(t);
        need(t, unit >= 0xdc00 && unit <= 0xdfff);
    }
}

static void take_string(struct text *t)
{
    need(t, take(t, '"'));
    while (t->at != NULL && !take(t, '"')) {
        need(t, peek(t) >= ' ');
        if (t->at != NULL && take(t, '\\'))
            take_escape(t);
        else if (peek(t) >= 0x80)
            take_utf8(t);
        else if (t->at != NULL)
            t->at++;
    }
}

static void take_member(struct text *t, bool named)
{
    take_blanks(t);
    if (named) {
        take_string(t);
        take_blanks(t);
        need(t, take(t, ':'));
    }
    take_value(t);
    take_blanks(t);
}

static void take_members(struct text *t, char end)
{
    need(t, ++t->depth <= GYRE_JSON_DEPTH);
    take_blanks(t);
    if (!take(t, end)) {
        do
            take_member(t, end == '}');
        while (take(t, ','));
        need(t, take(t, end));
    }
    t->depth--;
}

static bool take_word(struct text *t, const char *word)
{
    size_t n = strlen(word);

    if (t->at == NULL || (size_t)(t->end - t->at) < n ||
        memcmp(t->at, word, n) != 0)
        return false;
    t->at += n;
    return true;
}

static void take_value(struct text *t)
{
    take_blanks(t);
    if (take(t, '{'))
        take_members(t, '}');
    else if (take(t, '['))
        take_members(t, ']');
    else if (peek(t) == '"')
        take_string(t);
    else if (!take_word(t, "null") && !take_word(t, "true") &&
             !take_word(t, "false"))
        take_number(t);
}

static bool is_json(struct gyre_span s)
{
    struct text t = {s.at, s.at + s.length, 0};

    take_value(&t);
    take_blanks(&t);
    return t.at == t.end;
}

/* ---- reading ---- */

/* A number is what the C library makes of its text. */
static void check_number(const struct gyre_json_value *v)
{
    char *text = fuzz_string(gyre_json_as_span(v)), *end;
    double real, expected = strtod(text, &end);
    int64_t number = 0;
    int err = gyre_json_as_double(v, &real);

    always(*end == '\0' && end != text);
    if (expected > 1.7976931348623157e308 || expected < -1.7976931348623157e308)
        always(err == -ERANGE);
    else
        always(err == 0 && real == expected &&
               signbit(real) == signbit(expected));
    err = gyre_json_as_int(v, &number);
    errno = 0;
    if (strpbrk(text, ".eE") != NULL)
        always(err == -ERANGE);
    else if (strtoll(text, &end, 10) != number || errno == ERANGE)
        always(err == -ERANGE && errno == ERANGE);
    else
        always(err == 0);
    free(text);
}

static void write_number(struct gyre_json *j, const char *key,
                         const struct gyre_json_value *v)
{
    int64_t number;
    double real;

    check_number(v);
    /* There is a zero below 0, of doubles alone. */
    if (gyre_json_as_int(v, &number) == 0 && number != 0)
        gyre_json_number(j, key, number);
    else if (gyre_json_as_double(v, &real) == 0)
        gyre_json_double(j, key, real);
    else
        gyre_json_null(j, key);
}

static void write_value(struct gyre_json *j, const struct gyre_json_value *v);

static void write_members(struct gyre_json *j, const struct gyre_json_value *v)
{
    const struct gyre_json_value *member = NULL;
    size_t n = 0;

    while ((member = gyre_json_next(v, member)) != NULL) {
        always(gyre_json_at(v, n++) == member);
        write_value(j, member);
    }
    always(gyre_json_count(v) == n);
    gyre_json_close(j);
}

static void write_value(struct gyre_json *j, const struct gyre_json_value *v)
{
    struct gyre_span name = gyre_json_name(v);
    const char *key = name.at;
    bool it;

    always(key == NULL || key[name.length] == '\0');
    switch (gyre_json_kind(v)) {
    case GYRE_JSON_NUMBER: write_number(j, key, v); break;
    case GYRE_JSON_STRING: gyre_json_span(j, key, gyre_json_as_span(v)); break;
    case GYRE_JSON_BOOL:
        always(gyre_json_as_bool(v, &it) == 0);
        gyre_json_bool(j, key, it);
        break;
    case GYRE_JSON_ARRAY:
    case GYRE_JSON_OBJECT:
        if (key != NULL)
            gyre_json_key(j, key);
        gyre_json_open(j, gyre_json_kind(v) == GYRE_JSON_ARRAY ? '[' : '{');
        write_members(j, v);
        break;
    default: gyre_json_null(j, key); break;
    }
}

/* Write what `text` says to `out`, if it says anything. */
static bool rewrite(struct gyre_span text, struct gyre_buf *out)
{
    struct gyre_json_document d = {0};
    const struct gyre_json_value *root;
    int err = gyre_json_parse(&d, text, &root);
    struct gyre_json j;

    always(err == 0 || ((err == -EPROTO || err == -EMSGSIZE) && root == NULL &&
                        d.why != NULL));
    always(err == 0 || d.failed_at <= text.length);
    if (err == 0) {
        gyre_json_init(&j, out);
        write_value(&j, root);
        always(gyre_json_finish(&j) == 0);
    }
    gyre_json_free(&d);
    return err == 0;
}

void fuzz_json(const char *data, size_t n)
{
    char *copy = fuzz_copy(data, n);
    struct gyre_buf once = {0}, twice = {0};
    bool read = rewrite(gyre_span_from(copy, n), &once);

    always(read == is_json(gyre_span_from(copy, n)));
    if (read) {
        always(is_json(gyre_span_from(once.at, once.length)));
        always(rewrite(gyre_span_from(once.at, once.length), &twice));
        always(once.length == twice.length);
        always(memcmp(once.at, twice.at, once.length) == 0);
    }
    gyre_buf_free(&once);
    gyre_buf_free(&twice);
    free(copy);
}

/* ---- writing, by any calls in any order ---- */

/* Take up to `most` bytes off the front of `rest`. */
static struct gyre_span some(struct gyre_span *rest, size_t most)
{
    struct gyre_span s = {rest->at, most < rest->length ? most : rest->length};

    rest->at += s.length;
    rest->length -= s.length;
    return s;
}

static int64_t some_number(struct gyre_span *rest)
{
    struct gyre_span s = some(rest, sizeof(int64_t));
    int64_t number = 0;

    memcpy(&number, s.at, s.length);
    return number;
}

static void call(struct gyre_json *j, char what, struct gyre_span *rest)
{
    char *text = fuzz_string(some(rest, (unsigned char)what >> 4));
    const char *key = what & 8 ? text : NULL;
    int64_t number = 0;
    double real;

    switch (what & 7) {
    case 0: gyre_json_open(j, '{'); break;
    case 1: gyre_json_open(j, '['); break;
    case 2: gyre_json_close(j); break;
    case 3: gyre_json_key(j, text); break;
    case 4: gyre_json_span(j, key, some(rest, 20)); break;
    case 5: gyre_json_number(j, key, some_number(rest)); break;
    case 6:
        number = some_number(rest);
        memcpy(&real, &number, sizeof real);
        gyre_json_double(j, key, real);
        break;
    case 7: gyre_json_bool(j, key, true); break;
    }
    free(text);
}

void fuzz_json_written(const char *data, size_t n)
{
    struct gyre_span rest = {data, n};
    struct gyre_buf out = {0};
    struct gyre_json j;

    gyre_json_init(&j, &out);
    while (rest.length > 0 && j.err == 0)
        call(&j, *some(&rest, 1).at, &rest);
    while (j.depth > 0 && j.err == 0 && !j.keyed)
        gyre_json_close(&j);
    if (gyre_json_finish(&j) == 0) {
        always(is_json(gyre_span_from(out.at, out.length)));
    }
    gyre_buf_free(&out);
}
