/*
 * test_content.c - the claims of a client's content.h.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "io/http/client/content.h"
#include "tests/io/http/peers.h"

#define TYPED(type, length, body)                                              \
    "HTTP/1.1 200 OK\r\nContent-Type: " type "\r\nContent-Length: " length     \
    "\r\n\r\n" body

/* The member "n" of what is answered, or the error. */
static int64_t n_of_answer(const char *answer)
{
    struct script scripts[] = {{{answer}}};
    struct gyre_http_response *r = NULL;
    struct gyre_json_document d = {0};
    const struct gyre_json_value *root;
    int64_t n = 0;
    int err;

    peers_open(scripts, DEFAULTS);
    err = gyre_http_get(session, "http://x/", &r, GYRE_FOREVER);
    if (err == 0)
        err = gyre_http_response_json(r, &d, &root, GYRE_FOREVER);
    if (err == 0)
        err = gyre_json_as_int(gyre_json_get(root, "n"), &n);
    gyre_json_free(&d);
    gyre_http_response_free(r);
    peers_close();
    return err ? err : n;
}

CLAIM(client_content, that_is_json_is_read)
{
    cr_expect_eq(n_of_answer(TYPED("application/json", "7", "{\"n\":5}")), 5);
    cr_expect_eq(
        n_of_answer(TYPED("Application/JSON; charset=utf-8", "7", "{\"n\":5}")),
        5);
    cr_expect_eq(
        n_of_answer(TYPED("application/problem+json", "7", "{\"n\":5}")), 5);
}

CLAIM(client_content, that_is_not_json_is_an_error)
{
    cr_expect_eq(n_of_answer(TYPED("application/json", "6", "{\"n\":5")),
                 -EPROTO);
    cr_expect_eq(n_of_answer(TYPED("application/json", "0", "")), -EPROTO);
    cr_expect_eq(n_of_answer(TYPED("application/json", "9", "{\"n\":5}")),
                 -EPIPE);
    cr_expect_eq(n_of_answer(TYPED("text/html", "7", "{\"n\":5}")), -ENOTSUP);
    cr_expect_eq(n_of_answer(TYPED("+json", "7", "{\"n\":5}")), -ENOTSUP);
    cr_expect_eq(n_of_answer(OK("7", "{\"n\":5}")), -ENOTSUP);
}

CLAIM(client_content, of_two_types_is_believed_to_be_neither)
{
    static const char *const types[][2] = {
        {"application/json", "text/html"},
        {"text/html", "application/json"},
        {"application/json", "application/json"}};

    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        char answer[200];

        snprintf(answer, sizeof answer,
                 "HTTP/1.1 200 OK\r\nContent-Type: %s\r\ncontent-type: %s\r\n"
                 "Content-Length: 7\r\n\r\n{\"n\":5}",
                 types[i][0], types[i][1]);
        cr_expect_eq(n_of_answer(answer), -EPROTO, "case %zu", i);
    }
}

CLAIM(client_content, that_is_json_is_sent)
{
    static const struct script scripts[] = {{{OK("2", "ok")}}};
    struct gyre_http_call call = {.url = "http://x/"};
    struct gyre_http_fields fields = {{0}};
    struct gyre_buf out = {0};
    struct gyre_json j;

    gyre_json_init(&j, &out);
    gyre_json_open(&j, '{');
    gyre_json_number(&j, "n", 5);
    cr_expect_eq(gyre_json_close(&j), 0);
    peers_open(scripts, DEFAULTS);
    cr_expect_eq(gyre_http_call_with_json(&call, &fields, &out), 0);
    expect_answer_to(&call, "200 ok");
    cr_expect_eq(strncmp(peers.heard, "POST / HTTP/1.1\r\n", 17), 0);
    cr_expect_not_null(
        strstr(peers.heard, "\r\nContent-Type: application/json\r\n"));
    cr_expect_not_null(strstr(peers.heard, "\r\nContent-Length: 7\r\n"));
    cr_expect_not_null(strstr(peers.heard, "\r\n\r\n{\"n\":5}"));
    peers_close();
    gyre_http_fields_free(&fields);
    gyre_buf_free(&out);
}

/* Half the answer, and a client that will not wait for the rest; but can. */
CLAIM(client_content, that_was_not_waited_for_is_read_later)
{
    static const struct script scripts[] = {
        {{TYPED("application/json", "7", "{\"n\":5}")},
         .piece = 72,
         .pause = GYRE_SECOND}};
    struct gyre_http_response *r = NULL;
    struct gyre_json_document d = {0};
    const struct gyre_json_value *root = (const void *)&d;

    peers_open(scripts, DEFAULTS);
    cr_expect_eq(gyre_http_get(session, "http://x/", &r, GYRE_FOREVER), 0);
    cr_expect_eq(gyre_http_response_json(r, &d, &root, gyre_in(MS)),
                 -ETIMEDOUT);
    cr_expect_null(root);
    cr_expect_eq(gyre_http_response_json(r, &d, &root, GYRE_FOREVER), 0);
    cr_expect_eq(gyre_json_count(root), 1);
    gyre_json_free(&d);
    gyre_http_response_free(r);
    peers_close();
}
