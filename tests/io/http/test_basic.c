/*
 * test_basic.c - the claims of basic.h.
 */
#include <criterion/criterion.h>

#include <errno.h>
#include <string.h>

#include "io/http/basic.h"

static void expect_field(const struct gyre_http_fields *f, const char *value)
{
    struct gyre_span got = gyre_http_fields_get(f, "Authorization");

    cr_expect(gyre_span_equals(got, gyre_span_of(value)), "%.*s",
              (int)got.length, got.at);
}

Test(basic, says_who_asks)
{
    struct gyre_http_fields f = {0};

    cr_expect_eq(gyre_http_fields_set_basic(&f, "Authorization", "Aladdin",
                                            "open sesame"),
                 0);
    expect_field(&f, "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    cr_expect_eq(
        gyre_http_fields_set_basic(&f, "Authorization", "test", "123\xc2\xa3"),
        0);
    expect_field(&f, "Basic dGVzdDoxMjPCow==");
    cr_expect_eq(gyre_http_fields_set_basic(&f, "Authorization", "", ":"), 0);
    expect_field(&f, "Basic Ojo=");
    gyre_http_fields_free(&f);
}

Test(basic, refuses_what_the_other_side_would_read_otherwise)
{
    static const char *const wrong[][2] = {
        {"a:b", "c"}, {"a\n", "c"}, {"a", "\r"}, {"a", "\x7f"}, {"a\t", "c"}};
    struct gyre_http_fields f = {0};

    cr_expect_eq(
        gyre_http_fields_set_basic(&f, "Authorization", "test", "123\xc2\xa3"),
        0);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        cr_expect_eq(gyre_http_fields_set_basic(&f, "Authorization",
                                                wrong[i][0], wrong[i][1]),
                     -EINVAL);
    expect_field(&f, "Basic dGVzdDoxMjPCow==");
    gyre_http_fields_free(&f);
}

Test(basic, refuses_more_than_fields_may_be)
{
    static char password[GYRE_HTTP_FIELDS_MAX];
    struct gyre_http_fields f = {0};

    memset(password, 'x', sizeof password - 1);
    cr_expect_eq(
        gyre_http_fields_set_basic(&f, "Authorization", "test", password),
        -EMSGSIZE);
    gyre_http_fields_free(&f);
}
