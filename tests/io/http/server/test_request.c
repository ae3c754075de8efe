/*
 * test_request.c - the claims of request.h, of what came.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "task/task.h"
#include "io/http/server/request.h"
#include "io/http/testing/testing.h"
#include "tests/io/http/handlers.h"
#include "tests/io/http/site.h"

#define S    GYRE_SECOND
#define POST "POST /body HTTP/1.1\r\nHost: x\r\n"

/* A log that counts failures. */
struct failures {
    struct gyre_http_log log;
    int told;
};

static void count_failure(struct gyre_http_log *log, const char *peer,
                          const char *what, int err)
{
    (void)peer, (void)what, (void)err;
    GYRE_OWNER(log, struct failures, log)->told++;
}

/* ---- what was asked ---- */

static const char *or_null(const char *s)
{
    return s != NULL ? s : "(null)";
}

static int describe(struct gyre_http_request *r)
{
    char text[400];

    cr_expect_str_eq(gyre_http_peer(r), "");
    cr_expect_str_eq(gyre_http_context(r), "context");
    snprintf(text, sizeof text, "%s %s a=%s b=%s p=%s H=%s",
             gyre_http_method(r), or_null(gyre_http_path(r)),
             or_null(gyre_http_query(r, "a")), or_null(gyre_http_query(r, "b")),
             or_null(gyre_http_param(r, "p")),
             or_null(gyre_http_header(r, "h")));
    return gyre_http_reply_text(r, 200, text);
}

static const struct gyre_http_route descriptions[] = {
    {"GET", "/{p}", describe}, {"CONNECT", "/{p}", describe}, {0}};

CLAIM(request, says_what_was_asked)
{
    static const struct {
        const char *target, *answer;
    } cases[] = {
        {"/x", "200 GET /x a=(null) b=(null) p=x H=v"},
        {"/%41%2fb?a=1&b=2", "200 GET /A/b a=1 b=2 p=A/b H=v"},
        {"/x?a&b=+%2b", "200 GET /x a= b= + p=x H=v"},
        {"/x?a=1&a=2", "200 GET /x a=1 b=(null) p=x H=v"},
        {"/x?a=%4&b=%00", "200 GET /x a=(null) b=(null) p=x H=v"},
        {"http://x/x?b=", "200 GET /x a=(null) b= p=x H=v"},
        {"/%00", "400 "},
        {"/%zz", "400 "},
    };
    struct gyre_http_options options = {.context = "context"};
    struct site s;

    site_open(&s, descriptions, &options, 0);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[200];

        snprintf(text, sizeof text,
                 "GET %s HTTP/1.1\r\nHost: x\r\nH: v\r\n"
                 "h: second\r\n\r\n",
                 cases[i].target);
        cr_expect_str_eq(site_brief(site_ask(&s, text)), cases[i].answer, "%s",
                         cases[i].target);
    }
    site_close(&s);
}

/* Every field, the target as it came, and which HTTP it is. */
static int list_all(struct gyre_http_request *r)
{
    const struct gyre_http_head *h = gyre_http_request_head(r);
    char text[400];
    int n = snprintf(text, sizeof text, "%.*s 1.%d", (int)h->target.length,
                     h->target.at, h->minor);

    for (size_t i = 0; i < h->field_count; i++)
        n += snprintf(text + n, sizeof text - (size_t)n, " %.*s=%.*s",
                      (int)h->fields[i].name.length, h->fields[i].name.at,
                      (int)h->fields[i].value.length, h->fields[i].value.at);
    return gyre_http_reply(r, 200, text, (size_t)n);
}

static const struct gyre_http_route lists[] = {{"GET", "/{p}", list_all}, {0}};

CLAIM(request, has_all_of_its_head)
{
    struct site s;

    site_open(&s, lists, NULL, 0);
    cr_expect_str_eq(site_brief(site_get(&s, "/%41?b=c", "A: 1\r\na: 2\r\n")),
                     "200 /%41?b=c 1.1 Host=x A=1 a=2");
    site_close(&s);
}

