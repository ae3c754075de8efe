/*
 * test_compose.c - heads that are written say what is sent, and are read back.
 */
#include <criterion/criterion.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "io/http/compose.h"
#include "io/http/date.h"
#include "tests/support/faults.h"

static void expect_text(struct gyre_buf *b, const char *text)
{
    cr_expect(
        gyre_span_equals(gyre_span_from(b->at, b->length), gyre_span_of(text)),
        "%.*s", (int)b->length, b->at);
    gyre_buf_free(b);
}

Test(compose, a_response)
{
    struct gyre_http_fields fields = {0};
    struct gyre_http_envelope e = {.framing = GYRE_HTTP_LENGTH,
                                   .length = 5,
                                   .fields = &fields,
                                   .keep_alive = true};
    struct gyre_buf out = {0};

    gyre_http_fields_set(&fields, "Content-Type", "text/plain");
    cr_expect_eq(gyre_http_compose_response(&out, 200, NULL, "now", &e), 0);
    expect_text(&out, "HTTP/1.1 200 OK\r\nDate: now\r\nContent-Length: 5\r\n"
                      "Content-Type: text/plain\r\n\r\n");
    gyre_http_fields_set(&fields, "Date", "then");
    cr_expect_eq(gyre_http_compose_response(&out, 200, "Fine", "now", &e), 0);
    expect_text(&out, "HTTP/1.1 200 Fine\r\nContent-Length: 5\r\n"
                      "Content-Type: text/plain\r\nDate: then\r\n\r\n");
    gyre_http_fields_free(&fields);
}

Test(compose, the_connection_is_told_as_the_peer_would_take_it)
{
    struct gyre_http_envelope e = {.framing = GYRE_HTTP_CHUNKED};
    struct gyre_buf out = {0};

    gyre_http_compose_response(&out, 799, NULL, NULL, &e);
    expect_text(&out, "HTTP/1.1 799 \r\nTransfer-Encoding: chunked\r\n"
                      "Connection: close\r\n\r\n");
    e = (struct gyre_http_envelope){
        .framing = GYRE_HTTP_LENGTH, .keep_alive = true, .old = true};
    gyre_http_compose_response(&out, 404, NULL, NULL, &e);
    expect_text(&out, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n"
                      "Connection: keep-alive\r\n\r\n");
    e = (struct gyre_http_envelope){.upgrade_to = "websocket",
                                    .keep_alive = true};
    gyre_http_compose_response(&out, 101, NULL, NULL, &e);
    expect_text(&out, "HTTP/1.1 101 Switching Protocols\r\n"
                      "Connection: upgrade\r\nUpgrade: websocket\r\n\r\n");
    e = (struct gyre_http_envelope){.keep_alive = true};
    gyre_http_compose_response(&out, 100, NULL, NULL, &e);
    expect_text(&out, "HTTP/1.1 100 Continue\r\n\r\n");
}

Test(compose, a_length_is_told_to_its_last_digit)
{
    static const uint64_t lengths[] = {
        0, 9, 10, 99, 100, 101, 4096, INT32_MAX, INT64_MAX, UINT64_MAX};

    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct gyre_http_envelope e = {.framing = GYRE_HTTP_LENGTH,
                                       .length = lengths[i],
                                       .keep_alive = true};
        struct gyre_buf out = {0};
        char text[80];

        snprintf(text, sizeof text,
                 "HTTP/1.1 200 OK\r\nContent-Length: %" PRIu64 "\r\n\r\n",
                 lengths[i]);
        gyre_http_compose_response(&out, 200, NULL, NULL, &e);
        expect_text(&out, text);
    }
}

/* Who sets one says what his part of the answer depends on, and no more. */
Test(compose, a_default_vary_is_sent_in_any_case)
{
    struct gyre_http_fields fields = {0}, defaults = {0};
    struct gyre_http_envelope e = {
        .fields = &fields, .framing = GYRE_HTTP_LENGTH, .defaults = &defaults};
    struct gyre_buf out = {0};

    gyre_http_fields_set(&fields, "vary", "Origin");
    gyre_http_fields_set(&defaults, "Vary", "Accept");
    cr_expect_eq(gyre_http_compose_response(&out, 200, NULL, NULL, &e), 0);
    cr_expect_eq(gyre_buf_append(&out, "", 1), 0);
    cr_expect_not_null(strstr(out.at, "\r\nvary: Origin\r\n"));
    cr_expect_not_null(strstr(out.at, "\r\nVary: Accept\r\n"));
    gyre_http_fields_free(&fields);
    gyre_http_fields_free(&defaults);
    gyre_buf_free(&out);
}

