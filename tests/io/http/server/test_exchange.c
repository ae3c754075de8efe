/*
 * test_exchange.c - replies reach the client, whatever becomes of those behind
 * them; and one that breaks off is seen to.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "task/task.h"
#include "tests/io/http/handlers.h"
#include "tests/io/http/site.h"

#define S GYRE_SECOND

/* Replies when it is cancelled; with a large body, if it is asked for one. */
static int reply_late(struct gyre_http_request *r)
{
    static char bytes[LARGE];
    bool large = gyre_http_query(r, "large") != NULL;

    cr_expect_eq(gyre_sleep(GYRE_FOREVER), -ECANCELED);
    return large ? gyre_http_reply(r, 503, bytes, sizeof bytes)
                 : gyre_http_reply(r, 503, "late", 4);
}

static int stream_late(struct gyre_http_request *r)
{
    cr_expect_eq(gyre_http_reply_begin(r, 200, 0), 0);
    cr_expect_eq(gyre_sleep(GYRE_FOREVER), -ECANCELED);
    return 0;
}

/* Breaks off in the middle. */
static int break_off(struct gyre_http_request *r)
{
    int err = gyre_http_reply_begin(r, 200, -1);

    if (err == 0)
        err = gyre_http_reply_write(r, "half", 4, GYRE_FOREVER);
    return err ? err : -ECANCELED;
}

/* Begins a reply, and fails when there was time to send what is before it. */
static int fail_slowly(struct gyre_http_request *r)
{
    int err = gyre_http_reply_begin(r, 200, -1);

    if (err == 0)
        err = gyre_sleep(gyre_in(S / 10));
    return err ? err : -EIO;
}

/* The same, when it has tried to send some of it in vain: by its own deadline,
   or that of a scope of its own. */
static int fail_hastily(struct gyre_http_request *r)
{
    bool scoped = gyre_http_query(r, "scoped") != NULL;
    int err = fail_slowly(r);
    struct gyre_scope scope;

    gyre_scope_open(&scope, scoped ? gyre_in(S) : GYRE_FOREVER);
    cr_expect_eq(gyre_http_reply_write(r, "x", 1, gyre_in(scoped ? 2 * S : S)),
                 scoped ? -ECANCELED : -ETIMEDOUT);
    cr_expect_eq(gyre_scope_close(&scope, 0), scoped ? -ETIMEDOUT : 0);
    return err;
}

static const struct gyre_http_route routes[] = {
    {"GET", "/", hello},
    {"GET", "/second", wait_a_second},
    {"GET", "/late", reply_late},
    {"GET", "/stream", stream_late},
    {"GET", "/break", break_off},
    {"GET", "/fail", fail_slowly},
    {"GET", "/haste", fail_hastily},
    {0},
};

/* ---- what is said about them in the log ---- */

static gyre_time took[4];
static size_t logged;

static void log_time(struct gyre_http_log *log,
                     const struct gyre_http_access *access)
{
    (void)log;
    if (logged < 4)
        took[logged++] = access->took;
}

static void say_nothing(struct gyre_http_log *log, const char *peer,
                        const char *what, int err)
{
    (void)log, (void)peer, (void)what, (void)err;
}

static struct gyre_http_log log_times = {log_time, say_nothing};
static const struct gyre_http_options timed = {.log = &log_times};

CLAIM(exchange, is_timed_from_its_own_head_on)
{
    struct site s;

    site_open(&s, routes, &timed, 0);
    (void)site_ask_for(&s, GET("/") GET("/second") GET("/second"), 3 * S);
    cr_expect_eq(logged, 3);
    cr_expect_eq(took[0], 0);
    cr_expect_eq(took[1], S);
    cr_expect_eq(took[2], S);
    site_close(&s);
}

/* ---- those that are complete ---- */

CLAIM(exchange, sends_what_is_complete_before_a_handler_parks)
{
    struct site s;

    site_open(&s, routes, NULL, 0);
    cr_expect_str_eq(
        site_brief(site_ask(&s, GET("/") GET("/nope") GET("/second") GET("/"))),
        "200 hello; 404 ");
    cr_expect_str_eq(site_brief(site_ask_for(&s, "", 2 * S)),
                     "200 slept; 200 hello");
    site_close(&s);
}

/* There is no room for all of it at once; the handler takes long. */
CLAIM(exchange, sends_what_is_complete_as_the_client_takes_it)
{
    struct site s;

    site_open(&s, routes, NULL, 120);
    cr_expect_str_eq(
        site_brief(site_ask_for(&s, GET("/") GET("/") GET("/second"), S / 2)),
        "200 hello; 200 hello");
    cr_expect_str_eq(site_brief(site_ask_for(&s, "", 2 * S)), "200 slept");
    cr_expect(!site_ended(&s));
    site_close(&s);
}