/* Numbers of the path and the query, each with an error. */
static int count(struct gyre_http_request *r)
{
    int64_t id = 1, page = 2;
    int id_err = gyre_http_param_int(r, "p", &id);
    int page_err = gyre_http_query_int(r, "page", &page);
    char text[100];

    snprintf(text, sizeof text, "%lld %d, %lld %d", (long long)id, id_err,
             (long long)page, page_err);
    cr_expect_eq(gyre_http_param_int(r, "q", &id), -ENOENT);
    return gyre_http_reply_text(r, 200, text);
}

CLAIM(request, tells_numbers)
{
    static const struct gyre_http_route numbers[] = {{"GET", "/{p}", count},
                                                     {0}};
    static const struct {
        const char *target, *answer;
    } cases[] = {
        {"/7?page=8", "7 0, 8 0"},
        {"/%2d7?page=%2D0", "-7 0, 0 0"},
        {"/x", "1 -22, 2 -2"},
        {"/-?page=", "1 -22, 2 -22"},
        {"/+1?page=+1", "1 -22, 2 -22"},
        {"/9223372036854775807?page=-9223372036854775808",
         "9223372036854775807 0, -9223372036854775808 0"},
        {"/9223372036854775808?page=-9223372036854775809", "1 -22, 2 -22"},
        {"/7x?page=7%", "1 -22, 2 -22"},
    };
    struct gyre_http_test site;

    cr_expect_eq(gyre_http_test_open(&site, numbers, NULL), 0);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *target = cases[i].target;

        cr_expect_eq(gyre_http_test_get(&site, target, gyre_in(S)), 200);
        cr_expect_str_eq(site.text, cases[i].answer, "%s", target);
    }
    gyre_http_test_close(&site);
}

CLAIM(request, of_a_method_nobody_serves_is_told_which_are)
{
    static const struct {
        const char *line, *status, *allow;
    } cases[] = {
        {"TRACE /x", "405 ", "GET"},
        {"OPTIONS /x", "204 ", "OPTIONS"},
        {"OPTIONS *", "204 ", "GET"},
        {"DELETE /x", "405 ", "HEAD"},
    };
    struct site s;

    site_open(&s, descriptions, NULL, 0);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[100];
        const char *answer, *allow;

        snprintf(text, sizeof text, "%s HTTP/1.1\r\nHost: x\r\n\r\n",
                 cases[i].line);
        answer = site_ask(&s, text);
        cr_expect_str_eq(site_brief(answer), cases[i].status);
        allow = strstr(answer, "Allow: ");
        cr_expect(allow != NULL && strstr(allow, cases[i].allow) != NULL, "%s",
                  cases[i].line);
        cr_expect_null(strstr(answer, "TRACE"));
    }
    site_close(&s);
}

/* ---- bodies ---- */

static int echo_streamed(struct gyre_http_request *r)
{
    char buf[3];
    int err = gyre_http_reply_begin(r, 200, -1);

    while (err == 0) {
        ssize_t n = gyre_http_read_body(r, buf, sizeof buf, GYRE_FOREVER);

        if (n <= 0)
            return (int)n;
        err = gyre_http_reply_write(r, buf, (size_t)n, GYRE_FOREVER);
    }
    return err;
}

static int ignore(struct gyre_http_request *r)
{
    return gyre_http_reply_text(r, 200, "ignored");
}

/* Takes its time, and gives up waiting now and then. */
static int read_patiently(struct gyre_http_request *r)
{
    char byte;
    ssize_t n;

    while ((n = gyre_http_read_body(r, &byte, 1, gyre_in(3 * S))) != 0) {
        if (n < 0 && n != -ETIMEDOUT)
            return (int)n;
        if (gyre_sleep(gyre_in(30 * S)) != 0)
            return -ECANCELED;
    }
    return 204;
}

