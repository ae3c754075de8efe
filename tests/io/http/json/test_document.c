/*
 * test_document.c - what is JSON is read as it was meant, and the rest refused.
 */
#include <criterion/criterion.h>

#include <errno.h>
#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/http/json/document.h"
#include "tests/io/http/table.h"
#include "tests/support/faults.h"

typedef const struct gyre_json_value *value;

/* Parse, for tests whose text is known to be right. */
static value parse(struct gyre_json_document *d, const char *text)
{
    value root;

    cr_assert_eq(gyre_json_parse(d, gyre_span_of(text), &root), 0, "%s: %s",
                 text, d->why);
    cr_expect_null(d->why);
    return root;
}

/* ---- vectors: what was read, written again ---- */

static void rewrite(struct gyre_json *j, value v);

static void rewrite_number(struct gyre_json *j, value v)
{
    int64_t whole;
    double number;

    /* Zero has a sign, as a double. */
    if (gyre_json_as_int(v, &whole) == 0 && whole != 0)
        gyre_json_number(j, NULL, whole);
    else if (gyre_json_as_double(v, &number) == 0)
        gyre_json_double(j, NULL, number);
    else
        gyre_json_string(j, NULL, "too large");
}

static void rewrite_all(struct gyre_json *j, value v, char bracket)
{
    size_t n = 0;

    gyre_json_open(j, bracket);
    for (value e = gyre_json_next(v, NULL); e; e = gyre_json_next(v, e)) {
        cr_assert_eq(gyre_json_at(v, n++), e);
        cr_assert_eq(gyre_json_name(e).at != NULL, bracket == '{');
        if (bracket == '{')
            gyre_json_key(j, gyre_json_name(e).at);
        rewrite(j, e);
    }
    gyre_json_close(j);
    cr_assert_eq(gyre_json_count(v), n);
    cr_assert_null(gyre_json_at(v, n));
}

static void rewrite(struct gyre_json *j, value v)
{
    bool truth = false;

    switch (gyre_json_kind(v)) {
    case GYRE_JSON_ABSENT: cr_assert_fail(); break;
    case GYRE_JSON_NULL: gyre_json_null(j, NULL); break;
    case GYRE_JSON_NUMBER: rewrite_number(j, v); break;
    case GYRE_JSON_STRING: gyre_json_span(j, NULL, gyre_json_as_span(v)); break;
    case GYRE_JSON_ARRAY: rewrite_all(j, v, '['); break;
    case GYRE_JSON_OBJECT: rewrite_all(j, v, '{'); break;
    case GYRE_JSON_BOOL:
        cr_assert_eq(gyre_json_as_bool(v, &truth), 0);
        gyre_json_bool(j, NULL, truth);
        break;
    }
}

/* The text written again, or where it went wrong and why. */
static void read_text(struct gyre_span text, struct gyre_buf *outcome)
{
    static struct gyre_json_document d;
    struct gyre_json j;
    value root;
    int err = gyre_json_parse(&d, text, &root);

    cr_assert(err == 0 || err == -EPROTO || err == -EMSGSIZE);
    cr_assert_eq(err == 0, root != NULL);
    cr_assert_eq(err == 0, d.why == NULL);
    gyre_json_init(&j, outcome);
    if (err == 0)
        rewrite(&j, root);
    else
        table_say(outcome, "%zu: %s", d.failed_at, d.why);
    if (err == 0)
        cr_assert_eq(gyre_json_finish(&j), 0);
    gyre_json_free(&d);
}

Test(json_document, reads_what_the_vectors_say)
{
    table_run("json.txt", read_text);
}

/* What is read of a changed text is written, and read as the same. */
static void read_twice(struct gyre_span text, struct gyre_buf *outcome)
{
    struct gyre_buf again = {0};

    read_text(text, outcome);
    if (outcome->length > 0 && strchr("0123456789", outcome->at[0]) == NULL) {
        read_text(gyre_span_from(outcome->at, outcome->length), &again);
        cr_assert_eq(again.length, outcome->length);
        cr_assert_eq(memcmp(again.at, outcome->at, again.length), 0);
    }
    gyre_buf_free(&again);
}

