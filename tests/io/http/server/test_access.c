/*
 * test_access.c - the claims of access.h.
 */
#include <criterion/criterion.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "io/http/server/access.h"
#include "tests/support/faults.h"

#define DATE "Sun, 06 Nov 1994 08:49:37 GMT"

static struct gyre_http_access example(void)
{
    return (struct gyre_http_access){.peer = "127.0.0.1:4711",
                                     .date = DATE,
                                     .method = gyre_span_of("GET"),
                                     .target = gyre_span_of("/x?y=1"),
                                     .minor = 1,
                                     .status = 200,
                                     .bytes = 12345678901};
}

static void expect_line(const struct gyre_http_access *a,
                        enum gyre_http_log_format format, const char *expected)
{
    struct gyre_buf line = {0};

    cr_expect_eq(gyre_http_access_line(&line, a, format), 0);
    cr_expect_eq(gyre_buf_append(&line, "", 1), 0);
    cr_expect_str_eq(line.at, expected);
    gyre_buf_free(&line);
}

Test(access, is_logged_in_the_common_format)
{
    struct gyre_http_access a = example();

    expect_line(&a, GYRE_HTTP_COMMON,
                "127.0.0.1 - - [06/Nov/1994:08:49:37 +0000] "
                "\"GET /x?y=1 HTTP/1.1\" 200 12345678901\n");
}

Test(access, is_logged_in_the_combined_format)
{
    struct gyre_http_access a = example();

    a.agent = gyre_span_of("curl");
    a.minor = 0;
    a.peer = "[2001:db8::1]:80";
    expect_line(&a, GYRE_HTTP_COMBINED,
                "2001:db8::1 - - [06/Nov/1994:08:49:37 +0000] "
                "\"GET /x?y=1 HTTP/1.0\" 200 12345678901 \"-\" \"curl\"\n");
}

Test(access, of_what_was_not_understood_is_logged_as_such)
{
    struct gyre_http_access a = {.peer = "", .date = DATE, .status = 400};

    expect_line(&a, GYRE_HTTP_COMBINED,
                "- - - [06/Nov/1994:08:49:37 +0000] "
                "\"-\" 400 0 \"-\" \"-\"\n");
}

/* Neither the line nor a quotation can be ended by what a peer has sent. */
Test(access, has_what_a_peer_has_chosen_escaped)
{
    struct gyre_http_access a = example();

    a.bytes = 1;
    a.target = gyre_span_of("/\"\\");
    a.agent = gyre_span_of("a\"\n\r\t\x7f\xc3\xa9\\ b\x1b[2J");
    a.referrer = gyre_span_of("");
    expect_line(&a, GYRE_HTTP_COMBINED,
                "127.0.0.1 - - [06/Nov/1994:08:49:37 +0000] "
                "\"GET /\\\"\\\\ HTTP/1.1\" 200 1 \"\" "
                "\"a\\\"\\x0a\\x0d\\x09\\x7f\\xc3\\xa9\\\\ b\\x1b[2J\"\n");
}

/* The name of a local socket is one of these: nobody keeps it from looking like
   the rest of a line, and another. */
Test(access, has_no_line_in_a_local_address)
{
    struct gyre_http_access a = example();

    a.bytes = 1;
    a.peer = "@a - -\nb\"";
    expect_line(&a, GYRE_HTTP_COMMON,
                "@a\\x20-\\x20-\\x0ab\\\" - - [06/Nov/1994:08:49:37 +0000] "
                "\"GET /x?y=1 HTTP/1.1\" 200 1\n");
}

Test(access, is_written_a_line_at_a_time)
{
    struct gyre_http_access_log l;
    struct gyre_http_access a = example();
    char text[400];
    int ends[2];
    ssize_t n;

    cr_assert_eq(pipe(ends), 0);
    gyre_http_access_log_init(&l, ends[1], GYRE_HTTP_COMMON);
    l.log.access(&l.log, &a);
    l.log.access(&l.log, &a);
    n = read(ends[0], text, sizeof text - 1);
    cr_assert_gt(n, 0);
    text[n] = '\0';
    cr_expect_eq(text[n - 1], '\n');
    cr_expect_eq(strncmp(text, text + n / 2, (size_t)n / 2), 0);
}

static int make_line(void)
{
    struct gyre_http_access a = example();
    struct gyre_buf line = {0};
    int err = gyre_http_access_line(&line, &a, GYRE_HTTP_COMBINED);

    if (err)
        cr_expect_eq(line.length, 0);
    gyre_buf_free(&line);
    return err;
}

Test(access, is_not_logged_without_memory)
{
    cr_expect_gt(faults_in_memory(make_line), 0);
}
