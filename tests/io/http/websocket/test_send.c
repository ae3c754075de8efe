/*
 * test_send.c - what goes: whole, in turns, and with nothing torn.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loop/loop.h"
#include "task/future.h"
#include "task/scope.h"
#include "task/task.h"
#include "tests/io/http/websocket/pair.h"

/* Sends a text of one letter, that often. */
struct letters {
    struct gyre_websocket *ws;
    char letter;
    size_t n;
};

static intptr_t send_letters(void *arg)
{
    const struct letters *l = arg;
    char *text = malloc(l->n);
    int err;

    memset(text, l->letter, l->n);
    err = gyre_websocket_send(l->ws, GYRE_WEBSOCKET_TEXT, text, l->n,
                              GYRE_FOREVER);
    free(text);
    return err;
}

/* Is it of one letter throughout?  Then that, else 0. */
static int letter_of(const struct gyre_websocket_message *m, size_t n)
{
    for (size_t i = 1; i < m->length; i++) {
        if (m->at[i] != m->at[0])
            return 0;
    }
    return m->length == n ? m->at[0] : 0;
}

CLAIM(websocket_send, is_in_turns_and_whole_over_any_connection)
{
    enum { N = 10000, SENDERS = 5 };
    struct gyre_websocket *ws;
    struct gyre_websocket_message m;
    struct letters letters[SENDERS];
    struct gyre_scope scope;

    pair.weather = (struct gyre_memory_options){
        .capacity = 100, .piece = 70, .ragged = true};
    pair_open(echo);
    cr_expect_eq(pair_connect(NULL, &ws), 0);
    gyre_scope_open(&scope, GYRE_FOREVER);
    for (int i = 0; i < SENDERS; i++) {
        letters[i] = (struct letters){ws, (char)('a' + i), N};
        gyre_spawn(&scope, NULL, send_letters, &letters[i]);
        let_others_run();
    }
    for (int i = 0; i < SENDERS; i++) {
        cr_expect_eq(gyre_websocket_receive(ws, &m, gyre_in(S)), 1);
        cr_expect_eq(letter_of(&m, N), 'a' + i);
    }
    cr_expect_eq(gyre_scope_close(&scope, 0), 0);
    cr_expect_eq(gyre_websocket_end(ws, 0, GYRE_FOREVER), 0);
    pair_end();
}

/* All lengths about those where the head of a frame grows. */
CLAIM(websocket_send, may_be_of_any_length)
{
    static const size_t lengths[] = {0,   1,   125,  126,   127,   498,   499,
                                     500, 511, 4096, 65535, 65536, 200000};
    struct gyre_websocket *ws;
    struct gyre_websocket_message m;

    pair_open(echo);
    cr_expect_eq(pair_connect(NULL, &ws), 0);
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        struct letters l = {ws, 'x', lengths[i]};
        struct gyre_future sent;
        struct gyre_scope scope;

        gyre_scope_open(&scope, GYRE_FOREVER);
        gyre_spawn(&scope, &sent, send_letters, &l);
        cr_expect_eq(gyre_websocket_receive(ws, &m, gyre_in(S)), 1);
        cr_expect_eq(m.length, lengths[i]);
        cr_expect(m.length == 0 || letter_of(&m, lengths[i]) == 'x');
        cr_expect_eq(gyre_scope_close(&scope, 0), 0);
    }
    cr_expect_eq(gyre_websocket_end(ws, 0, GYRE_FOREVER), 0);
    pair_end();
}

/* ---- by and by ---- */

static intptr_t send_one(void *ws)
{
    return send_text(ws, "other");
}

/* While a message is sent by and by, another waits; what is posted, too. */
static int send_by_and_by(struct gyre_websocket *ws)
{
    struct gyre_buf frame = {0};
    struct gyre_future other;
    struct gyre_scope scope;

    gyre_scope_open(&scope, GYRE_FOREVER);
    cr_expect_eq(gyre_websocket_write(ws, "x", 1, GYRE_FOREVER), -EINVAL);
    cr_expect_eq(gyre_websocket_finish(ws, GYRE_FOREVER), -EINVAL);
    cr_expect_eq(gyre_websocket_begin(ws, GYRE_WEBSOCKET_TEXT, GYRE_FOREVER),
                 0);
    cr_expect_eq(gyre_websocket_write(ws, "he", 2, GYRE_FOREVER), 0);
    gyre_spawn(&scope, &other, send_one, ws);
    cr_expect_eq(gyre_websocket_encode(&frame, GYRE_WEBSOCKET_TEXT, "post", 4),
                 0);
    cr_expect_eq(gyre_websocket_post(ws, &frame), 0);
    cr_expect_eq(gyre_sleep(gyre_in(S)), 0);
    cr_expect_eq(gyre_websocket_begin(ws, GYRE_WEBSOCKET_TEXT, gyre_in(S)),
                 -ETIMEDOUT);
    cr_expect_eq(gyre_websocket_write(ws, "", 0, GYRE_FOREVER), 0);
    cr_expect_eq(gyre_websocket_write(ws, "llo", 3, GYRE_FOREVER), 0);
    cr_expect_eq(gyre_websocket_finish(ws, GYRE_FOREVER), 0);
    gyre_buf_free(&frame);
    return (int)gyre_scope_close(&scope, 0);
}

