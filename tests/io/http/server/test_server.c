/*
 * test_server.c - the claims of server.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "task/task.h"
#include "io/http/server/server.h"
#include "tests/io/http/handlers.h"
#include "tests/io/http/site.h"

#define S GYRE_SECOND

static int ignore_everything(struct gyre_http_request *r)
{
    struct gyre_scope s;

    (void)r;
    gyre_scope_open_shielded(&s, gyre_in(1000 * S));
    cr_expect_neq(gyre_sleep(GYRE_FOREVER), 0);
    return gyre_is_error(gyre_scope_close(&s, 0)) ? -ECANCELED : 0;
}

static const struct gyre_http_route routes[] = {
    {"GET", "/", hello},
    {"GET", "/second", wait_a_second},
    {"GET", "/ignore", ignore_everything},
    {"GET", "/large", large},
    {"POST", "/body", echo_whole},
    {0},
};

/* ---- answering ---- */

CLAIM(server, answers_and_keeps_the_connection)
{
    struct site s;

    site_open(&s, routes, NULL, 0);
    for (int i = 0; i < 5; i++)
        cr_expect_str_eq(site_brief(site_ask(&s, GET("/"))), "200 hello");
    cr_expect(!site_ended(&s));
    cr_expect_eq(gyre_http_server_counts(s.server).requests, 5);
    cr_expect_eq(gyre_http_server_counts(s.server).accepted, 1);
    site_close(&s);
}

CLAIM(server, answers_the_same_however_a_request_is_split)
{
    static const char text[] = "POST /body HTTP/1.1\r\nHost: x\r\n"
                               "Content-Length: 4\r\n\r\nabcd" GET("/");
    struct site s;
    char part[sizeof text];

    site_open(&s, routes, NULL, 0);
    for (size_t at = 1; at < sizeof text - 1; at++) {
        char all[2000] = "";

        snprintf(part, sizeof part, "%.*s", (int)at, text);
        strcat(all, site_ask(&s, part));
        strcat(all, site_ask(&s, text + at));
        cr_expect_str_eq(site_brief(all), "200 abcd; 200 hello", "split at %zu",
                         at);
    }
    site_close(&s);
}

CLAIM(server, answers_pipelined_requests_in_order_and_together)
{
    struct site s;
    char buf[2000] = "";

    site_open(&s, routes, NULL, 0);
    cr_expect_eq(gyre_write(s.client, GET("/") GET("/nope") GET("/"),
                            strlen(GET("/") GET("/nope") GET("/")), GYRE_NOW),
                 0);
    cr_expect_gt(gyre_read(s.client, buf, sizeof buf - 1, GYRE_FOREVER), 0);
    cr_expect_str_eq(site_brief(buf), "200 hello; 404 ; 200 hello");
    site_close(&s);
}

CLAIM(server, closes_when_it_is_asked_to)
{
    static const char *const requests[] = {
        "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "GET / HTTP/1.0\r\n\r\n",
    };

    for (int i = 0; i < 2; i++) {
        struct site s;

        site_open(&s, routes, NULL, 0);
        cr_expect_str_eq(site_brief(site_ask(&s, requests[i])), "200 hello");
        cr_expect(site_ended(&s));
        site_close(&s);
    }
}

/* ---- what is not understood ---- */

CLAIM(server, refuses_what_is_not_understood_and_closes)
{
    static const struct {
        const char *text, *answer;
    } cases[] = {
        {"nonsense\r\n\r\n", "400 "},
        {"GET / HTTP/1.1\r\n\r\n", "400 "},
        {"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", "400 "},
        {"GET / HTTP/2.0\r\nHost: x\r\n\r\n", "505 "},
        {"POST /body HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n",
         "400 "},
        {"POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n"
         "Transfer-Encoding: chunked\r\n\r\n",
         "400 "},
        {"POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999\r\n\r\n",
         "413 "},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct site s;
        char text[200];

        snprintf(text, sizeof text, "%s" GET("/"), cases[i].text);
        site_open(&s, routes, NULL, 0);
        cr_expect_str_eq(site_brief(site_ask(&s, text)), cases[i].answer, "%s",
                         cases[i].text);
        cr_expect(site_ended(&s));
        site_close(&s);
    }
}

