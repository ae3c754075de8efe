/*
 * test_json.c - what is written is JSON, or an error is.
 */
#include <criterion/criterion.h>

#include <errno.h>
#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "io/http/json/json.h"
#include "tests/support/faults.h"

/* What has been written, ended by a NUL; the writer begins anew. */
static const char *taken(struct gyre_json *j, struct gyre_buf *out,
                         char text[512])
{
    snprintf(text, 512, "%.*s", (int)out->length, out->at);
    gyre_buf_free(out);
    gyre_json_init(j, out);
    return text;
}

Test(json, the_articles_answer)
{
    struct gyre_buf out = {0};
    struct gyre_json j;
    char text[512];

    gyre_json_init(&j, &out);
    gyre_json_open(&j, '{');
    gyre_json_string(&j, "path_name_variable", "x");
    gyre_json_string(&j, "query_param_a", "1");
    gyre_json_string(&j, "query_param_b", NULL);
    cr_expect_eq(gyre_json_close(&j), 0);
    cr_expect_eq(gyre_json_finish(&j), 0);
    cr_expect_str_eq(taken(&j, &out, text),
                     "{\"path_name_variable\":\"x\",\"query_param_a\":\"1\","
                     "\"query_param_b\":null}");
}

Test(json, values_of_every_kind_inside_one_another)
{
    struct gyre_buf out = {0};
    struct gyre_json j;
    char text[512];

    gyre_json_init(&j, &out);
    gyre_json_open(&j, '[');
    gyre_json_number(&j, NULL, INT64_MIN);
    gyre_json_open(&j, '{');
    gyre_json_close(&j);
    gyre_json_open(&j, '{');
    gyre_json_key(&j, "a");
    gyre_json_open(&j, '[');
    gyre_json_bool(&j, NULL, true);
    gyre_json_bool(&j, NULL, false);
    gyre_json_close(&j);
    gyre_json_null(&j, "b");
    gyre_json_key(&j, "c");
    gyre_json_double(&j, NULL, 0.1);
    gyre_json_close(&j);
    gyre_json_open(&j, '[');
    gyre_json_close(&j);
    cr_expect_eq(gyre_json_finish(&j), -EINVAL);
    cr_expect_eq(gyre_json_close(&j), 0);
    cr_expect_eq(gyre_json_finish(&j), 0);
    cr_expect_str_eq(taken(&j, &out, text),
                     "[-9223372036854775808,{},{\"a\":[true,false],\"b\":null,"
                     "\"c\":0.1},[]]");
}

static void check_string(struct gyre_span given, const char *expected)
{
    struct gyre_buf out = {0};
    struct gyre_json j;
    char text[512];

    gyre_json_init(&j, &out);
    cr_expect_eq(gyre_json_span(&j, NULL, given), 0);
    cr_expect_eq(gyre_json_finish(&j), 0);
    cr_expect_str_eq(taken(&j, &out, text), expected);
}