CLAIM(websocket_send, may_be_by_and_by_and_others_wait)
{
    struct site s;

    raw_open(&s, send_by_and_by);
    raw_say(&s, "\x89\x80" ZERO);
    cr_expect_str_eq(raw_hear_for(&s, S / 2), "pong");
    cr_expect_str_eq(raw_hear_for(&s, 3 * S),
                     "text hello; text post; text other; close 1000");
    cr_expect_eq(pair.result, 0);
    raw_close(&s);
}

/* ---- who gives up ---- */

/* Before the first byte nothing is lost; behind it all is. */
static int give_up(struct gyre_websocket *ws)
{
    static char much[3000];

    cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
    cr_expect_eq(
        gyre_websocket_send(ws, GYRE_WEBSOCKET_BINARY, much, 90, gyre_in(S)),
        0);
    cr_expect_eq(
        gyre_websocket_send(ws, GYRE_WEBSOCKET_BINARY, much, 6, gyre_in(S)), 0);
    cr_expect_eq(
        gyre_websocket_send(ws, GYRE_WEBSOCKET_BINARY, much, 90, gyre_in(S)),
        -ETIMEDOUT);
    note('a');
    cr_expect_eq(gyre_sleep(gyre_in(2 * S)), 0);
    cr_expect_eq(gyre_websocket_send(ws, GYRE_WEBSOCKET_BINARY, much,
                                     sizeof much, gyre_in(S)),
                 -ETIMEDOUT);
    cr_expect_eq(send_text(ws, "x"), -EPIPE);
    note('b');
    return listen_only(ws);
}

CLAIM(websocket_send, is_over_once_a_frame_was_torn)
{
    struct site s;

    pair.weather.capacity = 100;
    pair.serving.ping_time = 5 * S;
    raw_open(&s, give_up);
    cr_expect_eq(gyre_sleep(gyre_in(3 * S / 2)), 0);
    expect_notes("a");
    cr_expect_str_eq(raw_hear_for(&s, S / 2), "binary of 90; binary ");
    cr_expect_eq(gyre_sleep(gyre_in(3 * S)), 0);
    expect_notes("b");
    cr_expect_str_eq(raw_hear_for(&s, 2 * S), "reset");
    let_others_run();
    cr_expect_eq(pair.result, -EPIPE);
    raw_close(&s);
}

/* The way to the peer is full: there is no room for the end of a message. */
static int finish_in_haste(struct gyre_websocket *ws)
{
    static char part[98];

    cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
    cr_expect_eq(gyre_websocket_begin(ws, GYRE_WEBSOCKET_BINARY, gyre_in(S)),
                 0);
    cr_expect_eq(gyre_websocket_write(ws, part, sizeof part, gyre_in(S)), 0);
    cr_expect_eq(gyre_websocket_finish(ws, gyre_in(S)), -ETIMEDOUT);
    cr_expect_eq(
        gyre_websocket_send(ws, GYRE_WEBSOCKET_TEXT, "x", 1, gyre_in(S)),
        -ETIMEDOUT);
    cr_expect_eq(gyre_websocket_finish(ws, GYRE_FOREVER), 0);
    return send_text(ws, "after");
}

CLAIM(websocket_send, by_and_by_goes_on_when_its_end_was_given_up)
{
    struct site s;

    pair.weather.capacity = 100;
    raw_open(&s, finish_in_haste);
    cr_expect_eq(gyre_sleep(gyre_in(3 * S)), 0);
    cr_expect_str_eq(raw_hear_for(&s, S),
                     "binary of 98; text after; close 1000");
    raw_close(&s);
}

static int cancel_a_sender(struct gyre_websocket *ws)
{
    struct letters first = {ws, 'a', 5000}, second = {ws, 'b', 10};
    struct gyre_future sent, waited, last;
    struct gyre_scope scope;

    gyre_scope_open_tolerant(&scope, GYRE_FOREVER);
    gyre_spawn(&scope, &sent, send_letters, &first);
    cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
    gyre_spawn(&scope, &waited, send_letters, &second);
    cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
    gyre_spawn(&scope, &last, send_letters, &second);
    cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
    gyre_future_cancel(&waited);
    cr_expect_eq(gyre_await(&waited, GYRE_FOREVER), -ECANCELED);
    cr_expect_eq(gyre_await(&sent, GYRE_FOREVER), 0);
    cr_expect_eq(gyre_await(&last, GYRE_FOREVER), 0);
    return (int)gyre_scope_close(&scope, 0);
}