Test(json_document, survives_any_text)
{
    table_mutate("json.txt", read_twice, 200);
}

/* ---- finding ---- */

Test(json_document, is_walked_by_names_and_numbers)
{
    struct gyre_json_document d = {0};
    value root = parse(&d, "{\"a\": [1, {\"b\": [true]}, \"x\"], \"c\": {}, "
                           "\"\": null}");
    value a = gyre_json_get(root, "a");
    bool truth = false;

    cr_expect_eq(gyre_json_count(root), 3);
    cr_expect_eq(gyre_json_count(a), 3);
    cr_expect_eq(
        gyre_json_as_bool(
            gyre_json_at(gyre_json_get(gyre_json_at(a, 1), "b"), 0), &truth),
        0);
    cr_expect(truth);
    cr_expect_str_eq(gyre_json_as_string(gyre_json_at(a, 2)), "x");
    cr_expect_eq(gyre_json_kind(gyre_json_get(root, "c")), GYRE_JSON_OBJECT);
    cr_expect_null(gyre_json_next(gyre_json_get(root, "c"), NULL));
    cr_expect_eq(gyre_json_kind(gyre_json_get(root, "")), GYRE_JSON_NULL);
    cr_expect_str_eq(gyre_json_name(gyre_json_at(root, 1)).at, "c");
    cr_expect_null(gyre_json_name(root).at);
    cr_expect_null(gyre_json_name(gyre_json_at(a, 0)).at);
    cr_expect_null(gyre_json_name(NULL).at);
    gyre_json_free(&d);
}

Test(json_document, what_is_not_there_stays_so)
{
    struct gyre_json_document d = {0};
    value root = parse(&d, "{\"a\": [1], \"b\": \"a\"}");
    value none = gyre_json_get(root, "nope");

    cr_expect_null(none);
    cr_expect_null(gyre_json_get(root, "A"));
    cr_expect_null(gyre_json_get(none, "a"));
    cr_expect_null(gyre_json_at(none, 0));
    cr_expect_null(gyre_json_next(none, NULL));
    cr_expect_eq(gyre_json_count(none), 0);
    cr_expect_eq(gyre_json_kind(none), GYRE_JSON_ABSENT);
    cr_expect_null(gyre_json_get(gyre_json_get(root, "a"), "a"));
    cr_expect_null(gyre_json_get(gyre_json_get(root, "b"), "a"));
    cr_expect_null(gyre_json_at(gyre_json_get(root, "b"), 0));
    cr_expect_eq(gyre_json_count(gyre_json_get(root, "b")), 0);
    gyre_json_free(&d);
}

Test(json_document, has_the_last_of_a_key_that_comes_twice)
{
    struct gyre_json_document d = {0};
    value root = parse(&d, "{\"a\": 1, \"\\u0061\": 2, \"b\": {\"a\": 3}}");
    int64_t n = 0;

    cr_expect_eq(gyre_json_as_int(gyre_json_get(root, "a"), &n), 0);
    cr_expect_eq(n, 2);
    cr_expect_eq(gyre_json_count(root), 3);
    gyre_json_free(&d);
}

/* ---- what values are ---- */

