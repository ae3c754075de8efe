/*
 * test_fields.c - no field can end its line early, or frame a message.
 */
#include <criterion/criterion.h>

#include <errno.h>

#include "io/http/fields.h"
#include "io/http/head.h"

static void expect_text(const struct gyre_http_fields *f, const char *text)
{
    cr_expect(gyre_span_equals(gyre_span_from(f->text.at, f->text.length),
                               gyre_span_of(text)),
              "%.*s", (int)f->text.length, f->text.at);
}

Test(fields, set_replaces_and_add_adds)
{
    struct gyre_http_fields f = {0};

    cr_expect_eq(gyre_http_fields_set(&f, "A", "1"), 0);
    cr_expect_eq(gyre_http_fields_add(&f, "B", "2"), 0);
    cr_expect_eq(gyre_http_fields_add(&f, "b", " 3\t"), 0);
    expect_text(&f, "A: 1\r\nB: 2\r\nb: 3\r\n");
    cr_expect_eq(gyre_http_fields_set(&f, "b", "4: 5"), 0);
    expect_text(&f, "A: 1\r\nb: 4: 5\r\n");
    cr_expect_eq(gyre_http_fields_set(&f, "C", ""), 0);
    cr_expect(
        gyre_span_equals(gyre_http_fields_get(&f, "B"), gyre_span_of("4: 5")));
    cr_expect_not_null(gyre_http_fields_get(&f, "c").at);
    cr_expect_eq(gyre_http_fields_get(&f, "c").length, 0);
    cr_expect_null(gyre_http_fields_get(&f, "4").at);
    gyre_http_fields_remove(&f, "a");
    gyre_http_fields_remove(&f, "nothing");
    expect_text(&f, "b: 4: 5\r\nC: \r\n");
    gyre_http_fields_free(&f);
    cr_expect_null(gyre_http_fields_get(&f, "b").at);
}

Test(fields, every_byte_that_would_end_a_line_is_refused)
{
    struct gyre_http_fields f = {0};

    gyre_http_fields_set(&f, "A", "1");
    for (int byte = 1; byte < 256; byte++) {
        char name[] = {'x', (char)byte, 'y', '\0'};
        bool text = byte == '\t' || (byte >= ' ' && byte != 0x7f);
        bool token = byte > ' ' && byte < 0x7f &&
                     strchr("\"(),/:;<=>?@[\\]{}", byte) == NULL;

        cr_expect_eq(gyre_http_fields_set(&f, "B", name), text ? 0 : -EINVAL,
                     "0x%02x in a value", byte);
        cr_expect_eq(gyre_http_fields_set(&f, name, "z"), token ? 0 : -EINVAL,
                     "0x%02x in a name", byte);
        gyre_http_fields_remove(&f, name);
    }
    gyre_http_fields_remove(&f, "B");
    expect_text(&f, "A: 1\r\n");
    gyre_http_fields_free(&f);
}

Test(fields, what_is_injected_is_refused)
{
    static const char *const values[] = {"a\r\nSet-Cookie: b", "a\nb", "a\rb",
                                         "\r\n\r\n<html>", "a\r\n b"};
    static const char *const names[] = {"",   "A: b\r\nC", "A ",
                                        " A", "A:",        "A\r"};
    struct gyre_http_fields f = {0};

    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        cr_expect_eq(gyre_http_fields_set(&f, "A", values[i]), -EINVAL);
        cr_expect_eq(gyre_http_fields_add(&f, "A", values[i]), -EINVAL);
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        cr_expect_eq(gyre_http_fields_set(&f, names[i], "a"), -EINVAL);
    cr_expect_eq(f.text.length, 0);
    gyre_http_fields_free(&f);
}

Test(fields, framing_is_not_the_users)
{
    static const char *const names[] = {
        "Content-Length", "content-length", "Transfer-Encoding", "CONNECTION",
        "Keep-Alive",     "Trailer",        "Upgrade",           "Host"};
    struct gyre_http_fields f = {0};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        cr_expect_eq(gyre_http_fields_set(&f, names[i], "5"), -EINVAL, "%s",
                     names[i]);
    cr_expect_eq(gyre_http_fields_set(&f, "Content-Type", "a/b"), 0);
    gyre_http_fields_free(&f);
}

Test(fields, there_is_an_end_to_them)
{
    struct gyre_http_fields f = {0};
    char value[GYRE_HTTP_FIELDS_MAX + 1];
    size_t before;

    memset(value, 'x', sizeof value);
    value[GYRE_HTTP_FIELDS_MAX] = '\0';
    cr_expect_eq(gyre_http_fields_set(&f, "A", value), -EMSGSIZE);
    value[GYRE_HTTP_FIELDS_MAX - strlen("A: \r\n")] = '\0';
    cr_expect_eq(gyre_http_fields_set(&f, "A", value), 0);
    before = f.text.length;
    cr_expect_eq(before, GYRE_HTTP_FIELDS_MAX);
    cr_expect_eq(gyre_http_fields_add(&f, "B", ""), -EMSGSIZE);
    cr_expect_eq(f.text.length, before);
    gyre_http_fields_free(&f);
}

Test(fields, what_came_is_found_in_any_case)
{
    static const char text[] = "GET / HTTP/1.1\r\nHost: a\r\nX-Y: 1\r\n"
                               "x-y: 2\r\nEmpty:\r\n\r\n";
    struct gyre_http_field fields[8];
    struct gyre_http_head h;

    gyre_http_head_init(&h, GYRE_HTTP_REQUEST, fields, 8, NULL);
    cr_assert_eq(gyre_http_head_parse(&h, text, sizeof text - 1),
                 sizeof text - 1);
    cr_expect(gyre_span_equals(
        gyre_http_field_find(fields, h.field_count, "x-Y"), gyre_span_of("1")));
    cr_expect_not_null(gyre_http_field_find(fields, h.field_count, "empty").at);
    cr_expect_null(gyre_http_field_find(fields, h.field_count, "X").at);
}
