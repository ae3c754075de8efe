/*
 * test_events.c - the claims of events.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "task/task.h"
#include "io/http/server/events.h"
#include "tests/io/http/handlers.h"
#include "tests/io/http/site.h"
#include "tests/support/faults.h"

#define S GYRE_SECOND

/* ---- composing ---- */

static void expect_composed(struct gyre_http_server_event e,
                            const char *expected)
{
    struct gyre_buf out = {0};

    cr_expect_eq(gyre_http_event_compose(&out, &e), 0, "%s", expected);
    cr_assert_eq(gyre_buf_append(&out, "", 1), 0);
    cr_expect_str_eq(out.at, expected);
    gyre_buf_free(&out);
}

Test(events, are_composed_line_by_line)
{
    typedef struct gyre_http_server_event event;

    expect_composed((event){"x"}, "data: x\n\n");
    expect_composed((event){""}, "data: \n\n");
    expect_composed((event){" x"}, "data:  x\n\n");
    expect_composed((event){"x", "news", "7", 1500 * MS},
                    "id: 7\nevent: news\nretry: 1500\ndata: x\n\n");
    expect_composed((event){.retry = 1}, "retry: 1\n\n");
    expect_composed((event){.id = ""}, "id: \n\n");
    expect_composed((event){0}, "\n");
    expect_composed((event){"a\nb"}, "data: a\ndata: b\n\n");
    expect_composed((event){"a\r\nb\rc\n"},
                    "data: a\ndata: b\ndata: c\ndata: \n\n");
    expect_composed((event){"\n\n"}, "data: \ndata: \ndata: \n\n");
    expect_composed((event){"\r\r\n"}, "data: \ndata: \ndata: \n\n");
    expect_composed((event){"a\n\nid: 9\ndata: b"},
                    "data: a\ndata: \ndata: id: 9\ndata: data: b\n\n");
}

Test(events, nothing_injects)
{
    static const struct gyre_http_server_event refused[] = {
        {"x", "a\nb"},      {"x", "a\r"},
        {"x", NULL, "1\n"}, {"x", NULL, "1\rdata: y"},
        {"x", .retry = -1},
    };

    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct gyre_buf out = {0};

        cr_expect_eq(gyre_http_event_compose(&out, &refused[i]), -EINVAL);
        cr_expect_eq(out.length, 0);
    }
}

static int compose_much(void)
{
    struct gyre_buf out = {0};
    int err = 0;

    for (int i = 0; err == 0 && i < 50; i++) {
        size_t before = out.length;

        err = gyre_http_event_compose(
            &out, &(struct gyre_http_server_event){"a\nb\nc", "type", "id", S});
        cr_expect(err == 0 || out.length == before);
    }
    gyre_buf_free(&out);
    return err;
}

Test(events, without_memory_are_not_composed)
{
    cr_expect(faults_in_memory(compose_much) > 3);
}

/* ---- sending ---- */

static int ended; /* how the handler below did */

/* An event a second, until nobody hears it. */
static int tick(struct gyre_http_request *r)
{
    const char *last = gyre_http_header(r, "Last-Event-ID");
    int n = last != NULL ? atoi(last) : 0;
    int err = gyre_http_events_begin(r, GYRE_FOREVER);

    while (err == 0 && (err = gyre_sleep(gyre_in(S))) == 0) {
        char id[20];

        snprintf(id, sizeof id, "%d", ++n);
        err = gyre_http_event_send(
            r, &(struct gyre_http_server_event){"tick", .id = id},
            GYRE_FOREVER);
    }
    ended = err;
    return err;
}

/* Has its own mind about caching; and sees mistakes. */
static int say_two(struct gyre_http_request *r)
{
    int err = gyre_http_set_header(r, "Cache-Control", "private");

    if (err == 0)
        err = gyre_http_events_begin(r, GYRE_FOREVER);
    if (err)
        return err;
    cr_expect_eq(gyre_http_events_begin(r, GYRE_FOREVER), -EALREADY);
    cr_expect_eq(
        gyre_http_event_send(r, &(struct gyre_http_server_event){"x", "a\nb"},
                             GYRE_FOREVER),
        -EINVAL);
    err = gyre_http_event_comment(r, "a\nb", GYRE_FOREVER);
    if (err == 0)
        err = gyre_http_event_send(r, &(struct gyre_http_server_event){"x"},
                                   GYRE_FOREVER);
    return err;
}