CLAIM(websocket_send, is_not_disturbed_by_who_gives_up_waiting)
{
    struct site s;

    pair.weather.capacity = 1000;
    raw_open(&s, cancel_a_sender);
    cr_expect_eq(gyre_sleep(gyre_in(S / 2)), 0);
    cr_expect_str_eq(raw_hear_for(&s, S),
                     "text of 5000; text bbbbbbbbbb; close 1000");
    raw_close(&s);
}

static intptr_t send_b(void *ws)
{
    return send_text(ws, "b");
}

/* Have the turn to send, with a sender of "b" to come behind. */
static void begin_before_b(struct gyre_websocket *ws, struct gyre_scope *scope,
                           struct gyre_future *sent)
{
    cr_expect_eq(gyre_websocket_begin(ws, GYRE_WEBSOCKET_TEXT, GYRE_FOREVER),
                 0);
    gyre_scope_open_tolerant(scope, GYRE_FOREVER);
    gyre_spawn(scope, sent, send_b, ws);
}

/* Has had his turn, and wants another, while somebody waits for his. */
static int begin_again(struct gyre_websocket *ws)
{
    struct gyre_future sent;
    struct gyre_scope scope;

    begin_before_b(ws, &scope, &sent);
    cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
    cr_expect_eq(gyre_websocket_finish(ws, GYRE_FOREVER), 0);
    cr_expect_eq(gyre_websocket_begin(ws, GYRE_WEBSOCKET_BINARY, GYRE_FOREVER),
                 0);
    cr_expect_eq(gyre_websocket_write(ws, "c", 1, GYRE_FOREVER), 0);
    cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
    cr_expect_eq(gyre_websocket_finish(ws, GYRE_FOREVER), 0);
    cr_expect_eq(gyre_await(&sent, GYRE_FOREVER), 0);
    return (int)gyre_scope_close(&scope, 0);
}

CLAIM(websocket_send, has_who_waited_before_who_comes_just_then)
{
    struct site s;

    raw_open(&s, begin_again);
    cr_expect_str_eq(raw_hear_for(&s, S), "text; text b; binary c; close 1000");
    raw_close(&s);
}

static int finish_when_dead(struct gyre_websocket *ws)
{
    struct gyre_future sent;
    struct gyre_scope scope;

    begin_before_b(ws, &scope, &sent);
    cr_expect_eq(gyre_sleep(gyre_in(60 * S)), 0);
    cr_expect_eq(gyre_websocket_finish(ws, GYRE_FOREVER), -ETIMEDOUT);
    cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
    cr_expect(gyre_future_done(&sent));
    gyre_scope_cancel(&scope);
    (void)gyre_scope_close(&scope, 0);
    return -ETIMEDOUT;
}

CLAIM(websocket_send, by_and_by_is_over_when_the_peer_is_dead)
{
    struct site s;

    raw_open(&s, finish_when_dead);
    cr_expect_str_eq(raw_hear_for(&s, 61 * S), "ping; reset");
    raw_close(&s);
}

/* ---- to many ---- */

static int post_one(struct gyre_websocket *ws)
{
    struct gyre_buf frame = {0};
    char much[900] = "";

    cr_expect_eq(
        gyre_websocket_encode(&frame, GYRE_WEBSOCKET_BINARY, much, sizeof much),
        0);
    cr_expect_eq(gyre_websocket_post(ws, &frame), 0);
    cr_expect_eq(gyre_websocket_post(ws, &frame), -ENOBUFS);
    gyre_buf_free(&frame);
    return gyre_websocket_flush(ws, gyre_in(S));
}

CLAIM(websocket_send, of_what_is_longer_than_the_queue_is_for_one_at_a_time)
{
    struct site s;

    pair.weather.capacity = 200;
    pair.serving.queue = 100;
    raw_open(&s, post_one);
    cr_expect_str_eq(raw_hear_for(&s, S), "binary of 900; close 1000");
    raw_close(&s);
}

