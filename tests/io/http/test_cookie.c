/*
 * test_cookie.c - cookies are found, set, and understood as they are meant.
 */
#include <criterion/criterion.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "io/http/cookie.h"
#include "tests/io/http/table.h"
#include "tests/support/faults.h"

enum { NOW = 1000000000 };

/* ---- sent back ---- */

static void read_field(struct gyre_span text, struct gyre_buf *outcome)
{
    struct gyre_span name, value;

    while (gyre_cookie_next(&text, &name, &value))
        table_say(outcome, "(%.*s=%.*s)", (int)name.length, name.at,
                  (int)value.length, value.at);
}

Test(cookie, fields_are_divided_as_the_vectors_say)
{
    table_run("cookie.txt", read_field);
    table_mutate("cookie.txt", read_field, 100);
}

Test(cookie, is_found_by_its_name)
{
    struct gyre_span field =
        gyre_span_of("A=0; a=1; b=; a=2; c=\"3\"; quoted\"=4");

    cr_expect(
        gyre_span_equals(gyre_cookie_find(field, "a"), gyre_span_of("1")));
    cr_expect(
        gyre_span_equals(gyre_cookie_find(field, "A"), gyre_span_of("0")));
    cr_expect(
        gyre_span_equals(gyre_cookie_find(field, "c"), gyre_span_of("3")));
    cr_expect_eq(gyre_cookie_find(field, "b").length, 0);
    cr_expect_not_null(gyre_cookie_find(field, "b").at);
    cr_expect_null(gyre_cookie_find(field, "B").at);
    cr_expect_null(gyre_cookie_find(field, "").at);
    cr_expect_null(gyre_cookie_find(gyre_span_of(""), "a").at);
    cr_expect_null(gyre_cookie_find((struct gyre_span){0}, "a").at);
}

/* ---- to set ---- */

#define COOKIE(...) (&(struct gyre_cookie){__VA_ARGS__})

static void expect_composed(const struct gyre_cookie *c, const char *expected)
{
    struct gyre_buf out = {0};

    cr_expect_eq(gyre_cookie_compose(&out, c), 0, "%s", expected);
    cr_expect(gyre_span_equals(gyre_span_from(out.at, out.length),
                               gyre_span_of(expected)),
              "%s: %.*s", expected, (int)out.length, out.at);
    gyre_buf_free(&out);
}

Test(cookie, is_composed_with_what_was_said)
{
    expect_composed(COOKIE("a", "1"), "a=1; Path=/");
    expect_composed(COOKIE("a"), "a=; Path=/");
    expect_composed(COOKIE("a", "", "/b/c", "example.com", 3600),
                    "a=; Path=/b/c; Domain=example.com; Max-Age=3600");
    expect_composed(COOKIE("a", "1", .secure = true, .http_only = true,
                           .same_site = GYRE_COOKIE_STRICT),
                    "a=1; Path=/; Secure; HttpOnly; SameSite=Strict");
    expect_composed(COOKIE("a", "1", .same_site = GYRE_COOKIE_LAX),
                    "a=1; Path=/; SameSite=Lax");
    expect_composed(
        COOKIE("a", "1", .secure = true, .same_site = GYRE_COOKIE_NONE),
        "a=1; Path=/; Secure; SameSite=None");
    expect_composed(COOKIE("a", "gone", .max_age = 5, .expire = true),
                    "a=; Path=/; Max-Age=0; "
                    "Expires=Thu, 01 Jan 1970 00:00:00 GMT");
    expect_composed(COOKIE("__Host-a", "1", .secure = true),
                    "__Host-a=1; Path=/; Secure");
    expect_composed(COOKIE("__Secure-a", "1", "/x", "b.c", .secure = true),
                    "__Secure-a=1; Path=/x; Domain=b.c; Secure");
    expect_composed(COOKIE("a", "!#$%&'()*+-./:<=>?@[]^_`{|}~"),
                    "a=!#$%&'()*+-./:<=>?@[]^_`{|}~; Path=/");
}

