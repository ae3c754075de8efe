/*
 * test_limits.c - what a peer may cost is what the options say.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "task/task.h"
#include "tests/io/http/handlers.h"
#include "tests/io/http/site.h"

#define S GYRE_SECOND

static struct gyre_stream *client; /* of the site */
static char seen[200];

/* Looks what has reached the client by now. */
static int peek(struct gyre_http_request *r)
{
    char buf[1000] = "";
    ssize_t n = gyre_read(client, buf, sizeof buf - 1, GYRE_NOW);

    snprintf(seen, sizeof seen, "%s", n > 0 ? site_brief(buf) : "nothing");
    return gyre_http_reply(r, 200, "peeked", 6);
}

static const struct gyre_http_route routes[] = {
    {"GET", "/", hello},
    {"GET", "/large", large},
    {"GET", "/peek", peek},
    {"POST", "/body", echo_whole},
    {0},
};

/* The third handler sees how many of the two before it have been answered. */
CLAIM(limits, so_many_requests_are_answered_in_one_write)
{
    static const char text[] = GET("/") GET("/") GET("/peek");
    static const struct {
        size_t pipelined;
        const char *seen;
    } cases[] = {
        {1, "200 hello; 200 hello"},
        {2, "200 hello; 200 hello"},
        {3, "nothing"},
    };

    for (int i = 0; i < 3; i++) {
        struct gyre_http_options options = {.pipelined = cases[i].pipelined};
        struct site s;
        const char *answer;

        seen[0] = '\0';
        site_open(&s, routes, &options, 0);
        client = s.client;
        cr_expect_eq(gyre_write(s.client, text, sizeof text - 1, GYRE_NOW), 0);
        cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
        answer = site_brief(site_ask(&s, ""));
        cr_expect_str_eq(seen, cases[i].seen, "%zu", cases[i].pipelined);
        cr_expect_str_eq(answer, i < 2 ? "200 peeked"
                                       : "200 hello; 200 hello; 200 peeked");
        site_close(&s);
    }
}

CLAIM(limits, a_head_may_be_so_long)
{
    static const struct {
        struct gyre_http_limits limits;
        const char *answer;
    } cases[] = {
        {{.line = 19, .head = 60}, "200 hello"},
        {{.line = 15}, "414 "},
        {{.line = 18}, "431 "},
        {{.head = 30}, "431 "},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct gyre_http_options options = {.limits = cases[i].limits};
        struct site s;

        site_open(&s, routes, &options, 0);
        cr_expect_str_eq(
            site_brief(site_ask(&s, "GET /?01 HTTP/1.1\r\nHost: x\r\n"
                                    "A: 0123456789abcdef\r\n\r\n")),
            cases[i].answer, "case %zu", i);
        site_close(&s);
    }
}

CLAIM(limits, a_head_may_take_so_long)
{
    struct gyre_http_options options = {.head_time = 3 * S};
    struct site s;

    site_open(&s, routes, &options, 0);
    (void)site_ask_for(&s, "GET / HT", 2 * S);
    (void)site_ask_for(&s, "TP/1.1\r\n", S / 2);
    cr_expect_str_eq(site_brief(site_ask_for(&s, "", S)), "408 ");
    cr_expect_eq(elapsed(), 3 * S);
    cr_expect_eq(gyre_write(s.client, "x", 1, GYRE_NOW), 0, "it lingers");
    site_close(&s);
}