Test(json, strings_are_escaped)
{
    check_string(gyre_span_of(""), "\"\"");
    check_string(gyre_span_of("a\"b\\c/d"), "\"a\\\"b\\\\c/d\"");
    check_string(gyre_span_of("\b\f\n\r\t\x01\x1f\x7f"),
                 "\"\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\"");
    check_string(gyre_span_from("a\0b", 3), "\"a\\u0000b\"");
    check_string(gyre_span_of("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"),
                 "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"");
    check_string(gyre_span_of(NULL), "null");
}

#define BAD "\xef\xbf\xbd"

Test(json, what_is_not_utf8_is_replaced)
{
    static const char *const cases[][2] = {
        {"a\xff"
         "b",
         "\"a" BAD "b\""},
        {"\x80", "\"" BAD "\""},
        {"\xc3", "\"" BAD "\""},
        {"\xc3\"", "\"" BAD "\\\"\""},
        {"\xc0\xaf", "\"" BAD BAD "\""},
        {"\xe0\x9f\xbf", "\"" BAD BAD BAD "\""},
        {"\xe0\xa0\x80", "\"\xe0\xa0\x80\""},
        {"\xed\xa0\x80", "\"" BAD BAD BAD "\""},
        {"\xed\x9f\xbf", "\"\xed\x9f\xbf\""},
        {"\xf0\x8f\xbf\xbf", "\"" BAD BAD BAD BAD "\""},
        {"\xf0\x90\x80\x80", "\"\xf0\x90\x80\x80\""},
        {"\xf4\x8f\xbf\xbf", "\"\xf4\x8f\xbf\xbf\""},
        {"\xf4\x90\x80\x80", "\"" BAD BAD BAD BAD "\""},
        {"\xf5\x80\x80\x80", "\"" BAD BAD BAD BAD "\""},
        {"\xe2\x82", "\"" BAD BAD "\""},
        {"\xc3\xa9\xc3", "\"\xc3\xa9" BAD "\""},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_string(gyre_span_of(cases[i][0]), cases[i][1]);
}

static void check_double(double value, const char *expected)
{
    struct gyre_buf out = {0};
    struct gyre_json j;
    char text[512];

    gyre_json_init(&j, &out);
    cr_expect_eq(gyre_json_double(&j, NULL, value), 0);
    taken(&j, &out, text);
    if (expected != NULL)
        cr_expect_str_eq(text, expected);
    cr_expect_eq(strtod(text, NULL), value, "%s", text);
}

Test(json, numbers_are_short_and_read_back)
{
    check_double(0, "0");
    check_double(-0.0, "-0");
    check_double(1, "1");
    check_double(0.1, "0.1");
    check_double(-2.5, "-2.5");
    check_double(1e300, "1e+300");
    check_double(5e-324, "5e-324");
    check_double(-1e-310, "-1e-310");
    check_double(DBL_MIN, "2.2250738585072014e-308");
    check_double(0.1 + 0.2, "0.30000000000000004");
    check_double(DBL_MAX, NULL);
    check_double(1.0 / 3, NULL);
}

Test(json, what_is_no_number_is_an_error)
{
    static const double cases[] = {NAN, INFINITY, -INFINITY};

    for (size_t i = 0; i < 3; i++) {
        struct gyre_buf out = {0};
        struct gyre_json j;

        gyre_json_init(&j, &out);
        cr_expect_eq(gyre_json_double(&j, NULL, cases[i]), -EDOM);
        cr_expect_eq(out.length, 0);
    }
}

/* Runs where a locale with a decimal comma is installed, as on most
   desktops. */
Test(json, the_locale_has_no_say)
{
    static const char *const names[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE",
                                        "ps_AF.UTF-8"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct gyre_buf out = {0};
        struct gyre_json j;
        char text[512];

        if (setlocale(LC_NUMERIC, names[i]) == NULL)
            continue;
        gyre_json_init(&j, &out);
        cr_expect_eq(gyre_json_double(&j, NULL, -1.5e-9), 0);
        cr_expect_str_eq(taken(&j, &out, text), "-1.5e-09");
    }
    setlocale(LC_NUMERIC, "C");
}

/*
 * Each letter is a call, on a fresh writer: [ and { open, ) closes, n is a
 * null, k one with a key, K a key alone, ( opens what cannot be.
 */
static int play(struct gyre_json *j, const char *calls)
{
    for (; *calls != '\0'; calls++) {
        switch (*calls) {
        case ')': gyre_json_close(j); break;
        case 'n': gyre_json_null(j, NULL); break;
        case 'k': gyre_json_null(j, "k"); break;
        case 'K': gyre_json_key(j, "k"); break;
        default: gyre_json_open(j, *calls);
        }
    }
    return gyre_json_finish(j);
}

Test(json, misuse_is_an_error_and_stays_one)
{
    static const char *const wrong[] = {
        "",  "{",   "[n",   ")",    "nn",   "{n)",  "[k)", "k",
        "K", "Kn",  "{KK)", "{K)",  "[K)",  "{Kk)", "[))", "{)n",
        "(", "[()", "{{",   "[)[)", "{K{)", "{[)",
    };
    static const char *const right[] = {"n",     "{)",      "[)",   "{k)",
                                        "{Kn)",  "{kk)",    "[nn)", "[{)[)n)",
                                        "{K[))", "{K{Kn)k)"};

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct gyre_buf out = {0};
        struct gyre_json j;

        gyre_json_init(&j, &out);
        cr_expect_eq(play(&j, wrong[i]), -EINVAL, "%s", wrong[i]);
        if (j.err) {
            size_t written = out.length;

            cr_expect_eq(gyre_json_close(&j), -EINVAL);
            cr_expect_eq(gyre_json_number(&j, NULL, 1), -EINVAL);
            cr_expect_eq(gyre_json_key(&j, "a"), -EINVAL);
            cr_expect_eq(out.length, written);
        }
        gyre_buf_free(&out);
    }
    for (size_t i = 0; i < sizeof right / sizeof *right; i++) {
        struct gyre_buf out = {0};
        struct gyre_json j;

        gyre_json_init(&j, &out);
        cr_expect_eq(play(&j, right[i]), 0, "%s", right[i]);
        gyre_buf_free(&out);
    }
}

Test(json, there_is_an_end_to_depth)
{
    struct gyre_buf out = {0};
    struct gyre_json j;

    gyre_json_init(&j, &out);
    for (int i = 0; i < GYRE_JSON_DEPTH; i++)
        cr_expect_eq(gyre_json_open(&j, '['), 0);
    cr_expect_eq(gyre_json_open(&j, '['), -EMSGSIZE);
    cr_expect_eq(gyre_json_close(&j), -EMSGSIZE);
    gyre_buf_free(&out);

    gyre_json_init(&j, &out);
    for (int i = 0; i < GYRE_JSON_DEPTH; i++) {
        gyre_json_open(&j, i % 2 ? '[' : '{');
        if (i % 2 == 0)
            gyre_json_key(&j, "k");
    }
    gyre_json_null(&j, NULL);
    for (int i = 0; i < GYRE_JSON_DEPTH; i++)
        cr_expect_eq(gyre_json_close(&j), 0);
    cr_expect_eq(gyre_json_finish(&j), 0);
    gyre_buf_free(&out);
}

static int write_much(void)
{
    struct gyre_buf out = {0};
    struct gyre_json j;
    int err;

    gyre_json_init(&j, &out);
    gyre_json_open(&j, '[');
    for (int i = 0; i < 1000; i++)
        gyre_json_number(&j, NULL, i);
    err = gyre_json_close(&j);
    cr_expect_eq(gyre_json_finish(&j), err);
    gyre_buf_free(&out);
    return err;
}

Test(json, without_memory_the_error_is_kept)
{
    cr_expect(faults_in_memory(write_much) > 3);
}