Test(cookie, nothing_injects_and_no_client_would_refuse_it)
{
    const struct gyre_cookie refused[] = {
        {NULL, "1"},
        {"", "1"},
        {"a=b", "1"},
        {"a;b", "1"},
        {"a b", "1"},
        {"a\r\nX: y", "1"},
        {"a\xc3\xa9", "1"},
        {"a", "1; Path=/x"},
        {"a", "1;Secure"},
        {"a", "1\r\nX: y"},
        {"a", "1\n"},
        {"a", "a b"},
        {"a", "a,b"},
        {"a", "a\"b"},
        {"a", "a\\b"},
        {"a", "\x7f"},
        {"a", "\xc3\xa9"},
        {"a", "1", ""},
        {"a", "1", "x"},
        {"a", "1", "/; Domain=x"},
        {"a", "1", "/;Domain=x"},
        {"a", "1", "/\tx"},
        {"a", "1", "/\r\n"},
        {"a", "1", "/x "},
        {"a", "1", "/", ""},
        {"a", "1", "/", ".example.com"},
        {"a", "1", "/", "example.com."},
        {"a", "1", "/", "example..com"},
        {"a", "1", "/", "example.com; Secure"},
        {"a", "1", "/", "a b"},
        {"a", "1", .max_age = -1},
        {"a", "1", .same_site = GYRE_COOKIE_NONE},
        {"__Secure-a", "1"},
        {"__Host-a", "1"},
        {"__Host-a", "1", "/x", .secure = true},
        {"__Host-a", "1", "/", "a.b", .secure = true},
        {"__hOsT-a", "1", "/x", .secure = true},
        {"__SECURE-a", "1"},
    };

    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct gyre_buf out = {0};

        cr_assert_eq(gyre_buf_append(&out, "x", 1), 0);
        cr_expect_eq(gyre_cookie_compose(&out, &refused[i]), -EINVAL, "%zu", i);
        cr_expect_eq(out.length, 1);
        gyre_buf_free(&out);
    }
}

Test(cookie, may_be_as_long_as_clients_take)
{
    static char value[GYRE_COOKIE_MAX + 1], path[GYRE_COOKIE_MAX];
    static char domain[GYRE_COOKIE_ATTRIBUTE_MAX + 2];
    struct gyre_cookie c = {"a", value, path};
    struct gyre_buf out = {0};

    memset(value, 'x', GYRE_COOKIE_MAX - 1);
    memset(path, '/', GYRE_COOKIE_ATTRIBUTE_MAX);
    cr_expect_eq(gyre_cookie_compose(&out, &c), 0);
    value[GYRE_COOKIE_MAX - 1] = 'x';
    cr_expect_eq(gyre_cookie_compose(&out, &c), -EMSGSIZE);
    value[1] = '\0';
    path[GYRE_COOKIE_ATTRIBUTE_MAX] = '/';
    cr_expect_eq(gyre_cookie_compose(&out, &c), -EMSGSIZE);
    c = (struct gyre_cookie){"a", .domain = domain};
    memset(domain, 'x', GYRE_COOKIE_ATTRIBUTE_MAX);
    cr_expect_eq(gyre_cookie_compose(&out, &c), 0);
    domain[GYRE_COOKIE_ATTRIBUTE_MAX] = 'x';
    cr_expect_eq(gyre_cookie_compose(&out, &c), -EMSGSIZE);
    gyre_buf_free(&out);
}

static int compose_one(void)
{
    static char value[301];
    struct gyre_buf out = {0};
    int err;

    memset(value, '1', 300);
    err = gyre_cookie_compose(&out, COOKIE("a", value));
    cr_expect_eq(out.length, err ? 0 : 300 + strlen("a=; Path=/"));
    gyre_buf_free(&out);
    return err;
}

Test(cookie, without_memory_is_not_composed)
{
    cr_expect(faults_in_memory(compose_one) > 1);
}

/* ---- as they were set ---- */

static void say_span(struct gyre_buf *outcome, const char *what,
                     struct gyre_span s)
{
    if (s.at != NULL)
        table_say(outcome, " %s=%.*s", what, (int)s.length, s.at);
}

