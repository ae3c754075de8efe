/*
 * test_incoming.c - what comes means the same, however it is divided.
 */
#include <criterion/criterion.h>

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "io/http/websocket/incoming.h"
#include "tests/io/http/vectors.h"
#include "tests/support/faults.h"

enum { LIMIT = 1000, SHOWN = 12 };

/* A payload: as it is, or what its bytes add up to. */
static const char *shown(const void *payload, size_t n)
{
    static char text[4 * SHOWN + 1];
    const unsigned char *at = payload;
    unsigned long sum = 0;
    char *to = text;

    *to = '\0';
    for (size_t i = 0; i < n; i++) {
        sum += at[i];
        if (n <= SHOWN && isprint(at[i]) && at[i] != '\\')
            to += sprintf(to, "%c", at[i]);
        else if (n <= SHOWN)
            to += sprintf(to, "\\x%02x", at[i]);
    }
    if (n > SHOWN)
        sprintf(text, "sum %lu", sum);
    return text;
}

struct reader {
    struct gyre_websocket_incoming m;
    struct gyre_buf in, message;
    struct gyre_buf *outcome;
    bool over;
};

static void say_message(struct reader *r)
{
    bool text = r->m.kind == GYRE_WEBSOCKET_TEXT;

    gyre_websocket_incoming_take(&r->m, &r->message);
    vectors_say(r->outcome, "%s %zu: %s", text ? "text" : "binary",
                r->message.length, shown(r->message.at, r->message.length));
}

static void say_control(struct reader *r, const char *what)
{
    vectors_say(r->outcome, "%s %zu: %s", what, r->m.control_length,
                shown(r->m.control, r->m.control_length));
}

/* The next thing that what has come says; false if it says no more. */
static bool say_next(struct reader *r)
{
    int event = gyre_websocket_incoming_next(&r->m, &r->in);
    char close[16];

    switch (event) {
    case GYRE_WEBSOCKET_NOTHING: return false;
    case GYRE_WEBSOCKET_WHOLE: say_message(r); return true;
    case GYRE_WEBSOCKET_PINGED: say_control(r, "ping"); return true;
    case GYRE_WEBSOCKET_PONGED: say_control(r, "pong"); return true;
    case GYRE_WEBSOCKET_CLOSED:
        snprintf(close, sizeof close, "close %d", r->m.code);
        say_control(r, close);
        break;
    default:
        vectors_say(r->outcome, "error %d %d %s", event, r->m.code, r->m.why);
    }
    r->over = true;
    return false;
}

static void read_pieces(struct reader *r, const struct gyre_buf *message,
                        const size_t *ends, size_t n)
{
    size_t at = 0;

    for (size_t i = 0; i < n && !r->over; i++) {
        cr_assert_eq(gyre_buf_append(&r->in, message->at + at, ends[i] - at),
                     0);
        at = ends[i];
        while (say_next(r))
            continue;
        cr_assert(r->over || r->in.length < GYRE_WEBSOCKET_HEAD_MAX,
                  "no more is kept back than a head");
    }
    if (r->outcome->length == 0)
        vectors_say(r->outcome, "nothing");
    gyre_buf_free(&r->in);
    gyre_buf_free(&r->message);
    gyre_buf_free(&r->m.message);
}

static void read_as_server(const struct gyre_buf *message, const size_t *ends,
                           size_t n, struct gyre_buf *outcome)
{
    struct reader r = {.m = {.masked = true, .limit = LIMIT},
                       .outcome = outcome};

    read_pieces(&r, message, ends, n);
}

static void read_as_client(const struct gyre_buf *message, const size_t *ends,
                           size_t n, struct gyre_buf *outcome)
{
    struct reader r = {.m = {.limit = LIMIT}, .outcome = outcome};

    read_pieces(&r, message, ends, n);
}

Test(websocket_incoming, is_read_alike_however_it_is_divided)
{
    vectors_run("websocket_client.txt", read_as_client);
    vectors_run("websocket_server.txt", read_as_server);
}

Test(websocket_incoming, is_read_alike_with_bytes_changed_at_random)
{
    vectors_mutate("websocket_client.txt", read_as_client, 30);
    vectors_mutate("websocket_server.txt", read_as_server, 100);
}