Test(compose, defaults_are_sent_where_nothing_else_was_said)
{
    struct gyre_http_fields fields = {0}, defaults = {0};
    struct gyre_http_envelope e = {
        .framing = GYRE_HTTP_LENGTH, .keep_alive = true, .defaults = &defaults};
    struct gyre_buf out = {0};

    gyre_http_fields_set(&defaults, "A", "1");
    gyre_http_fields_set(&defaults, "B", "2");
    gyre_http_fields_set(&defaults, "C", "");
    gyre_http_compose_response(&out, 200, NULL, NULL, &e);
    expect_text(&out, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"
                      "A: 1\r\nB: 2\r\nC: \r\n\r\n");
    e.fields = &fields;
    gyre_http_fields_set(&fields, "b", "3");
    gyre_http_compose_response(&out, 200, NULL, NULL, &e);
    expect_text(&out, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"
                      "b: 3\r\nA: 1\r\nC: \r\n\r\n");
    gyre_http_fields_free(&fields);
    gyre_http_fields_free(&defaults);
}

Test(compose, a_type_is_sent_unless_another_was_said)
{
    struct gyre_http_fields fields = {0};
    struct gyre_http_envelope e = {.framing = GYRE_HTTP_LENGTH,
                                   .keep_alive = true,
                                   .type = "a/b",
                                   .fields = &fields};
    struct gyre_buf out = {0};

    gyre_http_compose_response(&out, 200, NULL, NULL, &e);
    expect_text(&out, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"
                      "Content-Type: a/b\r\n\r\n");
    gyre_http_fields_set(&fields, "content-type", "c/d");
    gyre_http_compose_response(&out, 200, NULL, NULL, &e);
    expect_text(&out, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"
                      "content-type: c/d\r\n\r\n");
    e.type = "a/b\r\nc: d";
    cr_expect_eq(gyre_http_compose_response(&out, 200, NULL, NULL, &e),
                 -EINVAL);
    gyre_http_fields_free(&fields);
}

Test(compose, a_head_may_be_as_long_as_its_parts)
{
    struct gyre_http_envelope e = {.framing = GYRE_HTTP_LENGTH,
                                   .length = UINT64_MAX};
    char reason[2000], date[2000], type[2000], path[2000];
    struct gyre_buf out = {0};

    memset(reason, 'r', sizeof reason - 1);
    memset(date, 'd', sizeof date - 1);
    memset(type, 't', sizeof type - 1);
    memset(path, '/', sizeof path);
    reason[sizeof reason - 1] = date[sizeof date - 1] = type[sizeof type - 1] =
        '\0';
    e.type = type;
    cr_expect_eq(gyre_http_compose_response(&out, 999, reason, date, &e), 0);
    cr_expect_gt(out.length, 6000);
    gyre_buf_cut(&out, 0);
    cr_expect_eq(gyre_http_compose_request(&out, "GET",
                                           gyre_span_from(path, sizeof path),
                                           gyre_span_of("a"), &e),
                 0);
    cr_expect_gt(out.length, 4000);
    gyre_buf_free(&out);
}

Test(compose, what_cannot_be_framed_is_refused)
{
    static const struct {
        int status;
        enum gyre_http_framing framing;
        bool keep_alive, old;
        int err;
    } cases[] = {
        {99, GYRE_HTTP_LENGTH, true, false, -EINVAL},
        {1000, GYRE_HTTP_LENGTH, true, false, -EINVAL},
        {200, GYRE_HTTP_NO_BODY, true, false, -EINVAL},
        {100, GYRE_HTTP_LENGTH, true, false, -EINVAL},
        {204, GYRE_HTTP_LENGTH, true, false, -EINVAL},
        {204, GYRE_HTTP_CHUNKED, true, false, -EINVAL},
        {204, GYRE_HTTP_NO_BODY, true, false, 0},
        {304, GYRE_HTTP_NO_BODY, true, false, 0},
        {304, GYRE_HTTP_LENGTH, true, false, 0},
        {200, GYRE_HTTP_CHUNKED, true, true, -EINVAL},
        {200, GYRE_HTTP_CHUNKED, true, false, 0},
        {200, GYRE_HTTP_UNTIL_CLOSE, true, true, -EINVAL},
        {200, GYRE_HTTP_UNTIL_CLOSE, false, true, 0},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct gyre_http_envelope e = {.framing = cases[i].framing,
                                       .keep_alive = cases[i].keep_alive,
                                       .old = cases[i].old};
        struct gyre_buf out = {0};

        cr_expect_eq(
            gyre_http_compose_response(&out, cases[i].status, NULL, NULL, &e),
            cases[i].err, "case %zu", i);
        cr_expect_eq(out.length == 0, cases[i].err != 0);
        gyre_buf_free(&out);
    }
}