Test(json_document, values_are_of_one_kind)
{
    struct gyre_json_document d = {0};
    value root = parse(&d, "[null, true, 1, \"s\", [], {}]");
    int64_t n = 7;
    double x = 7;
    bool truth = true;

    for (size_t i = 0; i < 6; i++) {
        value v = gyre_json_at(root, i);

        cr_expect_eq(gyre_json_kind(v), GYRE_JSON_NULL + i);
        cr_expect_eq(gyre_json_as_int(v, &n), i == 2 ? 0 : -EINVAL);
        cr_expect_eq(gyre_json_as_double(v, &x), i == 2 ? 0 : -EINVAL);
        cr_expect_eq(gyre_json_as_bool(v, &truth), i == 1 ? 0 : -EINVAL);
        cr_expect_eq(gyre_json_as_string(v) != NULL, i == 3);
        cr_expect_eq(gyre_json_as_span(v).at != NULL, i == 2 || i == 3);
        cr_expect_eq(n, i < 2 ? 7 : 1);
    }
    cr_expect_eq(gyre_json_as_int(NULL, &n), -ENOENT);
    cr_expect_eq(gyre_json_as_double(NULL, &x), -ENOENT);
    cr_expect_eq(gyre_json_as_bool(NULL, &truth), -ENOENT);
    cr_expect_null(gyre_json_as_string(NULL));
    cr_expect_null(gyre_json_as_span(NULL).at);
    gyre_json_free(&d);
}

/* `code` in UTF-8, or what would be that of half a character. */
static size_t encode(char *to, unsigned code)
{
    int n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const unsigned first[] = {0, 0, 0xc0, 0xe0, 0xf0};

    for (int i = n - 1; i > 0; i--, code >>= 6)
        to[i] = (char)(0x80 | (code & 0x3f));
    to[0] = (char)(first[n] | code);
    return (size_t)n;
}

static void escape(char *to, unsigned code)
{
    unsigned above = code - 0x10000;

    if (code < 0x10000)
        sprintf(to, "\"\\u%04x\"", code);
    else
        sprintf(to, "\"\\u%04X\\u%04x\"", 0xd800 + (above >> 10),
                0xdc00 + (above & 0x3ff));
}

static bool reads_as(struct gyre_json_document *d, struct gyre_span text,
                     struct gyre_span expected)
{
    value root;

    return gyre_json_parse(d, text, &root) == 0 &&
           gyre_span_equals(gyre_json_as_span(root), expected);
}

Test(json_document, every_character_is_read_escaped_or_not)
{
    struct gyre_json_document d = {0};

    for (unsigned code = 0; code <= 0x10ffff; code++) {
        bool half = code >= 0xd800 && code < 0xe000;
        bool special = code < ' ' || code == '"' || code == '\\';
        char plain[8] = "\"", escaped[20];
        size_t n = encode(plain + 1, code);
        struct gyre_span expected = {plain + 1, n};

        plain[n + 1] = '"';
        escape(escaped, code);
        cr_assert_eq(reads_as(&d, gyre_span_of(escaped), expected), !half, "%x",
                     code);
        cr_assert_eq(reads_as(&d, gyre_span_from(plain, n + 2), expected),
                     !half && !special, "%x", code);
    }
    gyre_json_free(&d);
}

Test(json_document, a_string_with_a_nul_is_not_cut_short)
{
    struct gyre_json_document d = {0};
    value root = parse(&d, "\"admin\\u0000x\"");
    struct gyre_span s = gyre_json_as_span(root);

    cr_expect_null(gyre_json_as_string(root));
    cr_expect_eq(s.length, 7);
    cr_expect_eq(memcmp(s.at, "admin\0x", 8), 0);
    root = parse(&d, "{\"a\\u0000\": 1, \"a\": 2}");
    cr_expect_eq(gyre_json_get(root, "a"), gyre_json_at(root, 1));
    gyre_json_free(&d);
}

Test(json_document, whole_numbers_are_exact_or_an_error)
{
    static const struct {
        const char *text;
        int err;
        int64_t n;
    } cases[] = {
        {"0", 0, 0},
        {"-0", 0, 0},
        {"9007199254740993", 0, INT64_C(9007199254740993)},
        {"9223372036854775807", 0, INT64_MAX},
        {"-9223372036854775808", 0, INT64_MIN},
        {"-9223372036854775807", 0, -INT64_MAX},
        {"9223372036854775808", -ERANGE, 0},
        {"-9223372036854775809", -ERANGE, 0},
        {"9223372036854775810", -ERANGE, 0},
        {"100000000000000000000", -ERANGE, 0},
        {"1.0", -ERANGE, 0},
        {"1e2", -ERANGE, 0},
        {"-0.0", -ERANGE, 0},
    };
    struct gyre_json_document d = {0};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        value v = parse(&d, cases[i].text);
        int64_t n = 0;

        cr_expect_eq(gyre_json_as_int(v, &n), cases[i].err, "%s",
                     cases[i].text);
        cr_expect_eq(n, cases[i].n, "%s", cases[i].text);
        cr_expect_eq(gyre_json_as_span(v).length, strlen(cases[i].text));
    }
    gyre_json_free(&d);
}