/* Says much, and waits a second for it to be heard. */
static int say_much(struct gyre_http_request *r)
{
    static char text[3000];
    int err = gyre_http_events_begin(r, gyre_in(S));

    memset(text, 'x', sizeof text - 1);
    while (err == 0)
        err = gyre_http_event_send(r, &(struct gyre_http_server_event){text},
                                   gyre_in(S));
    ended = err;
    return err;
}

static const struct gyre_http_route routes[] = {{"GET", "/", tick},
                                                {"GET", "/two", say_two},
                                                {"GET", "/much", say_much},
                                                {0}};

CLAIM(events, come_one_by_one_and_the_head_before_them)
{
    struct site s;
    const char *head;

    site_open(&s, routes, NULL, 0);
    head = site_ask(&s, GET("/"));
    cr_expect_eq(strncmp(head, "HTTP/1.1 200", 12), 0);
    cr_expect_not_null(strstr(head, "\r\nContent-Type: text/event-stream\r\n"));
    cr_expect_not_null(strstr(head, "\r\nCache-Control: no-store\r\n"));
    cr_expect_not_null(strstr(head, "\r\n\r\n4\r\n: \n\n\r\n"));
    cr_expect_str_eq(site_ask_for(&s, "", 2 * S),
                     "12\r\nid: 1\ndata: tick\n\n\r\n"
                     "12\r\nid: 2\ndata: tick\n\n\r\n");
    site_close(&s);
}

CLAIM(events, go_on_where_a_client_was)
{
    struct site s;

    site_open(&s, routes, NULL, 0);
    site_ask(&s, "GET / HTTP/1.1\r\nHost: x\r\nLast-Event-ID: 41\r\n\r\n");
    cr_expect_str_eq(site_ask_for(&s, "", S),
                     "13\r\nid: 42\ndata: tick\n\n\r\n");
    site_close(&s);
}

CLAIM(events, end_when_the_client_is_gone)
{
    struct site s;

    ended = 0;
    site_open(&s, routes, NULL, 0);
    site_ask(&s, GET("/"));
    gyre_close(s.client);
    s.client = NULL;
    cr_expect_eq(gyre_sleep(gyre_in(5 * S)), 0);
    cr_expect_eq(ended, -EPIPE);
    site_close(&s);
}

CLAIM(events, have_the_handlers_word_on_caching_and_end_with_it)
{
    struct site s;
    const char *answer;

    site_open(&s, routes, NULL, 0);
    answer = site_ask(&s, GET("/two"));
    cr_expect_not_null(strstr(answer, "\r\nCache-Control: private\r\n"));
    cr_expect_null(strstr(answer, "no-store"));
    cr_expect_not_null(strstr(answer, "\r\n\r\n4\r\n: \n\n\r\n"
                                      "9\r\n: a\n: b\n\n\r\n"
                                      "9\r\ndata: x\n\n\r\n0\r\n\r\n"));
    cr_expect_not(site_ended(&s));
    site_close(&s);
}

/* And the handler is not kept writing to nobody. */
CLAIM(events, are_not_sent_to_who_wants_the_head_alone)
{
    struct site s;
    const char *answer;

    site_open(&s, routes, NULL, 0);
    answer = site_ask(&s, "HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
    cr_expect_eq(strncmp(answer, "HTTP/1.1 200", 12), 0);
    cr_expect_not_null(
        strstr(answer, "\r\nContent-Type: text/event-stream\r\n"));
    answer = site_ask(&s, "HEAD /two HTTP/1.1\r\nHost: x\r\n\r\n");
    cr_expect_eq(strncmp(answer, "HTTP/1.1 200", 12), 0);
    site_close(&s);
}

CLAIM(events, end_with_the_patience_of_their_handler)
{
    struct site s;
    char buf[5000];
    gyre_time began = elapsed();

    ended = 0;
    site_open(&s, routes, NULL, 4000);
    cr_expect_eq(
        gyre_write(s.client, GET("/much"), strlen(GET("/much")), GYRE_NOW), 0);
    cr_expect_eq(gyre_sleep(gyre_in(2 * S)), 0);
    cr_expect_eq(ended, -ETIMEDOUT);
    cr_expect(elapsed() - began >= 2 * S);
    while (gyre_read(s.client, buf, sizeof buf, gyre_in(S)) > 0)
        continue;
    cr_expect(site_ended(&s));
    site_close(&s);
}