static int reply_hastily(struct gyre_http_request *r)
{
    struct gyre_span body;
    int err = gyre_http_reply_begin(r, 200, -1);

    if (err == 0)
        err = gyre_http_reply_write(r, "x", 1, GYRE_FOREVER);
    if (err == 0)
        err = gyre_http_body_whole(r, &body, GYRE_FOREVER);
    if (err == 0)
        err = gyre_http_reply_write(r, body.at, body.length, GYRE_FOREVER);
    return err;
}

static int echo_late(struct gyre_http_request *r)
{
    int err = gyre_sleep(gyre_in(S));

    return err ? err : echo_whole(r);
}

static const struct gyre_http_route bodies[] = {
    {"POST", "/late", echo_late},  {"POST", "/hasty", reply_hastily},
    {"POST", "/body", echo_whole}, {"POST", "/streamed", echo_streamed},
    {"POST", "/ignore", ignore},   {"POST", "/patient", read_patiently},
    {"GET", "/", ignore},          {0},
};

CLAIM(request, has_a_body_by_length_or_in_chunks)
{
    struct site s;

    site_open(&s, bodies, NULL, 0);
    cr_expect_str_eq(
        site_brief(site_ask(&s, POST
                            "Content-Length: 0\r\n\r\n" POST "\r\n" POST
                            "Content-Length: 3\r\n\r\nabc" POST
                            "Transfer-Encoding: chunked\r\n\r\n"
                            "1\r\na\r\n3;x=y\r\nbcd\r\n0\r\nT: t\r\n\r\n" POST
                            "Content-Length: 1\r\n\r\nz")),
        "200 ; 200 ; 200 abc; 200 abcd; 200 z");
    site_close(&s);
}

CLAIM(request, with_expectations_is_asked_for_its_body_once)
{
    static const char head[] = POST "Content-Length: 3\r\n"
                                    "Expect: 100-continue\r\n\r\n";
    struct site s;

    site_open(&s, bodies, NULL, 0);
    cr_expect_str_eq(site_ask(&s, head), "HTTP/1.1 100 Continue\r\n\r\n");
    cr_expect_str_eq(site_brief(site_ask(&s, "abc")), "200 abc");
    cr_expect_str_eq(
        site_brief(site_ask(&s, POST "Content-Length: 1\r\n\r\nx")), "200 x");
    site_close(&s);
}

CLAIM(request, is_asked_for_its_body_before_the_final_head)
{
    static const char head[] = "POST /streamed HTTP/1.1\r\nHost: x\r\n"
                               "Content-Length: 4\r\n"
                               "Expect: 100-continue\r\n\r\n";
    struct site s;
    const char *answer;

    site_open(&s, bodies, NULL, 0);
    answer = site_ask(&s, head);
    cr_expect_eq(strncmp(answer,
                         "HTTP/1.1 100 Continue\r\n\r\n"
                         "HTTP/1.1 200",
                         37),
                 0);
    cr_expect_str_eq(site_ask(&s, "abcd"), "3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n");
    cr_expect(!site_ended(&s));
    site_close(&s);
}

CLAIM(request, is_not_asked_for_a_body_behind_a_final_head)
{
    static const char head[] = "POST /hasty HTTP/1.1\r\nHost: x\r\n"
                               "Content-Length: 4\r\n"
                               "Expect: 100-continue\r\n\r\n";
    struct site s;
    const char *answer;

    site_open(&s, bodies, NULL, 0);
    answer = site_ask(&s, head);
    cr_expect_eq(strncmp(answer, "HTTP/1.1 200", 12), 0);
    cr_expect_null(strstr(answer, "100 Continue"));
    cr_expect_str_eq(site_ask(&s, "abcd"), "4\r\nabcd\r\n0\r\n\r\n");
    site_close(&s);
}