static double number(const char *text)
{
    struct gyre_json_document d = {0};
    double x = NAN;

    cr_expect_eq(gyre_json_as_double(parse(&d, text), &x), 0, "%s", text);
    gyre_json_free(&d);
    return x;
}

Test(json_document, numbers_are_rounded_as_strtod_does)
{
    uint64_t seed = 2026;
    char text[64];

    for (int i = 0; i < 20000; i++) {
        double x;

        seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
        memcpy(&x, &seed, sizeof x);
        if (!isfinite(x))
            continue;
        snprintf(text, sizeof text, i % 2 ? "%.17g" : "%.25e", x);
        cr_assert_eq(number(text), strtod(text, NULL), "%s", text);
    }
}

Test(json_document, numbers_at_the_edges)
{
    static const char *const cases[] = {"0",
                                        "-0",
                                        "0.0",
                                        "0e5",
                                        "0.1",
                                        "1e23",
                                        "5e-324",
                                        "2e-324",
                                        "1e-400",
                                        "123e-2",
                                        "-1.5e+3",
                                        "1E308",
                                        "1.7976931348623157e308",
                                        "2.2250738585072011e-308",
                                        "0.000000000000000000000000001e27",
                                        "100000000000000000000e-20",
                                        "9007199254740993",
                                        "0.30000000000000004",
                                        "10e00000000000000001",
                                        "0e99999999999999999999",
                                        "1e-99999999999999999999"};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        cr_expect_eq(number(cases[i]), strtod(cases[i], NULL), "%s", cases[i]);
    cr_expect(signbit(number("-0")) != 0);
    cr_expect(signbit(number("-1e-400")) != 0);
}

/* Halfway between two doubles, but for a digit far behind. */
Test(json_document, no_digit_is_too_far_to_count)
{
    static char text[5000];
    const double above = 9007199254740994.0, even = 9007199254740992.0;
    size_t n = (size_t)snprintf(text, sizeof text, "9007199254740993.");

    memset(text + n, '0', 3000);
    cr_expect_eq(number(text), even);
    text[n + 2000] = '1';
    cr_expect_eq(number(text), above);
    text[n + 2000] = '0';
    memset(text, '0', 4000);
    text[1] = '.';
    snprintf(text + 4000, 100, "15e3999");
    cr_expect_eq(number(text), 1.5);
    text[0] = '1';
    text[1] = '0';
    snprintf(text + 4000, 100, "e-4000");
    cr_expect_eq(number(text), 0.1);
}

Test(json_document, what_is_too_large_is_an_error_and_not_infinite)
{
    static const char *const cases[] = {"1e309", "-1e309", "1e99999999999999",
                                        "1.7976931348623159e308"};
    struct gyre_json_document d = {0};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double x = 7;

        cr_expect_eq(gyre_json_as_double(parse(&d, cases[i]), &x), -ERANGE);
        cr_expect_eq(x, 7);
    }
    gyre_json_free(&d);
}

/* Runs where a locale with a decimal comma is installed, as on most
   desktops. */
