/*
 * test_stream_cut.c - the claims of stream.h about streams that are cut, held
 * over every kind of stream.
 */
#include <errno.h>
#include <string.h>

#include "task/scope.h"
#include "task/sync/event.h"
#include "task/task.h"
#include "io/reading.h"
#include "io/service.h"
#include "io/stream.h"
#include "io/writing.h"
#include "tests/io/pairs.h"
#include "tests/task/world.h"

static char bytes[LARGE];

static intptr_t read_in_vain(void *arg)
{
    char byte;

    (void)arg;
    cr_expect_lt(gyre_read(ours, &byte, 1, SOON), 0);
    note('r');
    return 0;
}

static intptr_t write_in_vain(void *arg)
{
    (void)arg;
    cr_expect_lt(gyre_write(ours, bytes, sizeof bytes, SOON), 0);
    note('w');
    return 0;
}

static void expect_dead(struct gyre_stream *s)
{
    char byte;

    cr_expect_lt(gyre_read(s, &byte, 1, SOON), 0);
    cr_expect_lt(gyre_write(s, "x", 1, SOON), 0);
    cr_expect_lt(gyre_shutdown(s, SOON), 0);
}

/* They come to know it at once, and no sooner. */
CLAIM_OF_STREAMS(stream_cut, fails_who_is_inside_and_who_comes_later)
{
    struct gyre_scope scope;

    open_pair(2);
    gyre_scope_open(&scope, GYRE_FOREVER);
    gyre_spawn(&scope, NULL, read_in_vain, NULL);
    gyre_spawn(&scope, NULL, write_in_vain, NULL);
    let_others_run();
    expect_notes("");
    gyre_service_cut(ours);
    cr_expect_eq(gyre_scope_close(&scope, 0), 0);
    expect_notes_in_any_order("rw");
    expect_dead(ours);
    gyre_service_cut(ours);
    expect_dead(ours);
    close_pair();
}

/* A pipe has no way to say more than that it ends. */
CLAIM_OF_STREAMS(stream_cut, ends_what_the_peer_hears)
{
    char buf[8];

    open_pair(0);
    gyre_service_cut(ours);
    cr_expect_leq(gyre_read(theirs, buf, sizeof buf, SOON), 0);
    cr_expect_lt(gyre_write(theirs, "x", 1, SOON), 0);
    close_pair();
}

/* The end of a pipe is final; but not for who has cut it himself. */
CLAIM_OF_STREAMS(stream_cut, is_no_end_though_there_was_one_before)
{
    char byte;

    open_pair(0);
    close_theirs();
    cr_expect_eq(gyre_read(ours, &byte, 1, SOON), 0);
    gyre_service_cut(ours);
    cr_expect_lt(gyre_read(ours, &byte, 1, SOON), 0);
    close_pair();
}

/* ---- without tasks ---- */

static struct gyre_event told_reader, told_writer;

static void ask(struct gyre_job *j)
{
    char byte;
    ssize_t n = gyre_read(ours, &byte, 1, GYRE_NOW);

    cr_expect_lt(n, 0);
    if (n == -ETIMEDOUT)
        cr_expect_eq(gyre_stream_when_readable(ours, j), 0);
    else
        gyre_event_set(&told_reader);
}

static void written(struct gyre_writing *w, int err)
{
    (void)w;
    cr_expect_lt(err, 0);
    gyre_event_set(&told_writer);
}

CLAIM_OF_STREAMS(stream_cut, is_told_to_callbacks)
{
    struct gyre_job j = {.run = ask};
    struct gyre_writing w = {.written = written};
    struct iovec iov = {bytes, sizeof bytes};

    told_reader = told_writer = (struct gyre_event){0};
    open_pair(2);
    cr_expect_eq(gyre_stream_when_readable(ours, &j), 0);
    gyre_writing_start(&w, ours, &iov, 1);
    let_others_run();
    cr_expect(!gyre_event_is_set(&told_reader));
    cr_expect(!gyre_event_is_set(&told_writer));
    gyre_service_cut(ours);
    cr_expect_eq(gyre_event_wait(&told_reader, SOON), 0);
    cr_expect_eq(gyre_event_wait(&told_writer, SOON), 0);
    gyre_event_clear(&told_reader);
    if (gyre_stream_when_readable(ours, &j) == 0)
        cr_expect_eq(gyre_event_wait(&told_reader, SOON), 0);
    close_pair();
}

static void told_in_vain(struct gyre_reading *r, ssize_t n)
{
    cr_expect(!gyre_reading_started(r));
    cr_expect_lt(n, 0);
    gyre_event_set(&told_reader);
}

CLAIM_OF_STREAMS(stream_cut, is_told_to_a_reading_and_may_be_done_twice)
{
    char byte;
    struct gyre_reading r = {.read = told_in_vain, .buf = &byte, .size = 1};

    told_reader = (struct gyre_event){0};
    open_pair(0);
    cr_expect_eq(gyre_reading_start(&r, ours), 0);
    let_others_run();
    cr_expect(!gyre_event_is_set(&told_reader));
    gyre_service_cut(ours);
    gyre_service_cut(ours);
    cr_expect_eq(gyre_event_wait(&told_reader, SOON), 0);
    close_pair();
}
