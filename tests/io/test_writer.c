/*
 * test_writer.c - the claims of writer.h, held over every kind of stream.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loop/loop.h"
#include "task/scope.h"
#include "task/task.h"
#include "io/memory.h"
#include "io/stream.h"
#include "io/writer.h"
#include "tests/io/pairs.h"
#include "tests/support/faults.h"
#include "tests/task/world.h"

static struct gyre_writer writer;
static int drained;

static void count_drained(struct gyre_writer *w)
{
    cr_expect(!gyre_writer_full(w));
    drained++;
}

static void open_writer(size_t capacity, size_t high, size_t low)
{
    open_pair(capacity);
    drained = 0;
    writer = (struct gyre_writer){
        .high = high, .low = low, .drained = count_drained};
    gyre_writer_open(&writer, ours);
}

static void close_writer(void)
{
    gyre_writer_close(&writer);
    close_pair();
}

static void put(const char *text)
{
    cr_expect_eq(gyre_writer_put(&writer, text, strlen(text)), 0);
}

static void expect_said(const char *text)
{
    char got[64] = "";

    cr_expect_eq(gyre_read_exact(theirs, got, strlen(text), SOON), 0);
    cr_expect_str_eq(got, text);
}

/* ---- writing ---- */

CLAIM_OF_STREAMS(writer, copies_writes_at_once_and_keeps_the_order)
{
    char text[] = "one";

    open_writer(0, 0, 0);
    put(text);
    memset(text, 'x', 3);
    put("two");
    put("");
    put("three");
    cr_expect_eq(gyre_writer_flush(&writer, SOON), 0);
    cr_expect_eq(gyre_writer_held(&writer), 0);
    expect_said("onetwothree");
    put("four");
    expect_said("four");
    close_writer();
}

/* ---- the marks ---- */

static void put_many(size_t n)
{
    static const char bytes[1000];

    for (size_t i = 0; i < n; i++)
        cr_expect_eq(gyre_writer_put(&writer, bytes, sizeof bytes), 0);
}

CLAIM_OF_STREAMS(writer, is_full_from_the_high_mark_to_the_low_one)
{
    size_t n;

    open_writer(2, 100000, 1000);
    n = fill();
    put_many(100);
    cr_expect(!gyre_writer_full(&writer));
    cr_expect_eq(gyre_writer_held(&writer), 100000);
    put("x");
    cr_expect(gyre_writer_full(&writer));
    cr_expect_eq(gyre_writer_drain(&writer, gyre_in(MS)), -ETIMEDOUT);
    cr_expect_eq(gyre_writer_flush(&writer, GYRE_NOW), -ETIMEDOUT);
    cr_expect_eq(drained, 0);
    drain(n + 100001);
    cr_expect_eq(gyre_writer_flush(&writer, SOON), 0);
    cr_expect_eq(gyre_writer_drain(&writer, GYRE_NOW), 0);
    let_all_settle();
    cr_expect_eq(drained, 1);
    close_writer();
}

static intptr_t drain_and_note(void *arg)
{
    (void)arg;
    cr_expect_eq(gyre_writer_drain(&writer, SOON), 0);
    note('d');
    return 0;
}

/* asyncio's drain() could not be awaited twice at a time, for years. */
CLAIM_OF_STREAMS(writer, may_be_waited_for_by_several)
{
    struct gyre_scope s;
    size_t n;

    open_writer(2, 10, 5);
    n = fill();
    put_many(50);
    gyre_scope_open(&s, GYRE_FOREVER);
    for (int i = 0; i < 3; i++)
        gyre_spawn(&s, NULL, drain_and_note, NULL);
    let_all_settle();
    expect_notes("");
    drain(n + 50000);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("ddd");
    close_writer();
}

/* What was taken of a write that is not over makes nobody go on, to be stopped
   again by the next byte. */
CLAIM_OF_STREAMS(writer, stays_full_until_it_says_that_it_is_not)
{
    size_t n;

    open_writer(2, 1000, 900);
    n = fill();
    put_many(50);
    cr_expect(gyre_writer_full(&writer));
    drain(n + 49500);
    cr_expect_eq(gyre_writer_full(&writer), drained == 0);
    drain(500);
    cr_expect_eq(gyre_writer_flush(&writer, SOON), 0);
    cr_expect_eq(drained, 1);
    cr_expect(!gyre_writer_full(&writer));
    close_writer();
}

/* ---- failing ---- */

CLAIM_OF_STREAMS(writer, tells_whoever_waits_or_puts_that_it_has_failed)
{
    int err;

    open_writer(2, 10, 0);
    fill();
    put_many(50);
    close_theirs();
    err = gyre_writer_drain(&writer, SOON);
    cr_expect(err == -EPIPE || err == -ECONNRESET);
    cr_expect_eq(gyre_writer_put(&writer, "x", 1), err);
    cr_expect_eq(gyre_writer_flush(&writer, SOON), err);
    cr_expect_eq(gyre_writer_held(&writer), 0);
    cr_expect_eq(drained, 1);
    close_writer();
}

/* ---- closing ---- */

static intptr_t flush_in_vain(void *arg)
{
    (void)arg;
    cr_expect_eq(gyre_writer_flush(&writer, SOON), -EBADF);
    note('f');
    return 0;
}

CLAIM_OF_STREAMS(writer, sends_home_who_waits_when_it_is_closed)
{
    struct gyre_scope s;

    open_writer(2, 0, 0);
    fill();
    put_many(500);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, flush_in_vain, NULL);
    let_all_settle();
    gyre_writer_close(&writer);
    memset(&writer, 0xff, sizeof writer);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("f");
    close_pair();
}

Test(writer, that_was_never_opened_may_be_closed)
{
    struct gyre_writer w = {.high = 0};

    gyre_writer_close(&w);
}

static void close_and_free(struct gyre_writer *w)
{
    gyre_writer_close(w);
    free(w);
    note('c');
}

CLAIM_OF_STREAMS(writer, may_be_freed_when_told)
{
    struct gyre_writer *w = calloc(1, sizeof *w);
    size_t n;

    w->high = 1;
    w->drained = close_and_free;
    open_pair(2);
    n = fill();
    gyre_writer_open(w, ours);
    cr_expect_eq(gyre_writer_put(w, "abc", 3), 0);
    drain(n + 3);
    let_all_settle();
    expect_notes("c");
    close_pair();
}

/* ---- memory ---- */

static int put_twice(struct gyre_stream *ends[2])
{
    struct gyre_writer w = {.high = 0};
    char got[10];
    int err = 0;

    gyre_writer_open(&w, ends[0]);
    for (int i = 0; err == 0 && i < 2; i++)
        err = gyre_writer_put(&w, "hello", 5);
    if (err == 0)
        err = gyre_read_exact(ends[1], got, 10, gyre_in(MS));
    if (err == -ETIMEDOUT)
        err = gyre_writer_flush(&w, GYRE_NOW); /* why it never came */
    gyre_writer_close(&w);
    return err;
}

static intptr_t put_in_the_end(void *arg)
{
    struct gyre_stream *ends[2];
    int err = gyre_memory_pair(gyre_loop_current(), 4, ends);

    (void)arg;
    if (err)
        return err;
    err = put_twice(ends);
    gyre_close(ends[0]);
    gyre_close(ends[1]);
    return err;
}

static int scenario(void)
{
    return (int)gyre_run(put_in_the_end, NULL);
}

Test(writer, cleans_up_when_there_is_no_memory)
{
    cr_expect_gt(faults_in_memory(scenario), 4);
}
