/*
 * test_pool.c - requests are used again, and nothing is left in them: of the
 * one before, or of somebody else's, whose connection has failed.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "task/task.h"
#include "io/memory.h"
#include "io/http/server/content.h"
#include "tests/io/http/handlers.h"
#include "tests/io/http/site.h"

#define S GYRE_SECOND

#define POST(path, fields)                                                     \
    "POST " path " HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n" fields "\r\n"

/* ---- a server ---- */

static int stream_hello(struct gyre_http_request *r)
{
    int err = gyre_http_reply_begin(r, 200, 5);

    return err ? err : gyre_http_reply_write(r, "hello", 5, GYRE_FOREVER);
}

static int begin_and_fail(struct gyre_http_request *r)
{
    int err = gyre_http_reply_begin(r, 200, -1);

    return err ? err : -EIO;
}

static int read_json(struct gyre_http_request *r)
{
    const struct gyre_json_value *v;
    int err = gyre_http_body_json(r, &v, GYRE_FOREVER);

    return err ? err : 204;
}

/* Fails as one does that has read what is malformed; but it has read
   nothing. */
static int fail_as_if_to_blame(struct gyre_http_request *r)
{
    (void)r;
    return -EPROTO;
}

static const struct gyre_http_route routes[] = {
    {"GET", "/", hello},
    {"GET", "/large", large},
    {"GET", "/stream", stream_hello},
    {"GET", "/fail", begin_and_fail},
    {"GET", "/blame", fail_as_if_to_blame},
    {"POST", "/json", read_json},
    {"POST", "/echo", echo_whole},
    {0},
};

/* What was logged last. */
static bool had_method;
static gyre_time took;

static void look_at_access(struct gyre_http_log *log,
                           const struct gyre_http_access *access)
{
    (void)log;
    had_method = access->method.at != NULL;
    took = access->took;
}

static void say_nothing(struct gyre_http_log *log, const char *peer,
                        const char *what, int err)
{
    (void)log, (void)peer, (void)what, (void)err;
}

static struct gyre_http_log quiet = {look_at_access, say_nothing};

/* ---- of the one before ---- */

/* On one connection, which came together or one after the other. */
CLAIM(pool, leaves_nothing_of_the_request_before)
{
    static const struct {
        const char *first, *second, *answer;
    } cases[] = {
        {GET("/stream"), GET("/fail"), "500 "},
        {POST("/json", "") "{\"a\":", GET("/blame"), "500 "},
        {POST("/echo", "") "12345", POST("/echo", "") "67890", "200 67890"},
        {GET("/fail"), GET("/stream"), "200 hello"},
    };
    const struct gyre_http_options options = {.log = &quiet};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[500];
        struct site s;
        const char *both;

        site_open(&s, routes, &options, 0);
        (void)site_ask(&s, cases[i].first);
        cr_expect_str_eq(site_brief(site_ask(&s, cases[i].second)),
                         cases[i].answer, "case %zu", i);
        snprintf(text, sizeof text, "%s%s", cases[i].first, cases[i].second);
        both = site_brief(site_ask(&s, text));
        cr_expect_str_eq(strstr(both, "; ") + 2, cases[i].answer, "case %zu",
                         i);
        site_close(&s);
    }
}

CLAIM(pool, gives_each_body_the_same_time)
{
    const struct gyre_http_options options = {.body_time = 10 * S,
                                              .body_rate = 1 << 20};
    struct site s;

    site_open(&s, routes, &options, 0);
    for (int i = 0; i < 3; i++) {
        (void)site_ask_for(&s, POST("/echo", ""), 6 * S);
        cr_expect_str_eq(site_brief(site_ask(&s, "01234")), "200 01234");
    }
    site_close(&s);
}

/* ---- of another's ---- */

static intptr_t serve_again(void *arg)
{
    struct site *s = arg;

    return gyre_http_serve_stream(s->server, s->peer, GYRE_FOREVER);
}

/* Be another client, of the same server. */
static void come_again(struct site *s)
{
    struct gyre_stream *ends[2];

    gyre_close(s->client);
    cr_expect_eq(gyre_await(&s->served, gyre_in(100 * S)), 0);
    cr_expect_eq(gyre_memory_pair(gyre_loop_current(), 0, ends), 0);
    s->client = ends[0];
    s->peer = ends[1];
    gyre_spawn(&s->scope, &s->served, serve_again, s);
    let_others_run();
}

CLAIM(pool, has_nothing_to_log_of_what_was_not_understood)
{
    const struct gyre_http_options options = {.log = &quiet};
    struct site s;

    site_open(&s, routes, &options, 0);
    (void)site_ask(&s,
                   "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    cr_expect(had_method);
    cr_expect_eq(gyre_sleep(gyre_in(S)), 0);
    come_again(&s);
    cr_expect_str_eq(site_brief(site_ask(&s, "nonsense\r\n\r\n")), "400 ");
    cr_expect(!had_method);
    cr_expect_eq(took, 0);
    site_close(&s);
}

/* One that reads nothing: replies are left over, or the half of one. */
CLAIM(pool, leaves_nothing_of_a_connection_that_failed)
{
    static const struct {
        const char *text;
        size_t room;
    } failing[] = {{GET("/") GET("/") GET("/"), 100}, {GET("/large"), 70000}};
    static const char *const asked[][2] = {
        {GET("/"), "200 hello"},
        {GET("/fail"), "500 "},
        {POST("/echo", "Expect: 100-continue\r\n"), "100 "}};
    const struct gyre_http_options options = {
        .log = &quiet, .write_time = S, .write_rate = 1 << 20};

    for (size_t i = 0; i < 2 * 3; i++) {
        const char *const *ask = asked[i % 3];
        struct site s;

        site_open(&s, routes, &options, failing[i / 3].room);
        cr_expect_eq(gyre_write(s.client, failing[i / 3].text,
                                strlen(failing[i / 3].text), GYRE_NOW),
                     0);
        cr_expect_eq(gyre_sleep(gyre_in(20 * S)), 0);
        come_again(&s);
        cr_expect_str_eq(site_brief(site_ask(&s, ask[0])), ask[1], "case %zu",
                         i);
        site_close(&s);
    }
}
