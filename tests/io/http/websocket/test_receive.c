/*
 * test_receive.c - what comes, in what order, and what does not come.
 */
#include <errno.h>
#include <string.h>

#include "task/future.h"
#include "task/scope.h"
#include "task/task.h"
#include "tests/io/http/websocket/pair.h"

CLAIM(websocket_receive, gives_messages_whole)
{
    struct site s;

    raw_open(&s, echo);
    raw_say(&s, "\x81\x85" ZERO "hello\x82\x81" ZERO "!");
    cr_expect_str_eq(raw_hear(&s), "text hello; binary !");
    raw_say(&s, "\x01\x82" ZERO "he");
    cr_expect_str_eq(raw_hear(&s), "");
    raw_say(&s, "\x89\x81" ZERO "?");
    cr_expect_str_eq(raw_hear(&s), "pong ?");
    raw_say(&s, "\x80\x83" ZERO "llo");
    cr_expect_str_eq(raw_hear(&s), "text hello");
    raw_close(&s);
}

static int see_nothing(struct gyre_websocket *ws)
{
    struct gyre_websocket_message m;

    cr_expect_eq(gyre_websocket_receive(ws, &m, GYRE_FOREVER), 1);
    cr_expect_not_null(m.at);
    cr_expect_eq(m.length, 0);
    return 0;
}

/* What is compared with it, or copied, may ask for an address (C11, 7.24.1). */
CLAIM(websocket_receive, gives_an_empty_message_an_address)
{
    struct site s;

    raw_open(&s, see_nothing);
    raw_say(&s, "\x81\x80" ZERO);
    cr_expect_str_eq(raw_hear(&s), "close 1000");
    raw_say(&s, "\x88\x80" ZERO);
    raw_close(&s);
}

/* The peer closes, and is told that this is known. */
CLAIM(websocket_receive, tells_once_why_it_was_closed)
{
    struct site s;

    raw_open(&s, echo);
    raw_say(&s, "\x88\x85" ZERO "\x0f\xa0"
                "why");
    cr_expect_str_eq(raw_hear(&s), "close 4000; end");
    cr_expect_eq(pair.result, 0);
    cr_expect_eq(pair.code, 4000);
    raw_close(&s);
    raw_open(&s, echo);
    raw_say(&s, "\x88\x80" ZERO);
    cr_expect_str_eq(raw_hear(&s), "close 1005; end");
    cr_expect_eq(pair.code, 1005);
    raw_close(&s);
    raw_open(&s, echo);
    cr_expect_eq(gyre_shutdown(s.client, GYRE_FOREVER), 0);
    (void)raw_hear(&s);
    cr_expect_eq(pair.result, -EPIPE);
    cr_expect_eq(pair.code, 1006);
    raw_close(&s);
}

#define expect_refusal(bytes, err, answer, how)                                \
    do {                                                                       \
        raw_open(&s, listen_only);                                             \
        raw_say(&s, bytes);                                                    \
        cr_expect_str_eq(raw_hear(&s), answer);                                \
        cr_expect_eq(pair.result, err);                                        \
        cr_expect_eq(pair.code, how);                                          \
        raw_close(&s);                                                         \
    } while (0)

CLAIM(websocket_receive, tells_the_peer_what_may_not_come)
{
    struct site s;

    expect_refusal("\x81\x05hello", -EPROTO,
                   "close 1002 an unmasked frame; end", 1002);
    expect_refusal("\x81\x81" ZERO "\xff", -EILSEQ,
                   "close 1007 text that is not UTF-8; end", 1007);
    pair.serving.limit = 10;
    expect_refusal("\x82\x8b" ZERO, -EMSGSIZE,
                   "close 1009 a message too long; end", 1009);
    expect_refusal("\x88\x82" ZERO "\x03\xed", -EPROTO,
                   "close 1002 closed with no proper code; end", 1002);
}

/* What the peer had under way when it was refused is passed over, lest a reset
   take away what it was told. */
CLAIM(websocket_receive, passes_over_what_comes_behind)
{
    struct site s;

    raw_open(&s, listen_only);
    raw_say(&s, "\xff");
    raw_say(&s, "much more of that kind");
    cr_expect_str_eq(raw_hear(&s), "close 1002 no frame begins so; end");
    cr_expect_eq(pair.ended, 0);
    raw_say(&s, "and more");
    cr_expect_eq(gyre_shutdown(s.client, GYRE_FOREVER), 0);
    let_others_run();
    cr_expect_eq(pair.ended, 1);
    raw_close(&s);
    raw_open(&s, listen_only);
    raw_say(&s, "\xff");
    cr_expect_eq(gyre_sleep(gyre_in(6 * S)), 0);
    cr_expect_eq(pair.ended, 1, "it is not waited for without end");
    raw_close(&s);
}

/* ---- without anybody who receives ---- */

static int sleep_for_long(struct gyre_websocket *ws)
{
    (void)ws;
    return gyre_sleep(gyre_in(1000 * S));
}

