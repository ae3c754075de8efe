/*
 * test_escape.c - escapes are undone once, and names of files stay beneath.
 */
#include <criterion/criterion.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "io/http/escape.h"
#include "tests/io/http/table.h"

static struct gyre_span of(const char *s)
{
    return gyre_span_of(s);
}

Test(escape, escapes_are_undone_once)
{
    static const struct {
        const char *text, *plain; /* NULL: it is refused */
        bool form;
    } cases[] = {
        {"", "", false},
        {"abc", "abc", false},
        {"a%20b", "a b", false},
        {"a+b", "a+b", false},
        {"a+b", "a b", true},
        {"a%2Bb", "a+b", true},
        {"%c3%A9", "\xc3\xa9", false},
        {"%2525", "%25", false},
        {"%252e%252e", "%2e%2e", false},
        {"%7f%01", "\x7f\x01", false},
        {"%", NULL, false},
        {"a%2", NULL, false},
        {"%zz", NULL, false},
        {"%2g", NULL, false},
        {"%-1", NULL, false},
        {"% 1", NULL, false},
        {"%%20", NULL, false},
        {"%00", NULL, false},
        {"a%00b", NULL, true},
        {"%u0041", NULL, false},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char out[32];
        ssize_t n = gyre_url_unescape(out, of(cases[i].text), cases[i].form);

        if (cases[i].plain == NULL) {
            cr_expect_eq(n, -EINVAL, "%s", cases[i].text);
            continue;
        }
        cr_expect_eq(n, (ssize_t)strlen(cases[i].plain), "%s", cases[i].text);
        cr_expect_str_eq(out, cases[i].plain);
        cr_expect(gyre_url_unescapes_to(of(cases[i].text), of(cases[i].plain),
                                        cases[i].form));
    }
}

Test(escape, a_text_is_compared_as_it_would_be_unescaped)
{
    cr_expect(gyre_url_unescapes_to(of("%61b"), of("ab"), false));
    cr_expect(!gyre_url_unescapes_to(of("%61b"), of("a"), false));
    cr_expect(!gyre_url_unescapes_to(of("%61"), of("ab"), false));
    cr_expect(!gyre_url_unescapes_to(of("%61%"), of("a"), false));
    cr_expect(!gyre_url_unescapes_to(of("%6"), of("%6"), false));
    cr_expect(!gyre_url_unescapes_to(of("%00"), gyre_span_from("", 1), false));
    cr_expect(gyre_url_unescapes_to(of(""), of(""), false));
}

Test(escape, unescapes_in_place)
{
    char text[] = "%41%42c";

    cr_expect_eq(gyre_url_unescape(text, of(text), false), 3);
    cr_expect_str_eq(text, "ABc");
}

Test(escape, every_byte_comes_back)
{
    for (int byte = 1; byte < 256; byte++) {
        struct gyre_buf b = {0};
        char text[2] = {(char)byte, '\0'};
        char back[4];

        cr_assert_eq(gyre_url_escape(&b, of(text), "/"), 0);
        cr_expect(b.length == 3 ||
                  (b.length == 1 && strchr("-._~/", byte) != NULL) ||
                  (byte >= '0' && byte <= '9') ||
                  ((byte | 32) >= 'a' && (byte | 32) <= 'z'));
        cr_expect_eq(
            gyre_url_unescape(back, gyre_span_from(b.at, b.length), true), 1);
        cr_expect_str_eq(back, text);
        gyre_buf_free(&b);
    }
}

/* The pairs of `query`, as "name=value;" with NULL as "-". */
static void check_pairs(const char *query, const char *expected)
{
    struct gyre_span rest = of(query), name, value;
    char text[128] = "";

    while (gyre_url_next_pair(&rest, &name, &value)) {
        strncat(text, name.at, name.length);
        strcat(text, "=");
        strncat(text, value.at ? value.at : "-", value.at ? value.length : 1);
        strcat(text, ";");
    }
    cr_expect_str_eq(text, expected);
}

Test(escape, a_query_is_pairs_between_ampersands)
{
    check_pairs("", "");
    check_pairs("a=1", "a=1;");
    check_pairs("a=1&b=2", "a=1;b=2;");
    check_pairs("a", "a=-;");
    check_pairs("a=", "a=;");
    check_pairs("=1", "=1;");
    check_pairs("&&a=1&&", "a=1;");
    check_pairs("a=b=c&d%26=e%26f", "a=b=c;d%26=e%26f;");
}

Test(escape, a_pair_is_found_by_its_plain_name)
{
    const struct gyre_span query = {"a%20b=1&c+d=2&c=3&c=4&e&f=", 26};

    cr_expect(gyre_span_equals(gyre_url_find_pair(query, "a b"), of("1")));
    cr_expect(gyre_span_equals(gyre_url_find_pair(query, "c d"), of("2")));
    cr_expect(gyre_span_equals(gyre_url_find_pair(query, "c"), of("3")));
    cr_expect_not_null(gyre_url_find_pair(query, "e").at);
    cr_expect_eq(gyre_url_find_pair(query, "e").length, 0);
    cr_expect_not_null(gyre_url_find_pair(query, "f").at);
    cr_expect_null(gyre_url_find_pair(query, "g").at);
    cr_expect_null(gyre_url_find_pair(of(NULL), "a").at);
}

static void say_name(struct gyre_span path, struct gyre_buf *outcome)
{
    char *out = malloc(path.length + 1);
    ssize_t n;

    cr_assert_not_null(out);
    n = gyre_url_file_name(out, path);
    cr_expect(n == -EINVAL || n == (ssize_t)strlen(out));
    if (n < 0)
        table_say(outcome, "refused");
    else
        table_say(outcome, "[%s]", out);
    free(out);
}

Test(escape, names_of_files_stay_beneath)
{
    table_run("file_name.txt", say_name);
}

/* Two bytes that some once took for a dot are none. */
Test(escape, an_overlong_dot_is_no_dot)
{
    char out[32];

    cr_expect_eq(gyre_url_file_name(out, of("/%c0%ae%c0%ae/a")), 6);
    cr_expect_str_eq(out, "\xc0\xae\xc0\xae/a");
}

Test(escape, a_damaged_path_is_not_read_beyond)
{
    table_mutate("file_name.txt", say_name, 300);
}