CLAIM(exchange, sends_what_is_complete_though_all_is_cancelled)
{
    struct gyre_http_options options = {.grace = S / 2};
    struct site s;
    static const char text[] = GET("/") GET("/") GET("/late");

    /* Both ways there is room for what is asked, and not for what is
       answered. */
    site_open(&s, routes, &options, sizeof text - 1);
    cr_expect_eq(gyre_write(s.client, text, sizeof text - 1, GYRE_NOW), 0);
    cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
    gyre_http_server_stop(s.server);
    cr_expect_eq(gyre_sleep(gyre_in(S)), 0);
    cr_expect_str_eq(site_brief(site_ask_for(&s, "", 3 * S)),
                     "200 hello; 200 hello; 503 late");
    cr_expect_eq(gyre_await(&s.served, gyre_in(5 * S)), 0);
    site_close(&s);
}

CLAIM(exchange, sends_what_a_handler_replies_when_it_is_cancelled)
{
    static const char *const requests[] = {GET("/late"), GET("/late?large"),
                                           GET("/stream")};
    static const size_t lengths[] = {4, LARGE, 0};

    for (int i = 0; i < 3; i++) {
        struct gyre_http_options options = {.grace = S};
        struct site s;
        const char *answer;

        site_open(&s, routes, &options, 0);
        cr_expect_str_eq(site_ask(&s, requests[i]), "");
        gyre_http_server_stop(s.server);
        answer = site_ask_for(&s, "", 2 * S);
        cr_expect_eq(strncmp(answer, "HTTP/1.1 ", 9), 0, "%s", requests[i]);
        answer = strstr(answer, "Content-Length: ");
        cr_expect_not_null(answer);
        cr_expect_eq((size_t)atoi(answer + 16), lengths[i]);
        cr_expect_eq(gyre_await(&s.served, gyre_in(5 * S)), 0);
        site_close(&s);
    }
}

/* Who has something on its way would else be answered with a reset. */
CLAIM(exchange, lingers_behind_what_it_sends_though_all_is_cancelled)
{
    struct gyre_http_options options = {.grace = S};
    struct site s;

    site_open(&s, routes, &options, 0);
    cr_expect_str_eq(site_ask(&s, GET("/late")), "");
    gyre_http_server_stop(s.server);
    cr_expect_str_eq(site_brief(site_ask_for(&s, "", 9 * S)), "503 late");
    cr_expect_eq(elapsed(), S + MS);
    cr_expect_eq(gyre_write(s.client, "x", 1, GYRE_NOW), 0);
    cr_expect_eq(gyre_await(&s.served, gyre_in(3 * S)), 0);
    site_close(&s);
}

CLAIM(exchange, does_not_wait_for_ever_to_send_what_is_complete)
{
    struct gyre_http_options options = {.grace = S, .abort = S};
    struct site s;
    static const char text[] = GET("/") GET("/") GET("/late");

    site_open(&s, routes, &options, sizeof text - 1);
    cr_expect_eq(gyre_write(s.client, text, sizeof text - 1, GYRE_NOW), 0);
    cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
    gyre_http_server_stop(s.server);
    cr_expect_eq(gyre_await(&s.served, gyre_in(5 * S / 2)), 0);
    site_close(&s);
}

/* ---- those of which nothing was sent ---- */

/* There is no room for all that is before it, until the client reads. */
CLAIM(exchange, says_500_for_what_was_begun_and_not_sent)
{
    static const char *const asked[] = {GET("/") GET("/") GET("/fail"),
                                        GET("/") GET("/") GET("/haste"),
                                        GET("/") GET("/") GET("/haste?scoped")};

    for (size_t i = 0; i < 3; i++) {
        struct site s;

        site_open(&s, routes, &timed, strlen(asked[i]));
        cr_expect_eq(gyre_write(s.client, asked[i], strlen(asked[i]), GYRE_NOW),
                     0);
        cr_expect_eq(gyre_sleep(gyre_in(2 * S)), 0);
        cr_expect_str_eq(site_brief(site_ask_for(&s, "", S)),
                         "200 hello; 200 hello; 500 ", "case %zu", i);
        site_close(&s);
    }
}

CLAIM(exchange, sends_nothing_of_a_reply_before_its_handler_does)
{
    struct site s;

    site_open(&s, routes, &timed, 0);
    cr_expect_str_eq(site_brief(site_ask_for(&s, GET("/") GET("/fail"), S)),
                     "200 hello; 500 ");
    site_close(&s);
}

/* ---- those that break off ---- */

/* Where the end of the connection is that of the reply, it must not look like
   that. */
CLAIM(exchange, resets_what_would_look_complete)
{
    static const struct {
        const char *text, *answer;
        ssize_t end;
    } cases[] = {
        {GET("/break"), "\r\n\r\n4\r\nhalf\r\n", 0},
        {"GET /break HTTP/1.0\r\n\r\n", "\r\n\r\nhalf", -ECONNRESET},
    };

    for (int i = 0; i < 2; i++) {
        struct site s;
        char byte;

        site_open(&s, routes, NULL, 0);
        cr_expect_not_null(
            strstr(site_ask(&s, cases[i].text), cases[i].answer));
        cr_expect_eq(gyre_read(s.client, &byte, 1, gyre_in(9 * S)),
                     cases[i].end);
        site_close(&s);
    }
}