/* As its route says, or else the nearest table that it is in, or the server. */
CLAIM(limits, a_body_may_be_so_long)
{
    static const struct gyre_http_route below[] = {
        {"POST", "/own", echo_whole, .body_limit = 3},
        {"POST", "/theirs", echo_whole},
        {0}};
    static const struct gyre_http_route above[] = {
        {"POST", "/", echo_whole},
        {"POST", "/own", echo_whole, .body_limit = 40},
        {NULL, "/t", .routes = below, .body_limit = 20},
        {NULL, "/t/t", .routes = below},
        {0}};
    static const struct {
        const char *path;
        int most;
    } cases[] = {{"/", 10},         {"/own", 40},    {"/t/own", 3},
                 {"/t/theirs", 20}, {"/t/t/own", 3}, {"/t/t/theirs", 10},
                 {"/none", 10}};
    const struct gyre_http_options options = {.body_limit = 10};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (int n = cases[i].most; n <= cases[i].most + 1; n++) {
            bool found = strcmp(cases[i].path, "/none") != 0;
            char text[200], answer[60];
            struct site s;

            snprintf(text, sizeof text,
                     "POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d"
                     "\r\n\r\n%0*d",
                     cases[i].path, n, n, 0);
            snprintf(answer, sizeof answer, "200 %0*d", n, 0);
            site_open(&s, above, &options, 0);
            cr_expect_str_eq(site_brief(site_ask(&s, text)),
                             n > cases[i].most ? "413 "
                             : found           ? answer
                                               : "404 ",
                             "%s", cases[i].path);
            site_close(&s);
        }
    }
}

CLAIM(limits, a_connection_may_be_idle_for_so_long)
{
    struct gyre_http_options options = {.idle_time = 5 * S};
    struct site s;
    char byte;

    site_open(&s, routes, &options, 0);
    cr_expect_eq(gyre_read(s.client, &byte, 1, gyre_in(4 * S)), -ETIMEDOUT);
    cr_expect_str_eq(site_brief(site_ask(&s, GET("/"))), "200 hello");
    cr_expect_eq(gyre_read(s.client, &byte, 1, gyre_in(4 * S)), -ETIMEDOUT);
    cr_expect_eq(gyre_read(s.client, &byte, 1, gyre_in(2 * S)), 0);
    site_close(&s);
}

/* A body of 100 bytes, ten a second. */
CLAIM(limits, a_body_may_come_at_such_a_rate)
{
    static const struct {
        uint64_t rate;
        const char *status;
    } cases[] = {{5, "200"}, {20, "408"}};

    for (int i = 0; i < 2; i++) {
        struct gyre_http_options options = {.body_time = 2 * S,
                                            .body_rate = cases[i].rate};
        struct site s;
        const char *answer;
        int err = 0;

        site_open(&s, routes, &options, 0);
        site_ask(&s, "POST /body HTTP/1.1\r\nHost: x\r\n"
                     "Content-Length: 100\r\n\r\n");
        for (int sent = 0; sent < 10 && err == 0; sent++) {
            cr_expect_eq(gyre_sleep(gyre_in(S)), 0);
            err = gyre_write(s.client, "0123456789", 10, GYRE_NOW);
        }
        answer = site_brief(site_ask(&s, ""));
        cr_expect_eq(strncmp(answer, cases[i].status, 3), 0, "%s", answer);
        site_close(&s);
    }
}

/* A reply of 100,000 bytes, 10,000 a second. */
CLAIM(limits, a_reply_may_go_at_such_a_rate)
{
    static const uint64_t rates[] = {5000, 50000};

    for (int i = 0; i < 2; i++) {
        struct gyre_http_options options = {.write_time = S,
                                            .write_rate = rates[i]};
        size_t got = 0;
        struct site s;
        char buf[1000];
        ssize_t n = 1;

        site_open(&s, routes, &options, 1000);
        cr_expect_eq(gyre_write(s.client, GET("/large"), strlen(GET("/large")),
                                GYRE_NOW),
                     0);
        while (n > 0) {
            cr_expect_eq(gyre_sleep(gyre_in(S / 10)), 0);
            n = gyre_read(s.client, buf, sizeof buf, gyre_in(5 * S));
            got += n > 0 ? (size_t)n : 0;
        }
        cr_expect_eq(got > LARGE, i == 0, "%zu bytes", got);
        site_close(&s);
    }
}