static void put(struct gyre_buf *in, const char *bytes, size_t n)
{
    cr_assert_eq(gyre_buf_append(in, bytes, n), 0);
}

Test(websocket_incoming, holds_data_behind_a_message_but_no_control_frame)
{
    struct gyre_websocket_incoming m = {.limit = LIMIT};
    struct gyre_buf in = {0}, message = {0};

    put(&in, "\x81\x02hi\x89\x01!\x82\x02ho\x89\x01?", 15);
    cr_expect_eq(gyre_websocket_incoming_next(&m, &in), GYRE_WEBSOCKET_WHOLE);
    cr_expect_eq(gyre_websocket_incoming_next(&m, &in), GYRE_WEBSOCKET_PINGED);
    cr_expect_eq(gyre_websocket_incoming_next(&m, &in), GYRE_WEBSOCKET_HELD);
    cr_expect_eq(gyre_websocket_incoming_next(&m, &in), GYRE_WEBSOCKET_HELD);
    cr_expect_eq(m.kind, GYRE_WEBSOCKET_TEXT);
    gyre_websocket_incoming_take(&m, &message);
    cr_expect_arr_eq(message.at, "hi", 2);
    cr_expect_eq(gyre_websocket_incoming_next(&m, &in), GYRE_WEBSOCKET_WHOLE);
    cr_expect_eq(m.kind, GYRE_WEBSOCKET_BINARY);
    cr_expect_eq(gyre_websocket_incoming_next(&m, &in), GYRE_WEBSOCKET_PINGED);
    cr_expect_eq(gyre_websocket_incoming_next(&m, &in), GYRE_WEBSOCKET_NOTHING);
    gyre_buf_free(&in);
    gyre_buf_free(&message);
    gyre_buf_free(&m.message);
}

/* Of 2^40 bytes that are announced, three have come. */
Test(websocket_incoming, takes_no_memory_for_what_has_not_come)
{
    struct ledger books = {.base = FAULTS_LEDGER};
    struct gyre_websocket_incoming m = {.limit = SIZE_MAX,
                                        .message.allocator = &books.base};
    struct gyre_buf in = {0};

    put(&in, "\x82\x7f\0\0\1\0\0\0\0\0abc", 13);
    cr_expect_eq(gyre_websocket_incoming_next(&m, &in), GYRE_WEBSOCKET_NOTHING);
    cr_expect_lt(books.bytes, 1000);
    gyre_buf_free(&in);
    gyre_buf_free(&m.message);
}

/* A fragment costs its bytes, and no more: memory is as for one frame. */
Test(websocket_incoming, takes_no_more_memory_for_more_fragments)
{
    struct ledger books = {.base = FAULTS_LEDGER};
    struct gyre_websocket_incoming m = {.limit = 10000,
                                        .message.allocator = &books.base};
    struct gyre_buf in = {0};

    put(&in, "\x02\x01x", 3);
    for (int i = 0; i < 9999; i++)
        put(&in, "\0\x01x\0\0", 5);
    cr_expect_eq(gyre_websocket_incoming_next(&m, &in), GYRE_WEBSOCKET_NOTHING);
    cr_expect_lt(books.bytes, 40000);
    cr_expect_eq(books.blocks, 1);
    put(&in, "\0\x01x", 3);
    cr_expect_eq(gyre_websocket_incoming_next(&m, &in), -EMSGSIZE);
    gyre_buf_free(&in);
    gyre_buf_free(&m.message);
}

static int read_much(void)
{
    struct gyre_websocket_incoming m = {.limit = 10000};
    struct gyre_buf in = {0};
    int err = 0;

    for (int i = 0; i < 100 && err >= 0; i++) {
        err = gyre_buf_append(&in, &"\x01\x02hi\0\0"[i > 0 ? 4 : 0],
                              i > 0 ? 2 : 4);
        if (err == 0)
            err = gyre_websocket_incoming_next(&m, &in);
    }
    gyre_buf_free(&in);
    gyre_buf_free(&m.message);
    return err;
}

Test(websocket_incoming, survives_the_nth_allocation_failing)
{
    cr_expect_geq(faults_in_memory(read_much), 2);
}