CLAIM(server, refuses_heads_that_are_too_long)
{
    struct site s;
    char text[20000] = "GET / HTTP/1.1\r\nHost: x\r\nA: ";

    memset(text + strlen(text), 'a', 9000);
    site_open(&s, routes, NULL, 0);
    cr_expect_str_eq(site_brief(site_ask(&s, text)), "431 ");
    cr_expect(site_ended(&s));
    site_close(&s);
}

/* ---- time ---- */

CLAIM(server, gives_an_idle_connection_a_minute)
{
    struct site s;
    char byte;

    site_open(&s, routes, NULL, 0);
    cr_expect_eq(gyre_read(s.client, &byte, 1, gyre_in(59 * S)), -ETIMEDOUT);
    cr_expect_str_eq(site_brief(site_ask(&s, GET("/"))), "200 hello");
    cr_expect_eq(gyre_read(s.client, &byte, 1, gyre_in(59 * S)), -ETIMEDOUT);
    cr_expect_eq(gyre_read(s.client, &byte, 1, gyre_in(2 * S)), 0);
    site_close(&s);
}

CLAIM(server, does_not_wait_longer_for_a_head_that_comes_slowly)
{
    struct site s;
    static const char head[] = "GET / HTTP/1.1\r\nA: b\r\nC: d\r\n";
    gyre_time began = elapsed();
    int err = 0, sent = 0;

    site_open(&s, routes, NULL, 0);
    while (err == 0 && sent < 100) {
        err = gyre_write(s.client, &head[sent % 16], 1, GYRE_NOW);
        sent++;
        cr_expect_eq(gyre_sleep(gyre_in(S)), 0);
    }
    cr_expect_leq(elapsed() - began, 15 * S);
    cr_expect_str_eq(site_brief(site_ask(&s, "")), "408 ");
    site_close(&s);
}

CLAIM(server, does_not_wait_for_a_body_that_comes_too_slowly)
{
    static const char head[] = "POST /body HTTP/1.1\r\nHost: x\r\n"
                               "Content-Length: 1000\r\n\r\n";
    gyre_time began = elapsed();
    struct site s;
    int err;

    site_open(&s, routes, NULL, 0);
    err = gyre_write(s.client, head, strlen(head), GYRE_NOW);
    for (int i = 0; err == 0 && i < 100; i++) {
        cr_expect_eq(gyre_sleep(gyre_in(S)), 0);
        err = gyre_write(s.client, "x", 1, GYRE_NOW);
    }
    cr_expect_neq(err, 0);
    cr_expect_leq(elapsed() - began, 15 * S);
    cr_expect_str_eq(site_brief(site_ask(&s, "")), "408 ");
    cr_expect_eq(world->failures, 0);
    site_close(&s);
}

CLAIM(server, does_not_wait_for_a_client_that_never_reads)
{
    struct site s;

    site_open(&s, routes, NULL, 1000);
    cr_expect_eq(
        gyre_write(s.client, GET("/large"), strlen(GET("/large")), GYRE_NOW),
        0);
    cr_expect_eq(gyre_await(&s.served, gyre_in(400 * S)), 0);
    site_close(&s);
}

/* ---- stopping ---- */

CLAIM(server, stops_at_once_when_all_is_idle)
{
    struct site s;
    gyre_time began;

    site_open(&s, routes, NULL, 0);
    cr_expect_str_eq(site_brief(site_ask(&s, GET("/"))), "200 hello");
    began = elapsed();
    gyre_http_server_stop(s.server);
    cr_expect_eq(gyre_await(&s.served, GYRE_FOREVER), 0);
    cr_expect_eq(elapsed(), began);
    site_close(&s);
}

