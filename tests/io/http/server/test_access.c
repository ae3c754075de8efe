/*
 * test_access.c - the claims of access.h.
 */
#include <criterion/criterion.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
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

/* Of such a socket each read is one write. */
Test(access, is_written_a_line_at_a_time)
{
    struct gyre_http_access_log l;
    struct gyre_http_access a = example();
    char text[2][400];
    int ends[2];
    ssize_t n;

    cr_assert_eq(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends), 0);
    gyre_http_access_log_init(&l, ends[1], GYRE_HTTP_COMMON);
    l.log.access(&l.log, &a);
    l.log.access(&l.log, &a);
    n = read(ends[0], text[0], sizeof text[0]);
    cr_assert_gt(n, 0);
    cr_expect_eq(text[0][n - 1], '\n');
    cr_expect_eq(read(ends[0], text[1], sizeof text[1]), n);
    cr_expect_eq(memcmp(text[0], text[1], (size_t)n), 0);
}

enum { LONG = 300000 /* bytes, more than a pipe has room for */ };

static void *read_all(void *arg)
{
    static char text[2 * LONG];
    size_t total = 0;
    ssize_t n;

    while ((n = read(*(int *)arg, text + total, sizeof text - total)) > 0)
        total += (size_t)n;
    cr_expect_gt(total, LONG);
    cr_expect_eq(text[total - 1], '\n');
    return NULL;
}

Test(access, is_written_whole_to_a_pipe_that_does_not_wait)
{
    static char target[LONG];
    struct gyre_http_access_log l;
    struct gyre_http_access a = example();
    pthread_t reader;
    int ends[2];

    memset(target, 'a', sizeof target);
    a.target = gyre_span_from(target, sizeof target);
    cr_assert_eq(pipe(ends), 0);
    cr_assert_eq(fcntl(ends[1], F_SETFL, O_NONBLOCK), 0);
    gyre_http_access_log_init(&l, ends[1], GYRE_HTTP_COMMON);
    cr_assert_eq(pthread_create(&reader, NULL, read_all, &ends[0]), 0);
    l.log.access(&l.log, &a);
    close(ends[1]);
    pthread_join(reader, NULL);
}

static int make_line(void)
{
    struct gyre_http_access a = example();
    struct gyre_buf line = {0};
    char agent[600];
    int err;

    memset(agent, 'a', sizeof agent);
    a.agent = gyre_span_from(agent, sizeof agent);
    err = gyre_http_access_line(&line, &a, GYRE_HTTP_COMBINED);

    if (err)
        cr_expect_eq(line.length, 0);
    gyre_buf_free(&line);
    return err;
}

Test(access, is_not_logged_without_memory)
{
    cr_expect_gt(faults_in_memory(make_line), 1);
}
