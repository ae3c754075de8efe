/*
 * test_floods.c - clients who never stop asking, or never listen, or both: each
 * costs what it sends, and keeps no more than a little.
 */
#include <errno.h>
#include <string.h>

#include "task/task.h"
#include "io/memory.h"
#include "tests/io/http/handlers.h"
#include "tests/io/http/site.h"

#define S GYRE_SECOND

static const struct gyre_http_route routes[] = {
    {"GET", "/", hello},
    {0},
};

/* ---- requests ---- */

enum { REQUESTS = 100000 };

static intptr_t ask_and_ask(void *arg)
{
    struct site *s = arg;
    int err = 0;

    for (int i = 0; i < REQUESTS && err == 0; i++)
        err = gyre_write(s->client, GET("/"), strlen(GET("/")), GYRE_FOREVER);
    return err;
}

/* Read `n` bytes, of which few stay anywhere. */
static void hear(struct site *s, size_t n)
{
    char buf[4096];

    while (n > 0) {
        ssize_t got = gyre_read(s->client, buf, n < sizeof buf ? n : sizeof buf,
                                gyre_in(10 * S));

        if (got <= 0) {
            cr_expect_eq(n, 0, "%zu bytes are missing", n);
            return;
        }
        n -= (size_t)got;
    }
}

CLAIM(floods, of_requests_are_answered_to_the_last)
{
    struct gyre_scope scope;
    struct site s;
    size_t length;

    site_open(&s, routes, NULL, 0);
    length = strlen(site_ask(&s, GET("/")));
    gyre_scope_open(&scope, GYRE_FOREVER);
    gyre_spawn(&scope, NULL, ask_and_ask, &s);
    hear(&s, REQUESTS * length);
    cr_expect_eq(gyre_scope_close(&scope, 0), 0);
    cr_expect_eq(gyre_http_server_counts(s.server).requests, REQUESTS + 1);
    site_close(&s);
}

/* Say `text` again and again, until nothing of it was taken for a second or the
   connection ends: how many bytes were. */
static size_t pour(struct site *s, const char *text)
{
    size_t n = strlen(text), poured = 0;
    ssize_t went = 1;

    while (went > 0) {
        went = gyre_write_some(s->client, text + poured % n, n - poured % n,
                               gyre_in(S));
        poured += went > 0 ? (size_t)went : 0;
    }
    return poured;
}

/* What has room is the connection, each way, what the server reads at a time,
   and the answers to that. */
CLAIM(floods, of_requests_wait_where_nobody_hears_the_answers)
{
    size_t poured;
    struct site s;

    site_open(&s, routes, NULL, 4096);
    poured = pour(&s, GET("/"));
    cr_expect_gt(poured, 4096);
    cr_expect_lt(poured, 32768, "%zu bytes", poured);
    cr_expect_eq(gyre_await(&s.served, gyre_in(100 * S)), 0);
    site_close(&s);
}

/* ---- heads ---- */

/* The answer comes when the limit is reached, and then it is hung up. */
CLAIM(floods, of_heads_without_end_are_refused)
{
    static const char *const texts[] = {
        "a:\r\n",
        "a-longer-name: and a longer value\r\n",
        "a",
        "a: b",
    };

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct site s;
        size_t poured;

        site_open(&s, routes, NULL, 4096);
        site_ask(&s, "GET / HTTP/1.1\r\n");
        poured = pour(&s, texts[i]);
        cr_expect_lt(poured, 512 * 1024, "%zu bytes", poured);
        cr_expect_str_eq(site_brief(site_ask_for(&s, "", S)), "431 ",
                         "case %zu", i);
        site_close(&s);
    }
}

/* ---- drips ---- */

enum { DRIPS = 200 };

/* A connection to the site's server beside the site's own. */
struct drip {
    struct gyre_http_server *server;
    struct gyre_stream *ends[2];
};

static intptr_t serve(void *arg)
{
    struct drip *d = arg;

    return gyre_http_serve_stream(d->server, d->ends[1], GYRE_FOREVER);
}

/* A byte of a head a second. */
static intptr_t drip(void *arg)
{
    struct gyre_stream *client = ((struct drip *)arg)->ends[0];
    char answer[200] = "";
    int err = 0;

    for (int i = 0; err == 0 && i < 60; i++) {
        err = gyre_write(client, &GET("/")[i % 16], 1, GYRE_NOW);
        must(gyre_sleep(gyre_in(S)) == 0);
    }
    must(gyre_read(client, answer, sizeof answer - 1, GYRE_NOW) > 0);
    must(strncmp(answer, "HTTP/1.1 408 ", 13) == 0);
    gyre_close(client);
    return 0;
}

CLAIM(floods, of_drips_harm_nobody)
{
    static struct drip drips[DRIPS];
    gyre_time began = elapsed();
    struct gyre_scope scope;
    struct site s;

    site_open(&s, routes, NULL, 0);
    gyre_scope_open(&scope, GYRE_FOREVER);
    for (int i = 0; i < DRIPS; i++) {
        drips[i].server = s.server;
        must(gyre_memory_pair(gyre_loop_current(), 0, drips[i].ends) == 0);
        gyre_spawn(&scope, NULL, serve, &drips[i]);
        gyre_spawn(&scope, NULL, drip, &drips[i]);
    }
    for (int i = 0; i < 15; i++) {
        cr_expect_str_eq(site_brief(site_ask(&s, GET("/"))), "200 hello");
        cr_expect_eq(gyre_sleep(gyre_in(S)), 0);
    }
    cr_expect_eq(gyre_scope_close(&scope, 0), 0);
    cr_expect_leq(elapsed() - began, 20 * S);
    site_close(&s);
}