/* Nothing of the reply has been sent, so it can still be another. */
CLAIM(request, with_a_bad_body_is_refused_though_the_reply_was_begun)
{
    static const struct {
        const char *rest, *answer;
    } cases[] = {
        {"Transfer-Encoding: chunked\r\n\r\nxyz\r\n", "400 "},
        {"Transfer-Encoding: chunked\r\n\r\nfff\r\n", "413 "},
    };
    struct gyre_http_options options = {.body_limit = 10};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct site s;
        char text[200], expected[40];

        snprintf(text, sizeof text,
                 "GET / HTTP/1.1\r\nHost: x\r\n\r\n"
                 "POST /streamed HTTP/1.1\r\nHost: x\r\n%s",
                 cases[i].rest);
        snprintf(expected, sizeof expected, "200 ignored; %s", cases[i].answer);
        site_open(&s, bodies, &options, 0);
        cr_expect_str_eq(site_brief(site_ask(&s, text)), expected);
        cr_expect(site_ended(&s));
        site_close(&s);
    }
}

CLAIM(request, whose_body_was_never_asked_for_ends_the_connection)
{
    struct site s;
    const char *answer;

    site_open(&s, bodies, NULL, 0);
    answer = site_ask(&s, "POST /ignore HTTP/1.1\r\nHost: x\r\n"
                          "Content-Length: 3\r\n"
                          "Expect: 100-continue\r\n\r\n");
    cr_expect_str_eq(site_brief(answer), "200 ignored");
    cr_expect_not_null(strstr(answer, "Connection: close\r\n"));
    cr_expect(site_ended(&s));
    site_close(&s);
}

CLAIM(request, may_leave_its_body_unread)
{
    struct site s;

    site_open(&s, bodies, NULL, 0);
    cr_expect_str_eq(
        site_brief(site_ask(&s, "POST /ignore HTTP/1.1\r\nHost: x\r\n"
                                "Content-Length: 3\r\n\r\nabc"
                                "GET / HTTP/1.1\r\nHost: x\r\n\r\n")),
        "200 ignored; 200 ignored");
    cr_expect(!site_ended(&s));
    site_close(&s);
}

/* It is read to its end, up to 65,536 bytes. */
CLAIM(request, whose_body_is_unread_keeps_the_connection_if_the_reply_says_so)
{
    static char text[70000];

    for (int n = 65535; n <= 65537; n++) {
        struct site s;
        int head = sprintf(text,
                           "POST /ignore HTTP/1.1\r\nHost: x\r\n"
                           "Content-Length: %d\r\n\r\n",
                           n);
        bool closes;

        memset(text + head, 'x', (size_t)n);
        text[head + n] = '\0';
        site_open(&s, bodies, NULL, sizeof text);
        closes = strstr(site_ask(&s, text), "Connection: close") != NULL;
        cr_expect_eq(closes, n > 65536);
        cr_expect_eq(site_ended(&s), closes, "%d bytes", n);
        site_close(&s);
    }
}

CLAIM(request, whose_unread_body_of_no_known_length_is_dropped_so_far)
{
    static char text[200000];

    for (int n = 60000; n <= 100000; n += 40000) {
        struct site s;
        char *at = text;

        at += sprintf(at,
                      "POST /ignore HTTP/1.1\r\nHost: x\r\n"
                      "Transfer-Encoding: chunked\r\n\r\n%x\r\n",
                      (unsigned)n);
        memset(at, 'x', (size_t)n);
        strcpy(at + n, "\r\n0\r\n\r\n");
        site_open(&s, bodies, NULL, sizeof text);
        cr_expect_str_eq(site_brief(site_ask(&s, text)), "200 ignored");
        cr_expect_eq(site_ended(&s), n > 65536, "%d bytes", n);
        site_close(&s);
    }
}

CLAIM(request, whose_long_body_is_unread_is_answered_and_the_last)
{
    static char text[400000];
    struct gyre_http_options options = {.body_limit = sizeof text};
    struct site s;
    const char *answer;
    int head = sprintf(text, "POST /ignore HTTP/1.1\r\nHost: x\r\n"
                             "Content-Length: 300000\r\n\r\n");

    memset(text + head, 'x', 200000);
    site_open(&s, bodies, &options, 0);
    answer = site_ask(&s, text);
    cr_expect_str_eq(site_brief(answer), "200 ignored");
    cr_expect_not_null(strstr(answer, "Connection: close\r\n"));
    cr_expect(site_ended(&s));
    site_close(&s);
}