Test(json_document, the_locale_has_no_say)
{
    static const char *const names[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE",
                                        "ps_AF.UTF-8"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (setlocale(LC_NUMERIC, names[i]) != NULL)
            cr_expect_eq(number("-1.5e-1"), -0.15);
    setlocale(LC_NUMERIC, "C");
}

/* ---- bounds ---- */

Test(json_document, is_as_deep_as_what_is_written)
{
    char text[2 * GYRE_JSON_DEPTH + 10] = "";
    struct gyre_json_document d = {0};
    value root;

    memset(text, '[', GYRE_JSON_DEPTH);
    memset(text + GYRE_JSON_DEPTH, ']', GYRE_JSON_DEPTH);
    cr_expect_eq(gyre_json_parse(&d, gyre_span_of(text), &root), 0);
    memset(text, '[', GYRE_JSON_DEPTH + 1);
    cr_expect_eq(gyre_json_parse(&d, gyre_span_of(text), &root), -EMSGSIZE);
    cr_expect_eq(d.failed_at, GYRE_JSON_DEPTH);
    gyre_json_free(&d);
}

Test(json_document, may_have_any_breadth)
{
    enum { MANY = 100000 };
    char *text = malloc(2 * MANY + 2);
    struct gyre_json_document d = {0};
    value root, v = NULL;
    size_t n = 0;

    cr_assert_not_null(text);
    memset(text, '0', 2 * MANY + 1);
    for (size_t i = 0; i <= MANY; i++)
        text[2 * i] = i == 0 ? '[' : ',';
    text[2 * MANY] = ']';
    cr_assert_eq(gyre_json_parse(&d, gyre_span_from(text, 2 * MANY + 1), &root),
                 0);
    while ((v = gyre_json_next(root, v)) != NULL)
        n++;
    cr_expect_eq(n, MANY);
    cr_expect(d.nodes.size <= 2 * 16 * (MANY + 2));
    gyre_json_free(&d);
    free(text);
}

Test(json_document, may_be_too_long)
{
    struct gyre_json_document d = {0};
    struct gyre_span text = {"", (size_t)GYRE_JSON_TEXT_MAX + 1};
    value root;

    cr_expect_eq(gyre_json_parse(&d, text, &root), -EMSGSIZE);
    cr_expect_null(root);
    cr_expect_eq(d.failed_at, 0);
}

/* 0.000...01 with an exponent that no zeros make up for. */
Test(json_document, no_exponent_is_made_up_for_by_zeros)
{
    const size_t zeros = 150000000, n = zeros + 20;
    struct gyre_json_document d = {0};
    char *text = malloc(n);
    double x = 7;
    value root;

    cr_assert_not_null(text);
    memset(text, '0', n);
    text[1] = '.';
    memcpy(text + zeros, "1e1000000000", 12);
    cr_expect_eq(gyre_json_parse(&d, gyre_span_from(text, zeros + 12), &root),
                 0);
    cr_expect_eq(gyre_json_as_double(root, &x), -ERANGE);
    cr_expect_eq(x, 7);
    gyre_json_free(&d);
    free(text);
}

Test(json_document, is_used_again_after_an_error)
{
    struct gyre_json_document d = {0};
    value root;

    cr_expect_eq(gyre_json_parse(&d, gyre_span_of("[1,2"), &root), -EPROTO);
    cr_expect_null(root);
    cr_expect_eq(gyre_json_count(parse(&d, "[1]")), 1);
    gyre_json_free(&d);
    cr_expect_eq(gyre_json_count(parse(&d, "[1, 2]")), 2);
    gyre_json_free(&d);
}

static int read_much(void)
{
    static struct ledger books = {.base = FAULTS_LEDGER};
    struct gyre_json_document d = {.text.allocator = &books.base,
                                   .nodes.allocator = &books.base};
    value root;
    int err = gyre_json_parse(&d,
                              gyre_span_of("[[[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,"
                                           "0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,"
                                           "0,0,0,0,0,0,0,0,0,0,0,0,0,0]]]"),
                              &root);

    cr_expect_eq(err == 0, root != NULL);
    gyre_json_free(&d);
    cr_expect_eq(books.blocks, 0);
    cr_expect_not(books.wrong);
    return err;
}

Test(json_document, without_memory_says_so)
{
    cr_expect(faults_in_memory(read_much) > 2);
}
