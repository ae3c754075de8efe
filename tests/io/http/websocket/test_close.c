/*
 * test_close.c - how they are closed, from either side, within bounds, and
 * once.
 */
#include <errno.h>
#include <string.h>

#include "task/future.h"
#include "task/scope.h"
#include "task/task.h"
#include "tests/io/http/websocket/pair.h"

static int close_with_reason(struct gyre_websocket *ws)
{
    static char long_reason[125];

    memset(long_reason, 'x', 124);
    cr_expect_eq(gyre_websocket_close(ws, 1005, NULL, GYRE_FOREVER), -EINVAL);
    cr_expect_eq(gyre_websocket_close(ws, 1000, long_reason, GYRE_FOREVER),
                 -EINVAL);
    cr_expect_eq(gyre_websocket_code(ws), 0);
    return gyre_websocket_close(ws, 4001, "enough", GYRE_FOREVER);
}

CLAIM(websocket_close, says_why_and_waits_for_the_answer)
{
    struct site s;

    raw_open(&s, close_with_reason);
    cr_expect_str_eq(raw_hear(&s), "close 4001 enough");
    cr_expect_eq(pair.ended, 0);
    raw_say(&s, "\x81\x82" ZERO "hi\x82\x80" ZERO "\x89\x80" ZERO);
    cr_expect_str_eq(raw_hear(&s), "");
    raw_say(&s, "\x88\x82" ZERO "\x0f\xa1");
    cr_expect_str_eq(raw_hear(&s), "end");
    cr_expect_eq(pair.result, 0);
    cr_expect_eq(pair.code, 4001);
    raw_close(&s);
}

CLAIM(websocket_close, does_not_wait_without_end)
{
    struct site s;

    raw_open(&s, close_with_reason);
    cr_expect_str_eq(raw_hear_for(&s, 4 * S), "close 4001 enough");
    cr_expect_str_eq(raw_hear_for(&s, 2 * S), "reset");
    cr_expect_eq(pair.result, -ETIMEDOUT);
    cr_expect_eq(pair.code, 1006);
    raw_close(&s);
}

/* Who sends on and on, without an answer, gains no time. */
CLAIM(websocket_close, is_not_put_off_by_what_comes)
{
    struct site s;
    int err = 0;

    raw_open(&s, close_with_reason);
    for (int i = 0; i < 100 && err == 0; i++) {
        err = gyre_write(s.client, "\x81\x82" ZERO "hi", 8, gyre_in(S));
        if (err == 0)
            err = gyre_sleep(gyre_in(S / 10));
    }
    let_others_run();
    cr_expect_eq(pair.ended, 1);
    cr_expect_lt(elapsed(), 6 * S);
    raw_close(&s);
}

static int close_in_haste(struct gyre_websocket *ws)
{
    cr_expect_eq(gyre_websocket_close(ws, 1000, NULL, gyre_in(S)), -ETIMEDOUT);
    cr_expect_eq(gyre_websocket_code(ws), 0);
    cr_expect_eq(send_text(ws, "x"), -EPIPE);
    return gyre_websocket_close(ws, 1000, NULL, GYRE_FOREVER);
}

CLAIM(websocket_close, may_be_given_up_and_waited_for_again)
{
    struct site s;

    raw_open(&s, close_in_haste);
    cr_expect_str_eq(raw_hear_for(&s, 2 * S), "close 1000");
    raw_say(&s, "\x88\x80" ZERO);
    cr_expect_str_eq(raw_hear(&s), "end");
    cr_expect_eq(pair.result, 0);
    cr_expect_eq(pair.code, 1005);
    raw_close(&s);
}

/* Both close before they hear of it: each takes the other's for the answer. */
CLAIM(websocket_close, may_be_by_both_at_once)
{
    struct site s;

    raw_open(&s, close_with_reason);
    let_others_run();
    raw_say(&s, "\x88\x84" ZERO "\x03\xe9"
                "me");
    cr_expect_str_eq(raw_hear(&s), "close 4001 enough; end");
    cr_expect_eq(pair.result, 0);
    cr_expect_eq(pair.code, 1001);
    raw_close(&s);
}