CLAIM(websocket_receive, need_not_be_called_for_pings_to_be_answered)
{
    struct site s;

    raw_open(&s, sleep_for_long);
    raw_say(&s, "\x89\x81" ZERO "1");
    cr_expect_str_eq(raw_hear(&s), "pong 1");
    raw_say(&s, "\x81\x82" ZERO "hi\x89\x81" ZERO "2");
    cr_expect_str_eq(raw_hear(&s), "pong 2");
    raw_say(&s, "\x81\x82" ZERO "ho\x89\x81" ZERO "3");
    cr_expect_str_eq(raw_hear(&s), "", "the second message holds it up");
    raw_close(&s);
}

/* Receives after a minute, all that has come. */
static int receive_late(struct gyre_websocket *ws)
{
    int err = gyre_sleep(gyre_in(60 * S));

    return err ? err : echo(ws);
}

CLAIM(websocket_receive, gives_what_was_held_up)
{
    struct site s;

    raw_open(&s, receive_late);
    raw_say(&s, "\x81\x81" ZERO "1\x81\x81" ZERO "2\x81\x81" ZERO "3");
    cr_expect_str_eq(raw_hear_for(&s, 59 * S), "");
    cr_expect_str_eq(raw_hear_for(&s, 2 * S), "text 1; text 2; text 3");
    raw_close(&s);
}

/* Between two receptions the loop reads on. */
static int pause_between(struct gyre_websocket *ws)
{
    struct gyre_websocket_message m;
    int err = gyre_websocket_receive(ws, &m, GYRE_FOREVER);

    return err == 1 ? gyre_sleep(gyre_in(60 * S)) : -EIO;
}

CLAIM(websocket_receive, lets_pings_be_answered_before_the_next)
{
    struct site s;

    raw_open(&s, pause_between);
    raw_say(&s, "\x81\x81" ZERO "1\x81\x81" ZERO "2\x89\x81" ZERO "?");
    cr_expect_str_eq(raw_hear(&s), "pong ?");
    raw_close(&s);
}

/* ---- who receives ---- */

static intptr_t receive_in_task(void *ws)
{
    struct gyre_websocket_message m;
    int err = gyre_websocket_receive(ws, &m, GYRE_FOREVER);

    return err == 1 ? m.at[0] : err;
}

static int receive_in_two_tasks(struct gyre_websocket *ws)
{
    struct gyre_future first, second;
    struct gyre_scope scope;

    gyre_scope_open_tolerant(&scope, GYRE_FOREVER);
    gyre_spawn(&scope, &first, receive_in_task, ws);
    let_others_run();
    gyre_spawn(&scope, &second, receive_in_task, ws);
    cr_expect_eq(gyre_await(&second, GYRE_FOREVER), -EBUSY);
    gyre_future_cancel(&first);
    cr_expect_eq(gyre_await(&first, GYRE_FOREVER), -ECANCELED);
    gyre_spawn(&scope, &first, receive_in_task, ws);
    cr_expect_eq(gyre_await(&first, GYRE_FOREVER), 'x');
    return (int)gyre_scope_close(&scope, 0);
}

CLAIM(websocket_receive, is_for_one_task_and_may_be_given_up)
{
    struct site s;

    raw_open(&s, receive_in_two_tasks);
    raw_say(&s, "\x82\x82" ZERO "x");
    (void)raw_hear(&s);
    raw_say(&s, "x");
    cr_expect_str_eq(raw_hear(&s), "close 1000");
    cr_expect_eq(pair.result, 0);
    raw_close(&s);
}

static int receive_with_deadlines(struct gyre_websocket *ws)
{
    struct gyre_websocket_message m;

    for (int i = 0; i < 3; i++)
        cr_expect_eq(gyre_websocket_receive(ws, &m, gyre_in(MS)), -ETIMEDOUT);
    cr_expect_eq(gyre_websocket_receive(ws, &m, GYRE_NOW), -ETIMEDOUT);
    cr_expect_eq(gyre_websocket_code(ws), 0);
    cr_expect_eq(gyre_websocket_receive(ws, &m, gyre_in(S)), 1);
    cr_expect_arr_eq(m.at, "whole", 5);
    return 0;
}

CLAIM(websocket_receive, loses_nothing_to_a_deadline)
{
    struct site s;

    raw_open(&s, receive_with_deadlines);
    raw_say(&s, "\x01\x82" ZERO "wh");
    cr_expect_eq(gyre_sleep(gyre_in(10 * MS)), 0);
    raw_say(&s, "\x80\x83" ZERO "ole");
    cr_expect_str_eq(raw_hear(&s), "close 1000");
    raw_close(&s);
}

/* A peer that pings, and does not read, is heard no more before it does. */
CLAIM(websocket_receive, does_not_pile_up_pongs)
{
    static char pings[131 * 2000];
    struct site s;
    size_t pongs = 0;
    const char *at;
    gyre_time until;

    pair.weather.capacity = 1000;
    pair.serving.queue = 2000;
    raw_open(&s, listen_only);
    for (size_t i = 0; i < sizeof pings; i += 131)
        memcpy(pings + i, "\x89\xfd" ZERO, 6);
    until = gyre_in(S);
    cr_expect_eq(gyre_write(s.client, pings, 131 * 200, until), -ETIMEDOUT);
    for (int i = 0; i < 3; i++) {
        at = raw_hear(&s);
        while ((at = strstr(at, "pong")) != NULL)
            pongs++, at++;
    }
    cr_expect_geq(pongs, 20);
    raw_close(&s);
}