CLAIM(server, finishes_what_is_in_flight_when_it_stops)
{
    struct site s;
    const char *answer;

    site_open(&s, routes, NULL, 0);
    cr_expect_str_eq(site_ask(&s, GET("/second") GET("/")), "");
    gyre_http_server_stop(s.server);
    answer = site_ask_for(&s, "", 2 * S);
    cr_expect_str_eq(site_brief(answer), "200 slept");
    cr_expect_not_null(strstr(answer, "Connection: close"));
    cr_expect_eq(gyre_await(&s.served, gyre_in(5 * S)), 0);
    site_close(&s);
}

CLAIM(server, cancels_what_does_not_finish_in_time)
{
    struct gyre_http_options options = {.grace = S / 2};
    struct site s;
    gyre_time began = elapsed();

    site_open(&s, routes, &options, 0);
    cr_expect_str_eq(site_ask(&s, GET("/second")), "");
    gyre_http_server_stop(s.server);
    cr_expect_eq(gyre_await(&s.served, GYRE_FOREVER), 0);
    cr_expect_lt(elapsed() - began, S * 3 / 4);
    site_close(&s);
}

CLAIM(server, resets_what_ignores_that)
{
    struct gyre_http_options options = {.grace = S, .abort = S};
    struct site s;
    char byte;

    site_open(&s, routes, &options, 0);
    cr_expect_str_eq(site_ask(&s, GET("/ignore")), "");
    gyre_http_server_stop(s.server);
    cr_expect_eq(gyre_read(s.client, &byte, 1, gyre_in(S * 3 / 2)), -ETIMEDOUT);
    cr_expect_eq(gyre_read(s.client, &byte, 1, gyre_in(S)), -ECONNRESET);
    cr_expect_eq(gyre_await(&s.served, GYRE_FOREVER), 0);
    site_close(&s);
}

CLAIM(server, cancels_all_with_the_scope_it_serves_in)
{
    struct site s;

    site_open(&s, routes, NULL, 0);
    cr_expect_str_eq(site_ask(&s, GET("/second")), "");
    gyre_scope_cancel(&s.scope);
    gyre_close(s.client);
    cr_expect_eq(gyre_scope_close(&s.scope, 0), 0);
    cr_expect_eq(gyre_future_result(&s.served), -ECANCELED);
    gyre_http_server_free(s.server);
}

/* ---- the peer's end ---- */

CLAIM(server, survives_a_client_that_leaves_at_any_point)
{
    static const char text[] = "POST /body HTTP/1.1\r\nHost: x\r\n"
                               "Content-Length: 4\r\n\r\nabcd" GET("/second");
    char part[sizeof text];

    for (size_t at = 0; at < sizeof text; at++) {
        struct site s;

        site_open(&s, routes, NULL, 0);
        snprintf(part, sizeof part, "%.*s", (int)at, text);
        if (at > 0)
            cr_expect_eq(gyre_write(s.client, part, at, GYRE_NOW), 0);
        cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
        site_close(&s);
    }
}

CLAIM(server, refuses_routes_that_make_no_sense)
{
    static const struct gyre_http_route twice[] = {
        {"GET", "/a", hello}, {"GET", "/a", hello}, {0}};
    static const struct gyre_http_route nowhere[] = {
        {"GET", "/{path:tail}", .directory = "/no/such/directory"}, {0}};
    struct gyre_http_server *server;

    cr_expect_eq(gyre_http_server_new(&server, twice, NULL), -EINVAL);
    cr_expect_eq(gyre_http_server_new(&server, nowhere, NULL), -ENOENT);
    gyre_http_server_free(NULL);
}

CLAIM(server, has_no_lifetimes_when_it_was_made_by_itself)
{
    static const struct gyre_http_route some[] = {{"GET", "/", hello}, {0}};
    struct gyre_http_server *s;

    cr_assert_eq(gyre_http_server_new(&s, some, NULL), 0);
    cr_expect_eq(gyre_http_live(s), -EINVAL);
    gyre_http_server_free(s);
}
