/*
 * test_server.c - the claims of server.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loop/allocator.h"
#include "task/task.h"
#include "io/memory.h"
#include "io/tcp.h"
#include "io/http/server.h"
#include "tests/io/http/handlers.h"
#include "tests/io/http/site.h"
#include "tests/support/faults.h"

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

/* ---- memory ---- */

static void say_nothing(struct gyre_http_log *log, const char *peer,
                        const char *what, int err)
{
    (void)log, (void)peer, (void)what, (void)err;
}

struct service {
    struct gyre_http_server *server;
    struct gyre_stream *stream;
};

static intptr_t serve(void *arg)
{
    struct service *v = arg;

    return gyre_http_serve_stream(v->server, v->stream, GYRE_FOREVER);
}

/* Say all of it, and hear what comes until the server ends the connection. */
static int talk(struct gyre_stream *s)
{
    static const char text[] = GET("/") GET("/large") GET(
        "/nope") "POST /body HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
                 "Transfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n0\r\n\r\n"
                 "OPTIONS / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    char buf[4096];
    ssize_t n = gyre_write(s, text, strlen(text), GYRE_FOREVER);

    while (n >= 0 && (n = gyre_read(s, buf, sizeof buf, GYRE_FOREVER)) > 0)
        continue;
    return (int)n;
}

/* A server whose connection fails for want of memory says so, or closes it; it
   is never left waiting, nor is its client. */
static int converse_with(struct gyre_http_server *server)
{
    struct service v = {.server = server};
    struct gyre_stream *ends[2];
    struct gyre_future served;
    struct gyre_scope scope;
    int err = gyre_memory_pair(gyre_loop_current(), 1000, ends);

    if (err)
        return err;
    v.stream = ends[1];
    gyre_scope_open(&scope, GYRE_FOREVER);
    err = gyre_spawn(&scope, &served, serve, &v);
    if (err)
        gyre_close(ends[1]);
    else
        err = talk(ends[0]);
    gyre_close(ends[0]);
    return (int)gyre_scope_close(&scope, err == -EPIPE ? 0 : err);
}

static intptr_t converse(void *arg)
{
    struct gyre_http_log log = {.error = say_nothing};
    struct gyre_http_options options = {.log = &log};
    struct gyre_http_server *server;
    int err = gyre_http_server_new(&server, routes, &options);

    (void)arg;
    if (err)
        return err;
    err = converse_with(server);
    gyre_http_server_free(server);
    return err;
}

static int scenario(void)
{
    return (int)gyre_run(converse, NULL);
}

Test(server, survives_the_nth_allocation_failing)
{
    cr_expect_gt(faults_in_memory(scenario), 20);
}

struct place {
    struct gyre_http_server *server;
    struct gyre_listener *listener;
};

static intptr_t serve_place(void *arg)
{
    struct place *p = arg;

    return gyre_http_serve(p->server, p->listener, GYRE_FOREVER);
}

/* Connect and converse.  1 if that went well, 0 if the connection failed, or
   -ENOMEM if it could not even be made. */
static int visit(const struct gyre_addr *a)
{
    struct gyre_stream *s;
    int err = gyre_tcp_connect_to(a, &s, GYRE_FOREVER);

    if (err)
        return err == -ENOMEM ? err : 0;
    err = talk(s);
    gyre_close(s);
    return err == 0;
}

/* Whose memory fails once, fails one visitor at most. */
static int receive_visitors(struct place *p)
{
    struct gyre_future served;
    struct gyre_scope scope;
    struct gyre_addr a;
    int first, second, err;

    cr_expect_eq(gyre_listener_addr(p->listener, &a), 0);
    gyre_scope_open(&scope, GYRE_FOREVER);
    err = gyre_spawn(&scope, &served, serve_place, p);
    if (err)
        return (int)gyre_scope_close(&scope, err);
    first = visit(&a);
    second = visit(&a);
    cr_expect(first == 1 || second == 1);
    gyre_http_server_stop(p->server);
    cr_expect_eq(gyre_await(&served, GYRE_FOREVER), 0);
    return (int)gyre_scope_close(&scope, first < second ? first : second);
}

static int keep_open(const struct gyre_http_options *options)
{
    struct place p;
    int err = gyre_http_server_new(&p.server, routes, options);

    if (err)
        return err;
    err = gyre_tcp_listen("127.0.0.1", 0, &p.listener, GYRE_FOREVER);
    if (err == 0) {
        err = receive_visitors(&p);
        gyre_listener_close(p.listener);
    }
    gyre_http_server_free(p.server);
    return err;
}

static intptr_t be_visited(void *arg)
{
    struct gyre_http_log log = {.error = say_nothing};
    struct gyre_http_options options = {.log = &log};
    int err = keep_open(&options);

    (void)arg;
    return err < 0 ? err : 0;
}

static int visits(void)
{
    return (int)gyre_run(be_visited, NULL);
}

Test(server, goes_on_accepting_though_the_nth_allocation_fails)
{
    cr_expect_gt(faults_in_memory(visits), 20);
}

/* ---- a crowd ---- */

enum { CROWD = 100 };

static void exchange_with(struct gyre_stream *s)
{
    char buf[1000];

    cr_expect_eq(gyre_write(s, GET("/"), strlen(GET("/")), GYRE_FOREVER), 0);
    cr_expect_gt(gyre_read(s, buf, sizeof buf, GYRE_FOREVER), 0);
}

static void connect_crowd(struct place *p, struct gyre_stream *clients[CROWD])
{
    struct gyre_addr a;

    cr_expect_eq(gyre_listener_addr(p->listener, &a), 0);
    for (int i = 0; i < CROWD; i++) {
        cr_expect_eq(gyre_tcp_connect_to(&a, &clients[i], GYRE_FOREVER), 0);
        exchange_with(clients[i]);
    }
}

/* Both ends of each connection are in these books: less than a kilobyte
   together, while none has a request in hand; and a request more needs no
   allocation. */
static void weigh_crowd(struct place *p, struct ledger *books)
{
    struct gyre_stream *clients[CROWD];
    size_t before = books->bytes, calls;

    connect_crowd(p, clients);
    cr_expect_lt((books->bytes - before) / CROWD, 1024, "%zu bytes",
                 (books->bytes - before) / CROWD);
    calls = books->calls;
    for (int i = 0; i < CROWD; i++)
        exchange_with(clients[i]);
    cr_expect_eq(books->calls, calls);
    for (int i = 0; i < CROWD; i++)
        gyre_close(clients[i]);
}

static intptr_t crowd(void *arg)
{
    struct gyre_scope scope;
    struct place p;

    cr_expect_eq(gyre_http_server_new(&p.server, routes, NULL), 0);
    cr_expect_eq(gyre_tcp_listen("127.0.0.1", 0, &p.listener, GYRE_FOREVER), 0);
    gyre_scope_open(&scope, gyre_in(30 * S));
    gyre_spawn(&scope, NULL, serve_place, &p);
    weigh_crowd(&p, arg);
    gyre_http_server_stop(p.server);
    cr_expect_eq(gyre_scope_close(&scope, 0), 0);
    gyre_listener_close(p.listener);
    gyre_http_server_free(p.server);
    return 0;
}

Test(server, needs_little_memory_for_what_is_idle_and_none_to_answer)
{
    static struct ledger books = {.base = FAULTS_LEDGER};
    struct gyre_run_options options = {.making.allocator = &books.base};

    cr_expect_eq(gyre_run_with(&options, crowd, &books), 0);
    cr_expect_eq(books.blocks, 0);
    cr_expect(!books.wrong);
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
