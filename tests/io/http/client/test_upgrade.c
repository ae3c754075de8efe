/*
 * test_upgrade.c - a client that asks for another protocol, and gets it, or an
 * answer.
 */
#include <errno.h>
#include <string.h>

#include "io/stream.h"
#include "tests/io/http/peers.h"

#define SWITCH(to)                                                             \
    "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: " to  \
    "\r\n\r\n"

static struct gyre_http_call echo = {.url = "http://h/", .upgrade = "echo"};

static intptr_t call(struct gyre_http_response **r)
{
    return gyre_http_call(session, &echo, r, gyre_in(100 * GYRE_SECOND));
}

/* What comes of it is read in a second. */
static const char *hear_from(struct gyre_stream *s)
{
    static char text[100];
    size_t used = 0;
    ssize_t n = 1;

    while (n > 0 && used < sizeof text - 1) {
        n = gyre_read(s, text + used, sizeof text - 1 - used,
                      gyre_in(GYRE_SECOND));
        used += n > 0 ? (size_t)n : 0;
    }
    text[used] = '\0';
    return text;
}

CLAIM(upgrade, gives_the_stream_with_what_came_behind_the_head)
{
    static const struct script scripts[] = {
        {.answers = {"HTTP/1.1 103 Early Hints\r\n\r\n" SWITCH("Echo") "more"},
         .stays = true},
        {.answers = {OK("5", "hello")}, .stays = true},
    };
    struct gyre_http_response *r;
    struct gyre_stream *s, *again;

    peers_open(scripts, (struct gyre_http_session_options){.connections = 1});
    cr_expect_eq(call(&r), 0);
    cr_expect_eq(gyre_http_status(r), 101);
    cr_expect_eq(gyre_http_response_read(r, &(char){0}, 1, GYRE_FOREVER), 0);
    cr_expect_eq(gyre_http_response_stream(r, &s), 0);
    cr_expect_eq(gyre_http_response_stream(r, &again), -EINVAL);
    gyre_http_response_free(r);
    cr_expect_not_null(strstr(heard("GET / HTTP/1.1"),
                              "\r\nConnection: upgrade\r\nUpgrade: echo\r\n"));
    expect_answer("http://h/other", "200 hello");
    cr_expect_str_eq(hear_from(s), "more");
    cr_expect_eq(gyre_write(s, "well", 4, GYRE_FOREVER), 0);
    gyre_close(s);
    peers_close();
}

CLAIM(upgrade, stream_outlives_its_session)
{
    static const struct script scripts[] = {
        {.answers = {SWITCH("echo") "mo", NULL}, .stays = true}};
    struct gyre_http_response *r;
    struct gyre_stream *s;

    peers_open(scripts, DEFAULTS);
    cr_expect_eq(call(&r), 0);
    cr_expect_eq(gyre_http_response_stream(r, &s), 0);
    gyre_http_response_free(r);
    gyre_http_session_free(session);
    cr_expect_str_eq(hear_from(s), "mo");
    gyre_close(s);
    cr_expect_eq(gyre_http_session_new(&session), 0);
    peers_close();
}

CLAIM(upgrade, that_is_declined_is_an_answer_like_any_other)
{
    static const struct script scripts[] = {
        {.answers = {OK("5", "hello"), OK("2", "no")}, .stays = true}};
    struct gyre_http_response *r;
    struct gyre_stream *s;

    peers_open(scripts, DEFAULTS);
    cr_expect_eq(call(&r), 0);
    cr_expect_eq(gyre_http_status(r), 200);
    cr_expect_eq(gyre_http_response_stream(r, &s), -EINVAL);
    cr_expect_eq(gyre_http_text(r, NULL, NULL, GYRE_FOREVER), 0);
    gyre_http_response_free(r);
    expect_answer("http://h/", "200 no");
    cr_expect_eq(peers.connected, 1);
    peers_close();
}

CLAIM(upgrade, nobody_asked_for_is_not_understood)
{
    static const struct script scripts[] = {
        {.answers = {SWITCH("echo")}, .stays = true},
        {.answers = {SWITCH("other")}, .stays = true},
        {.answers = {"HTTP/1.1 101 Switching\r\n\r\n"}, .stays = true},
    };

    peers_open(scripts, DEFAULTS);
    expect_answer("http://h/", "-71");
    expect_answer_to(&echo, "-71");
    expect_answer_to(&echo, "-71");
    peers_close();
}

CLAIM(upgrade, before_the_request_was_sent_is_not_understood)
{
    static const struct script scripts[] = {{.answers = {SWITCH("echo")},
                                             .stays = true,
                                             .hasty = true,
                                             .capacity = 2000}};
    static char body[100000];
    struct gyre_http_call early = {.method = "POST",
                                   .url = "http://h/",
                                   .upgrade = "echo",
                                   .body = body,
                                   .length = sizeof body};

    peers_open(scripts, DEFAULTS);
    expect_answer_to(&early, "-71");
    peers_close();
}

CLAIM(upgrade, whose_stream_nobody_takes_is_closed)
{
    static const struct script scripts[] = {
        {.answers = {SWITCH("echo") "more"}, .stays = true}};
    struct gyre_http_response *r;

    peers_open(scripts, DEFAULTS);
    cr_expect_eq(call(&r), 0);
    cr_expect_eq(peers.open, 1);
    gyre_http_response_free(r);
    let_others_run();
    cr_expect_eq(peers.open, 0);
    peers_close();
}

CLAIM(upgrade, is_asked_for_again_where_one_is_referred_to)
{
    static const struct script scripts[] = {
        {.answers = {MOVED("307", "http://g/there"), NULL}},
        {.answers = {SWITCH("echo")}, .stays = true}};
    struct gyre_http_response *r;

    peers_open(scripts, DEFAULTS);
    cr_expect_eq(call(&r), 0);
    cr_expect_eq(gyre_http_status(r), 101);
    cr_expect_not_null(strstr(heard("GET /there"), "Upgrade: echo"));
    gyre_http_response_free(r);
    peers_close();
}