static intptr_t close_in_task(void *ws)
{
    return gyre_websocket_close(ws, 1000, "by another", GYRE_FOREVER);
}

static int receive_while_another_closes(struct gyre_websocket *ws)
{
    struct gyre_future closed;
    struct gyre_scope scope;
    int err;

    gyre_scope_open(&scope, GYRE_FOREVER);
    gyre_spawn(&scope, &closed, close_in_task, ws);
    err = listen_only(ws);
    cr_expect_eq(gyre_await(&closed, GYRE_FOREVER), 0);
    return (int)gyre_scope_close(&scope, err);
}

CLAIM(websocket_close, may_be_by_another_task_than_the_one_that_receives)
{
    struct site s;

    raw_open(&s, receive_while_another_closes);
    cr_expect_str_eq(raw_hear(&s), "close 1000 by another");
    raw_say(&s, "\x88\x80" ZERO);
    cr_expect_str_eq(raw_hear(&s), "end");
    cr_expect_eq(pair.result, 0);
    raw_close(&s);
}

static int fail_at_once(struct gyre_websocket *ws)
{
    (void)ws;
    return -EILSEQ;
}

CLAIM(websocket_close, tells_the_peer_of_a_handler_that_failed)
{
    struct site s;

    raw_open(&s, fail_at_once);
    cr_expect_str_eq(raw_hear(&s), "close 1011");
    raw_close(&s);
}

/* ---- of a client ---- */

CLAIM(websocket_close, has_a_client_wait_for_the_server_to_leave)
{
    struct gyre_websocket *ws;
    gyre_time began;

    pair.weather.latency = 100 * MS;
    pair_open(echo);
    cr_expect_eq(pair_connect(NULL, &ws), 0);
    began = gyre_in(0);
    cr_expect_eq(gyre_websocket_close(ws, 1000, "bye", GYRE_FOREVER), 0);
    cr_expect_eq(gyre_in(0) - began, 200 * MS);
    cr_expect_eq(gyre_websocket_code(ws), 1000);
    cr_expect_eq(pair.code, 1000);
    cr_expect_eq(gyre_websocket_close(ws, 1000, "again", GYRE_FOREVER), 0);
    gyre_websocket_free(ws);
    pair_end();
}

/* Freed without a word, it breaks off. */
CLAIM(websocket_close, is_cut_short_by_a_cancellation_and_says_so)
{
    struct gyre_websocket *ws;
    struct gyre_scope scope;

    pair_open(listen_only);
    cr_expect_eq(pair_connect(NULL, &ws), 0);
    gyre_scope_open(&scope, GYRE_FOREVER);
    gyre_scope_cancel(&scope);
    cr_expect_eq(gyre_websocket_end(ws, 0, GYRE_FOREVER), -ECANCELED);
    (void)gyre_scope_close(&scope, 0);
    pair_end();
}

CLAIM(websocket_close, is_missed_by_the_peer_of_one_that_is_freed)
{
    struct gyre_websocket *ws;

    pair_open(echo);
    cr_expect_eq(pair_connect(NULL, &ws), 0);
    gyre_websocket_free(ws);
    cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
    cr_expect_eq(pair.result, -EPIPE);
    cr_expect_eq(pair.code, 1006);
    pair_end();
}

static int leave_at_once(struct gyre_websocket *ws)
{
    (void)ws;
    return 0;
}

/* That the peer has closed, who sends is told as well. */
CLAIM(websocket_close, is_no_error_of_who_sent_when_the_peer_closed)
{
    struct gyre_websocket *ws;

    pair_open(leave_at_once);
    cr_expect_eq(pair_connect(NULL, &ws), 0);
    cr_expect_str_eq(receive_text(ws, S), "0");
    cr_expect_eq(send_text(ws, "x"), -EPIPE);
    cr_expect_eq(gyre_websocket_end(ws, -EPIPE, GYRE_FOREVER), 0);
    pair_end();
}
