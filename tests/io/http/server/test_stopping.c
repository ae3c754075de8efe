/*
 * test_stopping.c - the claims of request.h, of handlers that end when the
 * server begins to stop.
 */
#include <errno.h>
#include <string.h>

#include "task/task.h"
#include "io/http/server/events.h"
#include "tests/io/http/handlers.h"
#include "tests/io/http/site.h"

#define S GYRE_SECOND

/* An event a second, for as long as may be. */
static int tick(struct gyre_http_request *r)
{
    int err = gyre_http_events_begin(r, GYRE_FOREVER);

    while (err == 0 && (err = gyre_sleep(gyre_in(S))) == 0)
        err = gyre_http_event_comment(r, "", GYRE_FOREVER);
    return err;
}

static int sleep_long(struct gyre_http_request *r)
{
    int err = gyre_sleep(gyre_in(5 * S));

    return err ? err : gyre_http_reply_text(r, 200, "slept");
}

/* Has the last word, though it is cancelled. */
static int say_last(struct gyre_http_request *r)
{
    (void)!gyre_sleep(gyre_in(5 * S));
    return gyre_http_reply_text(r, 200, "bye");
}

static int stop_and_go_on(struct gyre_http_request *r)
{
    gyre_http_server_stop(gyre_http_context(r));
    return gyre_sleep(gyre_in(S)) ? -ECANCELED : gyre_http_next(r);
}

static const struct gyre_http_around brief[] = {{gyre_http_unless_stopping},
                                                {0}};
static const struct gyre_http_around late[] = {
    {stop_and_go_on}, {gyre_http_unless_stopping}, {0}};

static const struct gyre_http_route routes[] = {
    {"GET", "/", hello, .around = brief},
    {"GET", "/tick", tick, .around = brief},
    {"GET", "/sleep", sleep_long, .around = brief},
    {"GET", "/patient", sleep_long},
    {"GET", "/last", say_last, .around = brief},
    {"GET", "/late", hello, .around = late},
    {0},
};

/* Ask, have it stopped half a second later, and return what comes then. */
static const char *stop_under(struct site *s, const char *text)
{
    site_open(s, routes, NULL, 0);
    (void)site_ask_for(s, text, S / 2);
    gyre_http_server_stop(s->server);
    return site_ask(s, "");
}

CLAIM(stopping, ends_what_was_streamed)
{
    struct site s;

    cr_expect_str_eq(stop_under(&s, GET("/tick")), "0\r\n\r\n");
    cr_expect(site_ended(&s));
    cr_expect_eq(gyre_await(&s.served, gyre_in(3 * S)), 0);
    site_close(&s);
}

CLAIM(stopping, closes_the_connection_of_who_has_not_replied)
{
    struct site s;

    cr_expect_str_eq(stop_under(&s, GET("/sleep")), "");
    cr_expect_eq(gyre_await(&s.served, gyre_in(MS)), 0);
    site_close(&s);
    cr_expect_str_eq(site_brief(stop_under(&s, GET("/last"))), "200 bye");
    site_close(&s);
}

CLAIM(stopping, leaves_others_their_grace)
{
    struct site s;

    cr_expect_str_eq(stop_under(&s, GET("/patient")), "");
    cr_expect_str_eq(site_brief(site_ask_for(&s, "", 5 * S)), "200 slept");
    site_close(&s);
}

CLAIM(stopping, is_no_matter_before_and_does_not_begin_after)
{
    struct site s;

    site_open(&s, routes, NULL, 0);
    cr_expect_str_eq(site_brief(site_ask(&s, GET("/") GET("/"))),
                     "200 hello; 200 hello");
    gyre_http_server_set_context(s.server, s.server);
    cr_expect_str_eq(site_ask_for(&s, GET("/late"), 2 * S), "");
    cr_expect_eq(gyre_await(&s.served, gyre_in(MS)), 0);
    site_close(&s);
}

/* ---- whatever a connection does ---- */

#define POST(path)                                                             \
    "POST " path " HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n"

static int echo_until_ended(struct gyre_http_request *r)
{
    struct gyre_stream *s;
    int err = gyre_http_take_over(r, "echo", &s, GYRE_FOREVER);
    char byte;

    while (err == 0 && gyre_read(s, &byte, 1, GYRE_FOREVER) > 0)
        err = gyre_write(s, &byte, 1, GYRE_FOREVER);
    return err;
}

static const struct gyre_http_route kinds[] = {
    {"GET", "/", hello},
    {"GET", "/sleep", sleep_long},
    {"GET", "/large", large},
    {"GET", "/upgrade", echo_until_ended},
    {"POST", "/echo", echo_whole},
    {"POST", "/drop", hello},
    {0},
};

/* Asked, and half a second later the server is to stop: it has its grace, of
   ten seconds, for what is in hand.  The client leaves when it is told, unless
   it reads nothing at all. */
CLAIM(stopping, has_each_connection_end_in_its_time)
{
    static const struct {
        const char *asked;
        const char *heard; /* from the stop on, in brief; NULL: it does not */
        gyre_time ends;
    } cases[] = {
        {"", "", 0},
        {GET("/"), "", 0},
        {"GET / HT", "503 ", 0},
        {GET("/sleep"), "200 slept", 9 * S / 2},
        {POST("/echo") "half", "", 10 * S},
        {POST("/drop") "half", "", 10 * S},
        {GET("/large"), NULL, 10 * S},
        {"GET /upgrade HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\n"
         "Upgrade: echo\r\n\r\n",
         "", 10 * S},
    };
    const struct gyre_http_options options = {.body_time = 100 * S,
                                              .write_time = 100 * S};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bool reads = cases[i].heard != NULL;
        gyre_time began;
        struct site s;

        site_open(&s, kinds, &options, reads ? 0 : 1000);
        cr_expect_eq(gyre_write(s.client, cases[i].asked,
                                strlen(cases[i].asked), GYRE_NOW),
                     0);
        (void)(reads ? site_ask_for(&s, "", S / 2) : NULL);
        began = elapsed();
        gyre_http_server_stop(s.server);
        if (reads)
            cr_expect_str_eq(site_brief(site_ask_for(&s, "", 99 * S)),
                             cases[i].heard, "case %zu", i);
        (void)(reads ? gyre_shutdown(s.client, GYRE_NOW) : 0);
        cr_expect_eq(gyre_await(&s.served, gyre_in(99 * S)), 0);
        cr_expect_eq(elapsed() - began, cases[i].ends, "case %zu", i);
        site_close(&s);
    }
}
