/*
 * test_detach.c - the claims of detach.h, held over every kind of stream: those
 * that can be moved are, and the others say that they cannot.
 */
#include <errno.h>
#include <string.h>

#include "loop/loop.h"
#include "task/scope.h"
#include "task/task.h"
#include "io/detach.h"
#include "io/reading.h"
#include "io/stream.h"
#include "io/writing.h"
#include "tests/io/pairs.h"
#include "tests/support/faults.h"
#include "tests/task/world.h"

/* Can `ours` be?  If so it is attached again. */
static bool can_be_moved(void)
{
    struct gyre_detached d;

    if (gyre_stream_detach(ours, &d) == -ENOTSUP)
        return false;
    cr_expect_eq(gyre_stream_attach(gyre_loop_current(), &d, &ours), 0);
    return true;
}

/* ---- to another loop ---- */

/* There, what is read is written. */
static struct gyre_stream *moved;
static struct gyre_writing writing;
static struct iovec iov;
static char buf[16];

static void echo(struct gyre_reading *r, ssize_t n)
{
    if (n > 0) {
        iov = (struct iovec){buf, (size_t)n};
        gyre_writing_start(&writing, moved, &iov, 1);
    }
    gyre_reading_stop(r);
}

static void run_another_loop(struct gyre_detached *d)
{
    struct gyre_reading reading = {
        .read = echo, .buf = buf, .size = sizeof buf};
    struct gyre_loop *other;

    cr_expect_eq(gyre_loop_new(&other), 0);
    cr_expect_eq(gyre_stream_attach(other, d, &moved), 0);
    cr_expect_eq(gyre_reading_start(&reading, moved), 0);
    cr_expect_eq(gyre_loop_run(other), 0);
    cr_expect_eq(gyre_stream_detach(moved, d), 0);
    gyre_loop_free(other);
}

CLAIM_OF_STREAMS(detach, takes_a_stream_to_another_loop_and_back)
{
    struct gyre_detached d;
    char text[8] = "";

    open_pair(0);
    if (can_be_moved()) {
        ours->data = &d;
        ours->patience = 20 * GYRE_SECOND;
        say("hello");
        cr_expect_eq(gyre_read(ours, text, 1, SOON), 1);
        cr_expect_eq(gyre_stream_detach(ours, &d), 0);
        run_another_loop(&d);
        cr_expect_eq(gyre_stream_attach(gyre_loop_current(), &d, &ours), 0);
        cr_expect_eq(gyre_read_exact(theirs, text, 4, SOON), 0);
        cr_expect_str_eq(text, "ello");
        cr_expect_eq(ours->data, &d);
        cr_expect_eq(ours->patience, 20 * GYRE_SECOND);
    }
    close_pair();
}

CLAIM_OF_STREAMS(detach, takes_what_was_read_ahead_along)
{
    struct gyre_detached d;
    char text[8];

    open_pair(0);
    say("abcdef");
    cr_expect_eq(gyre_peek(ours, text, 3, SOON), 3);
    if (can_be_moved()) {
        cr_expect_eq(gyre_stream_detach(ours, &d), 0);
        cr_expect_eq(gyre_stream_attach(gyre_loop_current(), &d, &ours), 0);
    }
    expect_left("abcdef");
    close_pair();
}

/* ---- when it cannot be ---- */

static intptr_t read_byte(void *arg)
{
    char byte;

    (void)arg;
    cr_expect_eq(gyre_read(ours, &byte, 1, SOON), 1);
    return 0;
}

CLAIM_OF_STREAMS(detach, leaves_a_stream_alone_that_somebody_uses)
{
    struct gyre_reading reading = {.size = 1};
    struct gyre_writing busy = {.written = NULL};
    struct gyre_detached d;
    struct gyre_scope s;

    open_pair(0);
    cr_expect_eq(gyre_reading_start(&reading, ours), 0);
    cr_expect_eq(gyre_stream_detach(ours, &d), -EBUSY);
    gyre_reading_stop(&reading);
    iov = (struct iovec){"x", 1};
    gyre_writing_start(&busy, ours, &iov, 1);
    cr_expect_eq(gyre_stream_detach(ours, &d), -EBUSY);
    gyre_writing_stop(&busy);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, read_byte, NULL);
    let_all_settle();
    cr_expect_eq(gyre_stream_detach(ours, &d), -EBUSY);
    say("x");
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    close_pair();
}

CLAIM_OF_STREAMS(detach, closes_what_goes_nowhere)
{
    struct gyre_detached d;
    char byte;

    open_pair(0);
    if (can_be_moved()) {
        cr_expect_eq(gyre_stream_detach(ours, &d), 0);
        gyre_detached_close(&d);
        ours = NULL;
        cr_expect_eq(gyre_read(theirs, &byte, 1, SOON), 0);
    }
    close_pair();
}
