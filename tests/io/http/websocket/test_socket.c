/*
 * test_socket.c - signs of life, and what becomes of who gives none; and of all
 * when the server stops.
 */
#include <errno.h>
#include <string.h>

#include "task/scope.h"
#include "task/task.h"
#include "tests/io/http/websocket/pair.h"

CLAIM(websocket, asks_who_is_silent_for_a_sign_of_life)
{
    struct site s;

    raw_open(&s, listen_only);
    cr_expect_str_eq(raw_hear_for(&s, 29 * S), "");
    cr_expect_str_eq(raw_hear_for(&s, 2 * S), "ping");
    raw_say(&s, "\x8a\x84" ZERO "\0\0\0\1");
    cr_expect_str_eq(raw_hear_for(&s, 29 * S), "");
    raw_say(&s, "\x82\x81" ZERO "x");
    cr_expect_str_eq(raw_hear_for(&s, 3 * S), "");
    cr_expect_str_eq(raw_hear_for(&s, 30 * S), "ping");
    raw_close(&s);
}

static int receive_and_see_when(struct gyre_websocket *ws)
{
    struct gyre_websocket_message m;
    gyre_time began = gyre_in(0);
    int err = gyre_websocket_receive(ws, &m, GYRE_FOREVER);

    cr_expect_eq(gyre_in(0) - began, 5 * S);
    cr_expect_eq(gyre_websocket_receive(ws, &m, GYRE_FOREVER), err);
    cr_expect_eq(send_text(ws, "x"), -ETIMEDOUT);
    return err;
}

CLAIM(websocket, is_dead_that_gives_none)
{
    struct site s;

    pair.serving.ping_time = 3 * S;
    pair.serving.pong_time = 2 * S;
    raw_open(&s, receive_and_see_when);
    cr_expect_str_eq(raw_hear_for(&s, 4 * S), "ping");
    cr_expect_str_eq(raw_hear_for(&s, 2 * S), "reset");
    cr_expect_eq(pair.result, -ETIMEDOUT);
    cr_expect_eq(pair.code, 1006);
    raw_close(&s);
}

/* Nothing arrives, and nobody receives: who sends finds out. */
static int send_now_and_then(struct gyre_websocket *ws)
{
    int err = 0;

    while (err == 0) {
        err = send_text(ws, "tick");
        if (err == 0)
            err = gyre_sleep(gyre_in(S));
    }
    return err;
}

CLAIM(websocket, is_found_dead_by_who_only_sends)
{
    struct site s;

    raw_open(&s, send_now_and_then);
    gyre_memory_partition(s.client);
    cr_expect_eq(gyre_sleep(gyre_in(42 * S)), 0);
    cr_expect_eq(pair.result, -ETIMEDOUT);
    raw_close(&s);
}

/* It sends all the while, and answers pings. */
CLAIM(websocket, lives_on_whose_handler_only_sends)
{
    struct gyre_websocket *ws;

    pair_open(send_now_and_then);
    cr_expect_eq(pair_connect(NULL, &ws), 0);
    for (int i = 0; i < 200; i++)
        cr_expect_str_eq(receive_text(ws, 2 * S), "text tick");
    cr_expect_eq(pair.ended, 0);
    cr_expect_eq(gyre_websocket_close(ws, 1000, NULL, GYRE_FOREVER), 0);
    gyre_websocket_free(ws);
    cr_expect_eq(gyre_sleep(gyre_in(2 * S)), 0);
    cr_expect_eq(pair.result, -EPIPE);
    pair_end();
}

static int sleep_for_long(struct gyre_websocket *ws)
{
    (void)ws;
    return gyre_sleep(gyre_in(100 * S));
}

/* Data behind a message nobody receives is not read, and so is no pong. */
CLAIM(websocket, is_not_dead_that_is_not_listened_to)
{
    struct site s;

    raw_open(&s, sleep_for_long);
    raw_say(&s, "\x81\x81" ZERO "1\x81\x81" ZERO "2");
    cr_expect_str_eq(raw_hear_for(&s, 99 * S), "");
    cr_expect_str_eq(raw_hear_for(&s, 2 * S), "close 1000");
    raw_close(&s);
}