CLAIM(request, is_answered_before_the_next_ones_body_is_waited_for)
{
    struct site s;

    site_open(&s, bodies, NULL, 0);
    cr_expect_str_eq(
        site_brief(site_ask(&s, "GET / HTTP/1.1\r\nHost: x\r\n\r\n" POST
                                "Content-Length: 3\r\n\r\n")),
        "200 ignored");
    cr_expect_str_eq(site_brief(site_ask(&s, "abc")), "200 abc");
    site_close(&s);
}

CLAIM(request, with_a_bad_body_is_answered_for_the_handler)
{
    static const struct {
        const char *text, *answer;
    } cases[] = {
        {POST "Transfer-Encoding: chunked\r\n\r\nxyz\r\n", "400 "},
        {POST "Transfer-Encoding: chunked\r\n\r\nb\r\n12345678901\r\n0\r\n\r\n",
         "413 "},
        {POST "Content-Length: 11\r\n\r\n", "413 "},
    };
    struct gyre_http_options options = {.body_limit = 10};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *answer;
        struct site s;

        site_open(&s, bodies, &options, 0);
        answer = site_ask(&s, cases[i].text);
        cr_expect_str_eq(site_brief(answer), cases[i].answer, "%s",
                         cases[i].text);
        cr_expect_not_null(strstr(answer, "Connection: close\r\n"));
        cr_expect(site_ended(&s));
        site_close(&s);
    }
}

/* The client leaves before it is asked for the body, or while it is. */
CLAIM(request, whose_client_leaves_is_no_failure)
{
    static const char *const fields[] = {"", "Expect: 100-continue\r\n"};

    for (int i = 0; i < 2; i++) {
        struct failures failures = {.log.error = count_failure};
        struct gyre_http_options options = {.log = &failures.log};
        struct site s;
        char text[200];

        snprintf(text, sizeof text,
                 "POST /late HTTP/1.1\r\nHost: x\r\n"
                 "Content-Length: 4\r\n%s\r\n",
                 fields[i]);
        site_open(&s, bodies, &options, 0);
        cr_expect_str_eq(site_ask(&s, text), "");
        gyre_close(s.client);
        s.client = NULL;
        cr_expect_eq(gyre_await(&s.served, gyre_in(10 * S)), 0);
        cr_expect_eq(failures.told, 0);
        cr_expect_eq(gyre_http_server_counts(s.server).requests, 0);
        site_close(&s);
    }
}

/* Only what is spent waiting counts against the client, and a handler's own
   deadline costs it nothing. */
CLAIM(request, is_not_blamed_for_a_slow_handler)
{
    struct site s;

    site_open(&s, bodies, NULL, 0);
    cr_expect_str_eq(site_ask(&s, "POST /patient HTTP/1.1\r\nHost: x\r\n"
                                  "Content-Length: 5\r\n\r\nab"),
                     "");
    cr_expect_str_eq(site_ask_for(&s, "", 91 * S), "");
    cr_expect_str_eq(site_ask_for(&s, "cde", 31 * S), "");
    cr_expect_str_eq(site_brief(site_ask_for(&s, "", 100 * S)), "204 ");
    cr_expect(!site_ended(&s));
    site_close(&s);
}

CLAIM(request, may_come_in_very_many_chunks)
{
    static char text[200000];
    struct site s;
    char *at = text + sprintf(text, POST "Transfer-Encoding: chunked\r\n\r\n");
    const char *answer;

    for (int i = 0; i < 20000; i++)
        at += sprintf(at, "1\r\nx\r\n");
    strcpy(at, "0\r\n\r\n");
    site_open(&s, bodies, NULL, 0);
    answer = site_ask(&s, text);
    cr_expect_not_null(strstr(answer, "Content-Length: 20000\r\n"));
    cr_expect_eq(strlen(strstr(answer, "\r\n\r\n") + 4), 20000);
    site_close(&s);
}
