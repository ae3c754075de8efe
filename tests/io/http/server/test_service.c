/*
 * test_service.c - how a server serves and stops, seen from its connections.
 */
#include <errno.h>
#include <string.h>

#include "task/task.h"
#include "task/wait.h"
#include "io/memory.h"
#include "io/http/server/connection.h"
#include "tests/io/http/handlers.h"
#include "tests/io/http/site.h"
#include "tests/support/faults.h"

#define S GYRE_SECOND

static const struct gyre_http_route routes[] = {{"GET", "/", hello}, {0}};

/* ---- who may stop it ---- */

/* A log that stops its server at the first reply. */
struct stopping_log {
    struct gyre_http_log log;
    struct gyre_http_server *server;
};

static void stop_server(struct gyre_http_log *log,
                        const struct gyre_http_access *access)
{
    (void)access;
    gyre_http_server_stop(GYRE_OWNER(log, struct stopping_log, log)->server);
}

/* The reply that it is told of is sent all the same. */
CLAIM(service, may_be_stopped_by_its_log)
{
    static const struct {
        const char *text, *answer;
        gyre_time span;
    } cases[] = {
        {"nonsense\r\n\r\n", "400 ", MS},
        {"GET / HT", "408 ", 11 * S},
        {GET("/") GET("/"), "200 hello; 200 hello", MS},
        {GET("/") "nonsense\r\n\r\n", "200 hello; 400 ", MS},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct stopping_log log = {.log.access = stop_server};
        struct gyre_http_options options = {.log = &log.log};
        struct site s;

        site_open(&s, routes, &options, 0);
        log.server = s.server;
        cr_expect_str_eq(
            site_brief(site_ask_for(&s, cases[i].text, cases[i].span)),
            cases[i].answer, "case %zu", i);
        cr_expect(site_ended(&s));
        site_close(&s);
    }
}

static void stop_in_a_cancelled_scope(struct gyre_http_server *server)
{
    struct gyre_scope scope;

    gyre_scope_open(&scope, GYRE_FOREVER);
    gyre_scope_cancel(&scope);
    gyre_http_server_stop(server);
    cr_expect_eq(gyre_scope_close(&scope, 0), 0);
}

CLAIM(service, stops_no_worse_when_its_stopper_is_cancelled)
{
    static const struct {
        const char *text, *answer;
    } cases[] = {{GET("/"), "200 hello"}, {"GET / HT", "503 "}};

    for (int i = 0; i < 2; i++) {
        struct site s;

        site_open(&s, routes, NULL, 0);
        cr_expect_eq(gyre_write(s.client, cases[i].text, strlen(cases[i].text),
                                GYRE_NOW),
                     0);
        stop_in_a_cancelled_scope(s.server);
        cr_expect_str_eq(site_brief(site_ask(&s, "")), cases[i].answer);
        site_close(&s);
    }
}

CLAIM(service, that_is_cancelled_has_nothing_to_wait_for_when_all_is_idle)
{
    gyre_time began = elapsed();
    struct site s;

    site_open(&s, routes, NULL, 0);
    gyre_future_cancel(&s.served);
    cr_expect_eq(gyre_await(&s.served, GYRE_FOREVER), -ECANCELED);
    cr_expect_eq(elapsed(), began);
    cr_expect(site_ended(&s));
    site_close(&s);
}

CLAIM(service, that_is_cancelled_says_so_to_who_has_begun_to_ask)
{
    struct site s;

    site_open(&s, routes, NULL, 0);
    cr_expect_str_eq(site_ask(&s, "GET / HT"), "");
    gyre_future_cancel(&s.served);
    cr_expect_str_eq(site_brief(site_ask(&s, "")), "503 ");
    site_close(&s);
}

/* ---- wrapping ---- */

static bool wraps_for_ever;

/* Shakes hands, which is a byte each way, and makes do with what is beneath. */
static int shake_hands(struct gyre_wrapper *w, struct gyre_stream *beneath,
                       struct gyre_stream **out, gyre_time deadline)
{
    struct gyre_scope shield;
    char byte;
    int err;

    (void)w;
    gyre_scope_open_shielded(&shield, gyre_in(100 * S));
    err = wraps_for_ever ? gyre_sleep(GYRE_FOREVER) : 0;
    (void)gyre_scope_close(&shield, err);
    err = gyre_read_exact(beneath, &byte, 1, deadline);
    if (err == 0)
        err = gyre_write(beneath, &byte, 1, deadline);
    *out = beneath;
    return err == 0 && byte != 'h' ? -EPROTO : err;
}

static struct gyre_wrapper wrapper = {.wrap = shake_hands};
static const struct gyre_http_options wrapping = {.wrapper = &wrapper,
                                                  .abort = S};

