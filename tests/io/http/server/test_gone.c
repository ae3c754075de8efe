/*
 * test_gone.c - the claims of request.h, of a peer that is gone.
 */
#include <errno.h>
#include <string.h>

#include "task/task.h"
#include "io/http/server/request.h"
#include "tests/io/http/handlers.h"
#include "tests/io/http/site.h"

#define S GYRE_SECOND

static struct site s;
static int came_to;
static gyre_time took;

/* Sleep for ten seconds; and note what came of it, and when. */
static int sleep_long(struct gyre_http_request *r)
{
    gyre_time began = gyre_in(0);

    came_to = gyre_sleep(gyre_in(10 * S));
    took = gyre_in(0) - began;
    return came_to ? came_to : gyre_http_reply(r, 200, "slept", 5);
}

static int sleep_with_body(struct gyre_http_request *r)
{
    struct gyre_span body;
    int err = gyre_http_body_whole(r, &body, GYRE_FOREVER);

    return err ? err : sleep_long(r);
}

/* Ask each second whether the peer is there. */
static int ask_each_second(struct gyre_http_request *r)
{
    for (took = 0; took < 10 * S && !gyre_http_peer_gone(r); took += S)
        if (gyre_sleep(gyre_in(S)) != 0)
            return -ECANCELED;
    return gyre_http_reply(r, 200, "asked", 5);
}

static int stay(struct gyre_http_request *r)
{
    (void)r;
    while (gyre_sleep(gyre_in(S)) == 0)
        continue;
    return 204;
}

static const struct gyre_http_around vigilant[] = {{gyre_http_unless_gone},
                                                   {0}};
static const struct gyre_http_around twice[] = {
    {gyre_http_unless_gone}, {gyre_http_unless_gone}, {0}};

static const struct gyre_http_route routes[] = {
    {"GET", "/", hello, .around = vigilant},
    {"GET", "/sleep", sleep_long, .around = vigilant},
    {"GET", "/twice", sleep_long, .around = twice},
    {"POST", "/sleep", sleep_with_body, .around = vigilant},
    {"GET", "/sound", sleep_long},
    {"GET", "/ask", ask_each_second},
    {"GET", "/ask/vigilant", ask_each_second, .around = vigilant},
    {"GET", "/stay", stay, .around = vigilant},
    {0},
};

/* Send `text`, and leave after a second; all there is to do is done then. */
static void visit(const char *text)
{
    took = 0;
    came_to = 0;
    site_open(&s, routes, NULL, 0);
    (void)site_ask_for(&s, text, S);
    site_close(&s);
}

CLAIM(gone, has_what_is_in_hand_cancelled)
{
    visit(GET("/sleep"));
    cr_expect_eq(came_to, -ECANCELED);
    cr_expect_eq(took, S);
    visit(GET("/twice"));
    cr_expect_eq(took, S);
}

CLAIM(gone, is_no_matter_to_others)
{
    visit(GET("/sound"));
    cr_expect_eq(came_to, 0);
    cr_expect_eq(took, 10 * S);
}

CLAIM(gone, is_noticed_when_the_body_has_been_read)
{
    visit("POST /sleep HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab");
    cr_expect_eq(came_to, -ECANCELED);
    cr_expect_eq(took, S);
}

CLAIM(gone, is_hidden_by_the_next_request)
{
    site_open(&s, routes, NULL, 0);
    (void)site_ask_for(&s, GET("/sleep"), S);
    (void)site_ask_for(&s, GET("/"), S);
    site_close(&s);
    cr_expect_eq(came_to, 0);
    cr_expect_eq(took, 10 * S);
}

CLAIM(gone, is_what_one_can_ask_for)
{
    visit(GET("/ask"));
    cr_expect_leq(took, 2 * S);
    visit(GET("/ask/vigilant"));
    cr_expect_leq(took, 2 * S);
}

CLAIM(gone, is_not_who_waits)
{
    site_open(&s, routes, NULL, 0);
    cr_expect_str_eq(site_brief(site_ask_for(&s, GET("/sleep"), 20 * S)),
                     "200 slept");
    cr_expect_str_eq(site_brief(site_ask_for(&s, GET("/ask"), 20 * S)),
                     "200 asked");
    cr_expect_str_eq(
        site_brief(site_ask_for(&s, GET("/") GET("/sleep") GET("/"), 20 * S)),
        "200 hello; 200 slept; 200 hello");
    site_close(&s);
}

/* Who has ended its half may read on; and a reply that is there is sent. */
CLAIM(gone, is_answered_if_the_handler_replies_all_the_same)
{
    site_open(&s, routes, NULL, 0);
    cr_expect_eq(
        gyre_write(s.client, GET("/stay"), strlen(GET("/stay")), gyre_in(S)),
        0);
    cr_expect_eq(gyre_shutdown(s.client, gyre_in(S)), 0);
    cr_expect_str_eq(site_brief(site_ask_for(&s, "", 5 * S)), "204 ");
    site_close(&s);
}

CLAIM(gone, is_noticed_though_the_server_stops)
{
    site_open(&s, routes, NULL, 0);
    (void)site_ask_for(&s, GET("/sleep"), S);
    gyre_http_server_stop(s.server);
    (void)site_ask_for(&s, "", S);
    site_close(&s);
    cr_expect_eq(came_to, -ECANCELED);
    cr_expect_eq(took, 2 * S);
}
