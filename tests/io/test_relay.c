/*
 * test_relay.c - the claims of relay.h: two pairs, of every kind, and what lies
 * between them.
 */
#include <errno.h>
#include <string.h>

#include "loop/loop.h"
#include "task/future.h"
#include "task/scope.h"
#include "task/task.h"
#include "io/memory.h"
#include "io/relay.h"
#include "io/stream.h"
#include "tests/io/pairs.h"
#include "tests/support/faults.h"
#include "tests/task/world.h"

/* The far side is memory: near - ours | theirs = far[0] | far[1]. */
static struct gyre_stream *far[2];

static void open_both(size_t capacity)
{
    open_pair(capacity);
    cr_expect_eq(gyre_memory_pair(gyre_loop_current(), capacity, far), 0);
}

static void close_both(void)
{
    close_pair();
    gyre_close(far[0]);
    gyre_close(far[1]);
}

static intptr_t relay(void *arg)
{
    (void)arg;
    return gyre_relay(theirs, far[0], GYRE_FOREVER);
}

static intptr_t copy(void *arg)
{
    (void)arg;
    return gyre_copy(theirs, far[0], GYRE_FOREVER);
}

static void expect_read(struct gyre_stream *s, const char *text)
{
    char got[16] = "";

    cr_expect_eq(gyre_read_exact(s, got, strlen(text), SOON), 0);
    cr_expect_str_eq(got, text);
}

CLAIM_OF_STREAMS(relay, copies_to_the_end_and_says_how_much)
{
    struct gyre_future f;
    struct gyre_scope s;

    open_both(0);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, &f, copy, NULL);
    cr_expect_eq(gyre_write(ours, "hello", 5, SOON), 0);
    cr_expect_eq(gyre_write(ours, " you", 4, SOON), 0);
    expect_read(far[1], "hello you");
    cr_expect_eq(gyre_shutdown(ours, SOON), 0);
    cr_expect_eq(gyre_await(&f, SOON), 9);
    cr_expect_eq(gyre_write(far[0], "more", 4, SOON), 0);
    expect_read(far[1], "more");
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    close_both();
}

CLAIM_OF_STREAMS(relay, goes_both_ways_and_passes_each_end_on)
{
    struct gyre_future f;
    struct gyre_scope s;
    char byte;

    open_both(0);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, &f, relay, NULL);
    cr_expect_eq(gyre_write(ours, "ask", 3, SOON), 0);
    cr_expect_eq(gyre_shutdown(ours, SOON), 0);
    expect_read(far[1], "ask");
    cr_expect_eq(gyre_read(far[1], &byte, 1, SOON), 0);
    cr_expect_eq(gyre_write(far[1], "answer", 6, SOON), 0);
    expect_read(ours, "answer");
    cr_expect(!gyre_future_done(&f));
    cr_expect_eq(gyre_shutdown(far[1], SOON), 0);
    cr_expect_eq(gyre_read(ours, &byte, 1, SOON), 0);
    cr_expect_eq(gyre_await(&f, SOON), 0);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    close_both();
}

static intptr_t write_much(void *bytes)
{
    return gyre_write(ours, bytes, LARGE, SOON);
}

CLAIM_OF_STREAMS(relay, loses_nothing_on_a_slow_way)
{
    static char sent[LARGE], got[LARGE];
    struct gyre_scope s;

    for (size_t i = 0; i < LARGE; i++)
        sent[i] = (char)(i * 2654435761U >> 24);
    open_both(100);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, relay, NULL);
    gyre_spawn(&s, NULL, write_much, sent);
    cr_expect_eq(gyre_read_exact(far[1], got, LARGE, SOON), 0);
    cr_expect_eq(memcmp(sent, got, LARGE), 0);
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    close_both();
}

CLAIM_OF_STREAMS(relay, ends_both_ways_when_one_breaks)
{
    struct gyre_future f;
    struct gyre_scope s;

    open_both(0);
    gyre_scope_open_tolerant(&s, GYRE_FOREVER);
    gyre_spawn(&s, &f, relay, NULL);
    let_all_settle();
    gyre_memory_reset(far[1]);
    cr_expect_eq(gyre_await(&f, SOON), -ECONNRESET);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    close_both();
}