CLAIM(service, wraps_what_it_serves)
{
    static const struct {
        const char *text, *answer;
    } cases[] = {{"bad", "b"}, {"h" GET("/"), "200 hello"}};

    for (int i = 0; i < 2; i++) {
        struct site s;
        char byte;

        site_open(&s, routes, &wrapping, 0);
        cr_expect_eq(gyre_write(s.client, cases[i].text, strlen(cases[i].text),
                                GYRE_NOW),
                     0);
        cr_expect_eq(gyre_read(s.client, &byte, 1, gyre_in(S)), 1);
        cr_expect_str_eq(site_brief(site_ask(&s, "")), i ? "200 hello" : "");
        cr_expect_eq(site_ended(&s), i == 0);
        cr_expect_eq(gyre_http_server_counts(s.server).open, (size_t)i);
        site_close(&s);
    }
}

/* Who connects and says nothing does not get as far as being idle. */
CLAIM(service, bounds_the_time_to_wrap)
{
    struct site s;
    char byte;

    site_open(&s, routes, &wrapping, 0);
    cr_expect_eq(gyre_read(s.client, &byte, 1, gyre_in(9 * S)), -ETIMEDOUT);
    cr_expect_eq(gyre_read(s.client, &byte, 1, gyre_in(2 * S)), 0);
    site_close(&s);
}

CLAIM(service, that_stops_wraps_no_further)
{
    gyre_time began = elapsed();
    struct site s;

    site_open(&s, routes, &wrapping, 0);
    gyre_http_server_stop(s.server);
    cr_expect_eq(gyre_await(&s.served, GYRE_FOREVER), 0);
    cr_expect_eq(elapsed(), began);
    cr_expect(site_ended(&s));
    site_close(&s);
}

/* What came with the last of the handshake is a request as others are. */
CLAIM(service, that_stops_answers_what_came_while_it_wrapped)
{
    struct site s;
    char byte;

    site_open(&s, routes, &wrapping, 0);
    cr_expect_eq(
        gyre_write(s.client, "h" GET("/"), strlen(GET("/")) + 1, GYRE_NOW), 0);
    gyre_http_server_stop(s.server);
    cr_expect_eq(gyre_read(s.client, &byte, 1, gyre_in(S)), 1);
    cr_expect_str_eq(site_brief(site_ask(&s, "")), "200 hello");
    site_close(&s);
}

CLAIM(service, resets_what_is_wrapped_for_ever)
{
    const struct gyre_http_options options = {
        .wrapper = &wrapper, .grace = S, .abort = S};
    gyre_time began = elapsed();
    struct site s;
    char byte;

    wraps_for_ever = true;
    site_open(&s, routes, &options, 0);
    gyre_http_server_stop(s.server);
    cr_expect_eq(gyre_read(s.client, &byte, 1, GYRE_FOREVER), -ECONNRESET);
    cr_expect_eq(elapsed() - began, 2 * S);
    cr_expect_eq(gyre_await(&s.served, GYRE_FOREVER), 0);
    wraps_for_ever = false;
    site_close(&s);
}

/* A stream that cannot be watched, as of a system that watches too much. */
static struct unwatched {
    struct gyre_stream base;
    struct gyre_stream *beneath;
} unwatched;

static int watch_in_vain(struct gyre_stream *s, unsigned event,
                         struct gyre_job *j)
{
    (void)s;
    (void)event;
    (void)j;
    return -ENOSPC;
}

static void watch_no_more(struct gyre_stream *s, unsigned event)
{
    (void)s;
    (void)event;
}

static void close_beneath(struct gyre_stream *s)
{
    gyre_close(GYRE_OWNER(s, struct unwatched, base)->beneath);
}

static int wrap_unwatched(struct gyre_wrapper *w, struct gyre_stream *beneath,
                          struct gyre_stream **out, gyre_time deadline)
{
    static const struct gyre_stream_ops ops = {.name = "unwatched",
                                               .when = watch_in_vain,
                                               .forget = watch_no_more,
                                               .close = close_beneath};

    (void)w;
    gyre_stream_init(&unwatched.base, &ops, gyre_loop_current());
    unwatched.beneath = beneath;
    *out = &unwatched.base;
    return gyre_checkpoint(deadline);
}

/* Here what matters is what the sanitizers say. */
CLAIM(service, closes_what_is_wrapped_and_cannot_be_watched)
{
    struct gyre_wrapper w = {.wrap = wrap_unwatched};
    const struct gyre_http_options options = {.wrapper = &w};
    struct site s;

    site_open(&s, routes, &options, 0);
    cr_expect_eq(gyre_await(&s.served, GYRE_FOREVER), 0);
    cr_expect(site_ended(&s));
    cr_expect_eq(gyre_http_server_counts(s.server).open, 0);
    site_close(&s);
}