static int send_much(struct gyre_websocket *ws)
{
    static char much[100000];

    return gyre_websocket_send(ws, GYRE_WEBSOCKET_BINARY, much, sizeof much,
                               GYRE_FOREVER);
}

/* The ping is behind a message, which it takes the peer long to read. */
CLAIM(websocket, is_not_dead_that_reads_slowly)
{
    struct site s;
    char some[1000];

    pair.weather.capacity = sizeof some;
    raw_open(&s, send_much);
    for (int i = 0; i < 90; i++) {
        cr_expect_eq(gyre_read_exact(s.client, some, sizeof some, gyre_in(S)),
                     0);
        cr_expect_eq(gyre_sleep(gyre_in(S)), 0);
    }
    cr_expect_eq(pair.ended, 0);
    cr_expect_eq(gyre_sleep(gyre_in(21 * S)), 0);
    cr_expect_eq(pair.result, -ETIMEDOUT);
    raw_close(&s);
}

/* A peer that does not read can give no sign of life we would wait for. */
CLAIM(websocket, is_dead_that_does_not_read)
{
    struct site s;
    char pings[1000 * 6];

    pair.weather.capacity = 100;
    pair.serving.queue = 100;
    raw_open(&s, listen_only);
    for (size_t i = 0; i < sizeof pings; i += 6)
        memcpy(pings + i, "\x89\x80" ZERO, 6);
    cr_expect_neq(gyre_write(s.client, pings, sizeof pings, gyre_in(S)), 0);
    cr_expect_eq(gyre_sleep(gyre_in(100 * S)), 0);
    cr_expect_eq(pair.result, -ETIMEDOUT);
    raw_close(&s);
}

/* ---- over what cannot be reset ---- */

static struct gyre_stream_ops uncut;

/* Over memory that cannot be cut; the client reads nothing. */
static void open_uncut(struct site *s, server_side *served)
{
    pair.weather.capacity = 1000;
    raw_open(s, served);
    uncut = *s->peer->ops;
    uncut.cut = NULL;
    s->peer->ops = &uncut;
}

static int send_when_ready(struct gyre_websocket *ws)
{
    int err = gyre_sleep(gyre_in(S));

    return err ? err : send_much(ws);
}

static int post_and_flush(struct gyre_websocket *ws)
{
    static char much[100000];
    struct gyre_buf frame = {0};
    int err = gyre_sleep(gyre_in(S));

    if (err == 0)
        err = gyre_websocket_encode(&frame, GYRE_WEBSOCKET_BINARY, much,
                                    sizeof much);
    if (err == 0)
        err = gyre_websocket_post(ws, &frame);
    gyre_buf_free(&frame);
    if (err == 0)
        err = gyre_websocket_flush(ws, GYRE_FOREVER);
    cr_expect_eq(gyre_websocket_flush(ws, GYRE_FOREVER), err);
    return err;
}

/* Who sends comes back all the same. */
CLAIM(websocket, is_given_up_when_it_is_dead_though_it_cannot_be_reset)
{
    server_side *const sides[] = {send_when_ready, post_and_flush};

    for (int i = 0; i < 2; i++) {
        struct site s;

        open_uncut(&s, sides[i]);
        cr_expect_eq(gyre_sleep(gyre_in(43 * S)), 0);
        cr_expect_eq(pair.ended, 1, "%d", i);
        cr_expect_eq(pair.result, -ETIMEDOUT, "%d", i);
        raw_close(&s);
    }
}

/* ---- pings of who wants to know ---- */

static int ping_it(struct gyre_websocket *ws)
{
    gyre_time began = gyre_in(0);

    cr_expect_eq(gyre_websocket_ping(ws, gyre_in(S)), -ETIMEDOUT);
    cr_expect_eq(gyre_websocket_ping(ws, GYRE_FOREVER), 0);
    return gyre_in(0) - began > 2 * S ? 0 : -EIO;
}