static int post_many(struct gyre_websocket *ws)
{
    struct gyre_buf frame = {0};
    int posted = 0;

    cr_expect_eq(
        gyre_websocket_encode(&frame, GYRE_WEBSOCKET_BINARY,
                              "0123456789012345678901234567890123456789", 38),
        0);
    while (posted < 1000 && gyre_websocket_post(ws, &frame) == 0)
        posted++;
    cr_expect_eq(posted, 1000 / 40);
    cr_expect_eq(gyre_websocket_post(ws, &frame), -ENOBUFS);
    cr_expect_eq(gyre_websocket_flush(ws, gyre_in(10 * S)), 0);
    cr_expect_eq(gyre_websocket_post(ws, &frame), 0);
    gyre_buf_free(&frame);
    return send_text(ws, "last");
}

CLAIM(websocket_send, may_be_without_waiting_as_far_as_there_is_room)
{
    struct site s;
    const char *heard;
    int n = 0;

    pair.weather.capacity = 200;
    pair.serving.queue = 1000;
    raw_open(&s, post_many);
    heard = raw_hear_for(&s, S);
    for (const char *at = heard; (at = strstr(at, "binary")) != NULL; at++)
        n++;
    cr_expect_eq(n, 1000 / 40 + 1);
    cr_expect_str_eq(strstr(heard, "text"), "text last; close 1000");
    raw_close(&s);
}

/* One message to all, encoded once; who does not read is dropped, and holds up
   nobody. */
enum { LISTENERS = 10, SLOW = 3, POSTS = 20 };

static struct {
    struct gyre_websocket *all[LISTENERS];
    int n, dropped;
} crowd;

static int join_crowd(struct gyre_websocket *ws)
{
    int i = crowd.n++, err;

    crowd.all[i] = ws;
    err = listen_only(ws);
    crowd.all[i] = NULL;
    return err;
}

static void tell_all(const struct gyre_buf *frame)
{
    for (int i = 0; i < crowd.n; i++) {
        if (crowd.all[i] == NULL ||
            gyre_websocket_post(crowd.all[i], frame) != -ENOBUFS)
            continue;
        cr_expect_eq(gyre_websocket_drop(crowd.all[i], 1013, "too slow"), 0);
        crowd.dropped++;
    }
}

static intptr_t count_messages(void *ws)
{
    struct gyre_websocket_message m;
    intptr_t n = 0;

    while (n < POSTS && gyre_websocket_receive(ws, &m, GYRE_FOREVER) == 1)
        n += m.length == 500;
    return n;
}

CLAIM(websocket_send, to_many_is_not_held_up_by_a_slow_one)
{
    static char text[500];
    struct gyre_websocket *ws[LISTENERS];
    struct gyre_future counted[LISTENERS];
    struct gyre_buf frame = {0};
    struct gyre_scope scope;

    memset(&crowd, 0, sizeof crowd);
    pair.weather.capacity = 600;
    pair.serving.queue = 2000;
    pair_open(join_crowd);
    gyre_scope_open(&scope, GYRE_FOREVER);
    for (int i = 0; i < LISTENERS; i++) {
        cr_expect_eq(pair_connect(NULL, &ws[i]), 0);
        if (i != SLOW)
            gyre_spawn(&scope, &counted[i], count_messages, ws[i]);
    }
    cr_expect_eq(
        gyre_websocket_encode(&frame, GYRE_WEBSOCKET_BINARY, text, 500), 0);
    for (int i = 0; i < POSTS; i++) {
        tell_all(&frame);
        cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
    }
    for (int i = 0; i < LISTENERS; i++) {
        if (i != SLOW)
            cr_expect_eq(gyre_await(&counted[i], gyre_in(S)), POSTS);
    }
    cr_expect_eq(crowd.dropped, 1);
    cr_expect_gt(count_messages(ws[SLOW]), 2);
    cr_expect_eq(gyre_websocket_code(ws[SLOW]), 1013);
    cr_expect_str_eq(gyre_websocket_reason(ws[SLOW]), "too slow");
    (void)gyre_scope_close(&scope, 0);
    for (int i = 0; i < LISTENERS; i++)
        cr_expect_eq(gyre_websocket_end(ws[i], 0, GYRE_FOREVER), 0);
    gyre_buf_free(&frame);
    pair_end();
}

/* A client masks what it posts, each time anew. */
CLAIM(websocket_send, may_be_posted_by_a_client)
{
    struct gyre_websocket *ws;
    struct gyre_buf frame = {0};

    pair_open(echo);
    cr_expect_eq(pair_connect(NULL, &ws), 0);
    cr_expect_eq(gyre_websocket_encode(&frame, GYRE_WEBSOCKET_TEXT, "hello", 5),
                 0);
    for (int i = 0; i < 20; i++) {
        cr_expect_eq(gyre_websocket_post(ws, &frame), 0);
        cr_expect_str_eq(receive_text(ws, S), "text hello");
    }
    gyre_buf_free(&frame);
    cr_expect_eq(gyre_websocket_end(ws, 0, GYRE_FOREVER), 0);
    pair_end();
}
