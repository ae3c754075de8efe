/*
 * test_span.c - spans compare by what they hold, and lists come apart.
 */
#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>

#include "io/http/internal.h"
#include "io/http/span.h"

static struct gyre_span of(const char *s)
{
    return gyre_span_of(s);
}

Test(span, compares_by_what_it_holds)
{
    cr_expect(gyre_span_equals(of("a"), gyre_span_from("ab", 1)));
    cr_expect(!gyre_span_equals(of("a"), of("A")));
    cr_expect(!gyre_span_equals(of("a"), of("ab")));
    cr_expect(gyre_span_equals(of(NULL), of("")));
    cr_expect(gyre_span_equals_nocase(of("aZ-9"), of("Az-9")));
    cr_expect(!gyre_span_equals_nocase(of("@["), of("`{")));
    cr_expect(!gyre_span_equals_nocase(of("\xc3\x89"), of("\xc3\xa9")));
}

static void check_list(const char *list, const char *expected)
{
    struct gyre_span rest = of(list), element;
    char text[64] = "";

    while (gyre_span_next(&rest, &element)) {
        strncat(text, element.at, element.length);
        strcat(text, ";");
    }
    cr_expect_str_eq(text, expected);
}

Test(span, a_list_comes_apart_at_its_commas)
{
    check_list("", "");
    check_list("a", "a;");
    check_list("a,b", "a;b;");
    check_list(" a ,\t, b c ,,", "a;b c;");
    check_list(",", "");
    cr_expect(gyre_span_lists(of("a, B ,c"), "b"));
    cr_expect(!gyre_span_lists(of("a, bb"), "b"));
    cr_expect(!gyre_span_lists(of(NULL), "b"));
}

/* The fast way must agree with the table, wherever in a word the byte is. */
static void check_text(int byte, size_t n)
{
    for (size_t at = 0; at < n; at++) {
        char text[40];
        struct gyre_span s = {text, n};

        memset(text, (byte & 1) ? 0x80 : ' ', sizeof text);
        text[at] = (char)byte;
        cr_assert_eq(gyre_http_is_text(s), gyre_http_all(s, GYRE_HTTP_TEXT),
                     "0x%02x at %zu of %zu", byte, at, n);
    }
}

Test(span, text_is_told_the_same_sixteen_bytes_at_a_time)
{
    for (int byte = 0; byte < 256; byte++)
        for (size_t n = 0; n <= 40; n++)
            check_text(byte, n);
}

/* A byte at `at` in a line of letters: what is leapt over is of the class, and
   letters are leapt over. */
static void check_leap(enum gyre_http_class class, int byte, size_t at)
{
    char line[40];
    struct gyre_span s = {line, sizeof line};
    size_t n;

    memset(line, 'x', sizeof line);
    line[at] = (char)byte;
    n = class == GYRE_HTTP_TOKEN ? gyre_http_leap_name(s)
                                 : gyre_http_leap_target(s);
    cr_expect_leq(n, gyre_http_prefix(s, class), "%02x at %zu", byte, at);
    cr_expect_geq(n, at < 32 ? at : 32, "%02x at %zu", byte, at);
}

Test(span, no_byte_is_leapt_over_that_ends_a_name_or_a_target)
{
    for (int byte = 0; byte < 256; byte++) {
        for (size_t at = 0; at < 40; at++) {
            check_leap(GYRE_HTTP_TOKEN, byte, at);
            check_leap(GYRE_HTTP_TARGET, byte, at);
        }
    }
}

Test(span, names_and_targets_are_leapt_over_sixteen_bytes_at_a_time)
{
    struct gyre_span name = gyre_span_of("Access-Control-Request-Headers-2");
    struct gyre_span target = gyre_span_of("/a?b=%20&c=(d)!~\"{}|^`<>[];:@$,+");

    cr_expect_eq(gyre_http_leap_name(name), 32);
    cr_expect_eq(target.length, 32);
    cr_expect_eq(gyre_http_leap_target(target), 32);
    cr_expect_eq(gyre_http_leap_name(gyre_span_from(name.at, 31)), 16);
}