Test(compose, nothing_can_be_injected)
{
    struct gyre_http_envelope e = {.framing = GYRE_HTTP_LENGTH};
    struct gyre_http_envelope to = {.upgrade_to = "a\r\nX: y"};
    struct gyre_span path = gyre_span_of("/"), host = gyre_span_of("a");
    struct gyre_span bad = gyre_span_of("/ HTTP/1.1\r\nX: y");
    struct gyre_buf out = {0};

    cr_expect_eq(gyre_http_compose_response(&out, 200, "a\r\nX: y", NULL, &e),
                 -EINVAL);
    cr_expect_eq(gyre_http_compose_response(&out, 200, NULL, "a\r\nX: y", &e),
                 -EINVAL);
    cr_expect_eq(gyre_http_compose_response(&out, 101, NULL, NULL, &to),
                 -EINVAL);
    cr_expect_eq(gyre_http_compose_request(&out, "GET /\r\n", path, host, &e),
                 -EINVAL);
    cr_expect_eq(gyre_http_compose_request(&out, "", path, host, &e), -EINVAL);
    cr_expect_eq(gyre_http_compose_request(&out, "GET", bad, host, &e),
                 -EINVAL);
    cr_expect_eq(gyre_http_compose_request(&out, "GET", path, bad, &e),
                 -EINVAL);
    cr_expect_eq(
        gyre_http_compose_request(&out, "GET", gyre_span_of(""), host, &e),
        -EINVAL);
    cr_expect_eq(gyre_http_compose_request(&out, "GET", path, host, &to),
                 -EINVAL);
    cr_expect_eq(out.length, 0);
    gyre_buf_free(&out);
}

/* Write a request so framed, read it, and compare. */
static void check_round(enum gyre_http_framing framing, uint64_t length,
                        bool keep_alive)
{
    struct gyre_http_fields fields = {0};
    struct gyre_http_envelope e = {&fields,    framing, length,
                                   keep_alive, false,   NULL};
    struct gyre_http_field read[8];
    struct gyre_http_head h;
    struct gyre_buf out = {0};

    gyre_http_fields_set(&fields, "X", "y");
    cr_assert_eq(gyre_http_compose_request(&out, "PUT", gyre_span_of("/a?b"),
                                           gyre_span_of("[::1]:80"), &e),
                 0);
    gyre_http_head_init(&h, GYRE_HTTP_REQUEST, read, 8, NULL);
    cr_expect_eq(gyre_http_head_parse(&h, out.at, out.length),
                 (ssize_t)out.length, "%s", h.why);
    cr_expect_eq(h.framing, framing);
    cr_expect_eq(h.length, length);
    cr_expect_eq(h.keep_alive, keep_alive);
    cr_expect(gyre_span_equals(h.host, gyre_span_of("[::1]:80")));
    cr_expect(gyre_span_equals(h.query, gyre_span_of("b")));
    cr_expect(gyre_span_equals(gyre_http_field_find(read, h.field_count, "X"),
                               gyre_span_of("y")));
    gyre_buf_free(&out);
    gyre_http_fields_free(&fields);
}

Test(compose, requests_are_read_back)
{
    check_round(GYRE_HTTP_NO_BODY, 0, true);
    check_round(GYRE_HTTP_LENGTH, 0, false);
    check_round(GYRE_HTTP_LENGTH, INT64_MAX, true);
    check_round(GYRE_HTTP_CHUNKED, 0, true);
}

Test(compose, a_request_cannot_go_on_until_the_connection_closes)
{
    struct gyre_http_envelope e = {.framing = GYRE_HTTP_UNTIL_CLOSE};
    struct gyre_buf out = {0};

    cr_expect_eq(gyre_http_compose_request(&out, "PUT", gyre_span_of("/"),
                                           gyre_span_of("a"), &e),
                 -EINVAL);
    cr_expect_eq(out.length, 0);
}

Test(compose, every_usual_status_has_its_phrase)
{
    cr_expect_str_eq(gyre_http_reason(200), "OK");
    cr_expect_str_eq(gyre_http_reason(404), "Not Found");
    cr_expect_str_eq(gyre_http_reason(505), "HTTP Version Not Supported");
    cr_expect_str_eq(gyre_http_reason(299), "");
}

static int write_both(void)
{
    struct gyre_http_fields fields = {0};
    struct gyre_http_envelope e = {&fields, GYRE_HTTP_LENGTH, 5, true, false,
                                   NULL,    &fields};
    struct gyre_buf out = {0};
    char value[600];
    int err;

    memset(value, 'x', sizeof value - 1);
    value[sizeof value - 1] = '\0';
    err = gyre_http_fields_set(&fields, "X", value);
    if (!err)
        err = gyre_http_compose_response(&out, 200, NULL, "now", &e);
    if (err)
        cr_expect_eq(out.length, 0);
    if (!err)
        err = gyre_http_compose_request(&out, "GET", gyre_span_of("/"),
                                        gyre_span_of("a"), &e);
    gyre_buf_free(&out);
    gyre_http_fields_free(&fields);
    return err;
}

Test(compose, without_memory_nothing_is_written)
{
    cr_expect(faults_in_memory(write_both) > 2);
}
