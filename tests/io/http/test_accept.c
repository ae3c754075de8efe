/*
 * test_accept.c - what a client would rather have: RFC 9110, 12.4.2 and 12.5.
 */
#include <criterion/criterion.h>

#include "io/http/accept.h"

/* In a field between others, which does not count. */
static int accepts(const char *field, const char *what)
{
    struct gyre_http_field fields[] = {
        {gyre_span_of("Accept"), gyre_span_of("br;q=0.9")},
        {gyre_span_of("accept-encoding"), gyre_span_of(field)}};
    struct gyre_http_head h = {.fields = fields, .field_count = 2};

    return gyre_http_accepts(&h, "Accept-Encoding", what);
}

Test(accept, weighs_what_a_client_wants)
{
    static const struct {
        const char *field, *what;
        int weight;
    } cases[] = {
        {"gzip", "gzip", 1000},
        {"GZip", "gzip", 1000},
        {"gzip, br", "br", 1000},
        {"gzip", "br", 0},
        {"", "br", 0},
        {",,", "br", 0},
        {"gzip;q=0.5", "gzip", 500},
        {"gzip ; q=0.123", "gzip", 123},
        {"gzip;Q=0", "gzip", 0},
        {"gzip;q=1.000", "gzip", 1000},
        {"gzip;q=0.", "gzip", 0},
        {"gzip;q=1.001", "gzip", 0},
        {"gzip;q=0.1234", "gzip", 0},
        {"gzip;q=2", "gzip", 0},
        {"gzip;q=-1", "gzip", 0},
        {"gzip;q=", "gzip", 0},
        {"gzip;q=x", "gzip", 0},
        {"gzip;q=0x1", "gzip", 0},
        {"gzip;q=0.x", "gzip", 0},
        {"gzip;level=1;q=0.2", "gzip", 200},
        {"gzip;", "gzip", 1000},
        {";q=0.2, gzip", "gzip", 1000},
        {"*", "br", 1000},
        {"*;q=0.1, br;q=0.2", "br", 200},
        {"br;q=0.2, *;q=0.1", "br", 200},
        {"gzip;q=0, *", "gzip", 0},
        {"identity;q=0, *;q=0.5", "identity", 0},
        {"br;q=0.3, br;q=0.4", "br", 300},
        {"text/html", "text/html", 1000},
        {"text/*;q=0.3", "text/html", 300},
        {"*/*;q=0.1, text/*;q=0.3", "text/html", 300},
        {"text/html;level=1;q=0.7, text/*", "text/html", 700},
        {"*/*;q=0.1, text/*;q=0.3", "application/json", 100},
        {"application/*", "text/html", 0},
        {"te*", "text/html", 0},
        {"*/*", "br", 0},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        cr_expect_eq(accepts(cases[i].field, cases[i].what), cases[i].weight,
                     "%s in %s", cases[i].what, cases[i].field);
    cr_expect_eq(accepts(NULL, "br"), 0);
}

Test(accept, reads_several_fields_as_one_list)
{
    struct gyre_http_field fields[] = {
        {gyre_span_of("Accept-Encoding"), gyre_span_of("*;q=0.1, gzip;q=0.5")},
        {gyre_span_of("Accept-Encoding"), gyre_span_of("br, gzip")}};
    struct gyre_http_head h = {.fields = fields, .field_count = 2};

    cr_expect_eq(gyre_http_accepts(&h, "Accept-Encoding", "br"), 1000);
    cr_expect_eq(gyre_http_accepts(&h, "Accept-Encoding", "gzip"), 500);
    cr_expect_eq(gyre_http_accepts(&h, "Accept-Encoding", "zstd"), 100);
}