CLAIM(websocket, tells_how_long_a_round_takes)
{
    struct site s;

    raw_open(&s, ping_it);
    cr_expect_str_eq(raw_hear_for(&s, 2 * S), "ping; ping");
    raw_say(&s, "\x8a\x80" ZERO "\x8a\x84" ZERO "\0\0\0\1");
    cr_expect_str_eq(raw_hear_for(&s, 2 * S), "");
    raw_say(&s, "\x8a\x84" ZERO "\0\0\0\2");
    cr_expect_str_eq(raw_hear(&s), "close 1000");
    cr_expect_eq(pair.result, 0);
    raw_close(&s);
}

static intptr_t ping_for_long(void *ws)
{
    return gyre_websocket_ping(ws, GYRE_FOREVER);
}

static int ping_twice(struct gyre_websocket *ws)
{
    struct gyre_scope scope;

    gyre_scope_open(&scope, GYRE_FOREVER);
    gyre_spawn(&scope, NULL, ping_for_long, ws);
    gyre_spawn(&scope, NULL, ping_for_long, ws);
    return (int)gyre_scope_close(&scope, 0);
}

/* A peer may answer the latest alone (5.5.3). */
CLAIM(websocket, takes_a_pong_for_the_pings_before_it)
{
    struct site s;

    raw_open(&s, ping_twice);
    cr_expect_str_eq(raw_hear(&s), "ping; ping");
    raw_say(&s, "\x8a\x84" ZERO "\0\0\0\2");
    cr_expect_str_eq(raw_hear(&s), "close 1000");
    raw_close(&s);
}

/* Pongs nobody asked for, of four bytes as ours are: neither answered before it
   was asked, nor is an answer taken back. */
CLAIM(websocket, is_not_taken_in_by_pongs_nobody_asked_for)
{
    struct site s;

    raw_open(&s, ping_it);
    raw_say(&s, "\x8a\x84" ZERO "\0\0\0\5");
    cr_expect_str_eq(raw_hear_for(&s, 3 * S), "ping; ping");
    raw_say(&s, "\x8a\x84" ZERO "\0\0\0\3");
    cr_expect_str_eq(raw_hear(&s), "");
    raw_say(&s, "\x8a\x84" ZERO "\0\0\0\2"
                "\x8a\x84" ZERO "\0\0\0\1"
                "\x8a\x84" ZERO "beat");
    cr_expect_str_eq(raw_hear(&s), "close 1000");
    cr_expect_eq(pair.result, 0);
    raw_close(&s);
}

/* ---- when the server stops ---- */

CLAIM(websocket, goes_away_when_the_server_stops)
{
    struct site s;

    raw_open(&s, echo);
    raw_say(&s, "\x81\x81" ZERO "1");
    cr_expect_str_eq(raw_hear(&s), "text 1");
    gyre_http_server_stop(s.server);
    cr_expect_str_eq(raw_hear(&s), "close 1001");
    raw_say(&s, "\x88\x82" ZERO "\x03\xe9");
    cr_expect_str_eq(raw_hear(&s), "end");
    cr_expect_eq(pair.result, 0);
    cr_expect_eq(pair.code, 1001);
    cr_expect_eq(gyre_await(&s.served, gyre_in(MS)), 0);
    raw_close(&s);
}

/* Its peer does not answer. */
CLAIM(websocket, does_not_keep_the_server_from_stopping)
{
    struct site s;

    raw_open(&s, echo);
    gyre_http_server_stop(s.server);
    cr_expect_str_eq(raw_hear_for(&s, 4 * S), "close 1001");
    cr_expect_str_eq(raw_hear_for(&s, 2 * S), "reset");
    cr_expect_eq(pair.result, -ETIMEDOUT);
    cr_expect_eq(pair.code, 1006);
    cr_expect_eq(gyre_await(&s.served, gyre_in(MS)), 0);
    raw_close(&s);
}

/* It sleeps on, and is cancelled as all are. */
CLAIM(websocket, is_cancelled_behind_the_grace)
{
    struct site s;

    raw_open(&s, sleep_for_long);
    gyre_http_server_stop(s.server);
    raw_say(&s, "\x88\x82" ZERO "\x03\xe9");
    cr_expect_eq(gyre_await(&s.served, gyre_in(9 * S)), -ETIMEDOUT);
    cr_expect_eq(gyre_await(&s.served, gyre_in(2 * S)), 0);
    cr_expect_eq(pair.result, -ECANCELED);
    raw_close(&s);
}