/* Makes a stream that cannot be reset of one that can. */
static int wrap_uncut(struct gyre_wrapper *w, struct gyre_stream *beneath,
                      struct gyre_stream **out, gyre_time deadline)
{
    static struct gyre_stream_ops uncut;

    (void)w;
    uncut = *beneath->ops;
    uncut.cut = NULL;
    beneath->ops = &uncut;
    *out = beneath;
    return gyre_checkpoint(deadline);
}

/* Does not hear that it is cancelled, but that there is nothing to be had. */
static int read_on(struct gyre_http_request *r)
{
    struct gyre_scope shield;
    char byte;
    ssize_t n;

    gyre_scope_open_shielded(&shield, gyre_in(1000 * S));
    n = gyre_http_read_body(r, &byte, 1, GYRE_FOREVER);
    (void)gyre_scope_close(&shield, 0);
    return n < 0 ? -ECANCELED : 200;
}

CLAIM(service, closes_what_goes_on_and_cannot_be_reset)
{
    static const struct gyre_http_route reads[] = {{"POST", "/", read_on}, {0}};
    struct gyre_wrapper w = {.wrap = wrap_uncut};
    const struct gyre_http_options options = {
        .wrapper = &w, .grace = S, .abort = S, .body_time = 1000 * S};
    gyre_time began;
    struct site s;
    char byte;

    site_open(&s, reads, &options, 0);
    site_ask(&s, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n");
    began = elapsed();
    gyre_http_server_stop(s.server);
    cr_expect_eq(gyre_read(s.client, &byte, 1, GYRE_FOREVER), 0);
    cr_expect_eq(elapsed() - began, 2 * S);
    cr_expect_eq(gyre_await(&s.served, gyre_in(MS)), 0);
    site_close(&s);
}

/* ---- room ---- */

CLAIM(service, has_those_who_wait_for_room_look_when_one_has_left)
{
    struct gyre_wait w = {0};
    struct site s;

    site_open(&s, routes, NULL, 0);
    gyre_close(s.client);
    s.client = NULL;
    cr_expect_eq(gyre_waiters_park(&s.server->base.waiting, &w, gyre_in(S)), 0);
    site_close(&s);
}

enum { MANY = 2000 };

/* Spawn as many as there are stacks for. */
static size_t use_up_stacks(struct gyre_scope *scope)
{
    static gyre_time span = 1000 * S;
    size_t n = 0;

    while (n < MANY && gyre_spawn(scope, NULL, nap, &span) == 0)
        n++;
    return n;
}

/* Then there is nobody who could say so. */
CLAIM(service, closes_what_it_has_no_stack_to_wrap)
{
    struct gyre_http_server *server;
    struct gyre_stream *ends[2];
    struct gyre_scope scope;
    char byte;

    cr_expect_eq(gyre_http_server_new(&server, routes, &wrapping), 0);
    cr_expect_eq(gyre_memory_pair(gyre_loop_current(), 0, ends), 0);
    gyre_scope_open_tolerant(&scope, GYRE_FOREVER);
    faults_in_mapping(true);
    cr_expect_lt(use_up_stacks(&scope), MANY);
    cr_expect_eq(gyre_http_serve_stream(server, ends[1], GYRE_FOREVER),
                 -ENOMEM);
    faults_in_mapping(false);
    cr_expect_eq(gyre_read(ends[0], &byte, 1, GYRE_NOW), 0);
    cr_expect_eq(gyre_http_server_counts(server).open, 0);
    gyre_close(ends[0]);
    gyre_scope_cancel(&scope);
    cr_expect_eq(gyre_scope_close(&scope, 0), 0);
    gyre_http_server_free(server);
    cr_expect_gt(world->failures, 0);
    world->failures = 0;
}

CLAIM(service, answers_that_it_has_no_stack_for_a_request)
{
    struct gyre_scope scope;
    struct site s;

    site_open(&s, routes, NULL, 0);
    gyre_scope_open_tolerant(&scope, GYRE_FOREVER);
    faults_in_mapping(true);
    cr_expect_lt(use_up_stacks(&scope), MANY);
    cr_expect_str_eq(site_brief(site_ask(&s, GET("/"))), "503 ");
    faults_in_mapping(false);
    cr_expect(site_ended(&s));
    cr_expect_eq(gyre_http_server_counts(s.server).busy, 0);
    gyre_scope_cancel(&scope);
    cr_expect_eq(gyre_scope_close(&scope, 0), 0);
    site_close(&s);
}