static void read_set(struct gyre_span text, struct gyre_buf *outcome)
{
    static const char *const same_site[] = {"", " strict", " lax", " none"};
    struct gyre_cookie_set c;

    if (gyre_cookie_read(text, NOW, &c) < 0) {
        table_say(outcome, "ignored");
        return;
    }
    table_say(outcome, "(%.*s=%.*s)", (int)c.name.length, c.name.at,
              (int)c.value.length, c.value.at);
    say_span(outcome, "path", c.path);
    say_span(outcome, "domain", c.domain);
    if (c.persistent && c.expires <= NOW)
        table_say(outcome, " expired");
    else if (c.persistent)
        table_say(outcome, " +%" PRId64, c.expires - NOW);
    table_say(outcome, "%s%s%s", c.secure ? " secure" : "",
              c.http_only ? " http-only" : "", same_site[c.same_site]);
}

Test(cookie, is_understood_as_the_vectors_say)
{
    table_run("set_cookie.txt", read_set);
    table_mutate("set_cookie.txt", read_set, 100);
}

Test(cookie, too_long_to_keep_is_ignored)
{
    static char text[2 * GYRE_COOKIE_MAX];
    struct gyre_cookie_set c;

    memset(text, 'x', sizeof text);
    text[1] = '=';
    cr_expect_eq(
        gyre_cookie_read(gyre_span_from(text, GYRE_COOKIE_MAX + 1), NOW, &c),
        0);
    cr_expect_eq(
        gyre_cookie_read(gyre_span_from(text, GYRE_COOKIE_MAX + 2), NOW, &c),
        -EPROTO);
    memcpy(text, "a=b; path=/", 11);
    cr_expect_eq(
        gyre_cookie_read(gyre_span_from(text, 10 + GYRE_COOKIE_ATTRIBUTE_MAX),
                         NOW, &c),
        0);
    cr_expect_eq(c.path.length, GYRE_COOKIE_ATTRIBUTE_MAX);
    cr_expect_eq(
        gyre_cookie_read(gyre_span_from(text, 11 + GYRE_COOKIE_ATTRIBUTE_MAX),
                         NOW, &c),
        0);
    cr_expect_null(c.path.at);
}

Test(cookie, may_be_kept_until_the_end_of_time)
{
    struct gyre_cookie_set c;

    cr_expect_eq(
        gyre_cookie_read(gyre_span_of("a=b; max-age=99999999999999999999"), NOW,
                         &c),
        0);
    cr_expect_eq(c.expires, INT64_MAX);
    cr_expect_eq(gyre_cookie_read(
                     gyre_span_of("a=b; max-age=9223372036854775807"), NOW, &c),
                 0);
    cr_expect_eq(c.expires, INT64_MAX);
    cr_expect_eq(gyre_cookie_read(
                     gyre_span_of("a=b; max-age=9223372036854775807"), -1, &c),
                 0);
    cr_expect_eq(c.expires, INT64_MAX, "by a clock that was never set");
}

/* What is composed is understood as it was meant. */
Test(cookie, goes_there_and_back)
{
    struct gyre_buf out = {0};
    struct gyre_cookie_set c;

    cr_expect_eq(
        gyre_cookie_compose(&out, COOKIE("a", "b=c", "/d", "e.f", 7,
                                         .secure = true, .http_only = true,
                                         .same_site = GYRE_COOKIE_NONE)),
        0);
    cr_expect_eq(gyre_cookie_read(gyre_span_from(out.at, out.length), NOW, &c),
                 0);
    cr_expect(gyre_span_equals(c.value, gyre_span_of("b=c")));
    cr_expect(gyre_span_equals(c.path, gyre_span_of("/d")));
    cr_expect(gyre_span_equals(c.domain, gyre_span_of("e.f")));
    cr_expect(c.persistent && c.expires == NOW + 7);
    cr_expect(c.secure && c.http_only && c.same_site == GYRE_COOKIE_NONE);
    gyre_buf_free(&out);
}

/* ---- dates ---- */

static void read_date(struct gyre_span text, struct gyre_buf *outcome)
{
    int64_t seconds;
    int err = gyre_cookie_date(text, &seconds);

    cr_assert(err == 0 || err == -EINVAL);
    if (err)
        table_say(outcome, "none");
    else
        table_say(outcome, "%" PRId64, seconds);
}

Test(cookie, dates_are_read_as_the_vectors_say)
{
    table_run("cookie_date.txt", read_date);
    table_mutate("cookie_date.txt", read_date, 200);
}
