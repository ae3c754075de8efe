/*
 * test_reading.c - the claims of reading.h, held over every kind of stream.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loop/look.h"
#include "loop/loop.h"
#include "task/scope.h"
#include "task/sync/event.h"
#include "task/task.h"
#include "io/reading.h"
#include "io/stream.h"
#include "tests/io/pairs.h"
#include "tests/support/faults.h"
#include "tests/task/world.h"

/* What a reading has told of. */
struct heard {
    struct gyre_reading reading;
    struct gyre_event news;
    char buf[8];
    char text[64];
    int ends, err, calls;
};

static void hear(struct gyre_reading *r, ssize_t n)
{
    struct heard *h = GYRE_OWNER(r, struct heard, reading);

    cr_expect_eq(gyre_reading_started(r), n > 0);
    h->calls++;
    if (n > 0)
        strncat(h->text, r->buf, (size_t)n);
    if (n == 0)
        h->ends++;
    if (n < 0)
        h->err = (int)n;
    gyre_event_set(&h->news);
}

static void start(struct heard *h)
{
    *h = (struct heard){
        .reading = {.read = hear, .buf = h->buf, .size = sizeof h->buf}};
    cr_expect_eq(gyre_reading_start(&h->reading, ours), 0);
}

/* Wait for all of `text` to be told, and no more. */
static void expect_heard(struct heard *h, const char *text)
{
    while (strlen(h->text) < strlen(text)) {
        gyre_event_clear(&h->news);
        cr_expect_eq(gyre_event_wait(&h->news, SOON), 0);
    }
    cr_expect_str_eq(h->text, text);
    h->text[0] = '\0';
}

/* Wait until it is over. */
static void expect_over(struct heard *h)
{
    while (gyre_reading_started(&h->reading)) {
        gyre_event_clear(&h->news);
        cr_expect_eq(gyre_event_wait(&h->news, SOON), 0);
    }
}

/* ---- how it goes ---- */

CLAIM_OF_STREAMS(reading, tells_of_what_comes_from_the_loop)
{
    struct heard h;

    open_pair(0);
    say("hel");
    start(&h);
    cr_expect_eq(h.calls, 0);
    expect_heard(&h, "hel");
    say("lo, this is more than its buffer");
    expect_heard(&h, "lo, this is more than its buffer");
    gyre_reading_stop(&h.reading);
    close_pair();
}

CLAIM_OF_STREAMS(reading, tells_of_the_end_once_and_is_idle)
{
    struct heard h;

    open_pair(0);
    start(&h);
    say("bye");
    cr_expect_eq(gyre_shutdown(theirs, SOON), 0);
    expect_heard(&h, "bye");
    expect_over(&h);
    let_all_settle();
    cr_expect_eq(h.ends, 1);
    cr_expect_eq(gyre_reading_start(&h.reading, ours), 0);
    expect_over(&h);
    cr_expect_eq(h.ends, 2);
    close_pair();
}

CLAIM_OF_STREAMS(reading, keeps_the_loop_alive_unless_it_is_in_the_background)
{
    struct gyre_loop *l = gyre_loop_current();
    struct heard h = {
        .reading = {.read = hear, .buf = h.buf, .size = sizeof h.buf}};

    open_pair(0);
    for (int i = 0; i < 2; i++) {
        h.reading.background = i == 1;
        cr_expect_eq(gyre_reading_start(&h.reading, ours), 0);
        let_all_settle(); /* its first attempt */
        cr_expect_eq(gyre_loop_alive(l), i == 0);
        gyre_reading_stop(&h.reading);
        cr_expect(!gyre_loop_alive(l));
    }
    close_pair();
}

/* What comes and is not asked for must not have the loop go round: whether
   nobody has ever read, or somebody did and has stopped. */
/* This one sleeps: rounds that nobody asks for are counted while time
   passes. */
CLAIM_OF_STREAMS(reading, that_is_stopped_costs_no_rounds)
{
    struct gyre_loop *l = gyre_loop_current();
    struct heard h;

    open_pair(0);
    start(&h);
    say("heard");
    expect_heard(&h, "heard");
    gyre_reading_stop(&h.reading);
    for (int i = 0; i < 2; i++) {
        uint64_t before = gyre_loop_stats(l).polls;

        say("unheard");
        cr_expect_eq(gyre_write(ours, "unheard", 7, SOON), 0);
        cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
        cr_expect_leq(gyre_loop_stats(l).polls, before + 20);
    }
    cr_expect_eq(h.calls, 1);
    close_pair();
}

/* ---- in place of a reader ---- */

static intptr_t read_one(void *result)
{
    char byte;

    *(ssize_t *)result = gyre_read(ours, &byte, 1, SOON);
    return 0;
}

CLAIM_OF_STREAMS(reading, is_in_the_place_of_the_reader)
{
    struct heard h, other = {.reading.size = 1};
    struct gyre_job j = {0};
    struct gyre_scope s;
    ssize_t result = 1;
    char byte;

    open_pair(0);
    start(&h);
    cr_expect_eq(gyre_read(ours, &byte, 1, SOON), -EBUSY);
    cr_expect_eq(gyre_reading_start(&other.reading, ours), -EBUSY);
    cr_expect_eq(gyre_stream_when_readable(ours, &j), -EBUSY);
    gyre_reading_stop(&h.reading);
    cr_expect_eq(gyre_stream_when_readable(ours, &j), 0);
    cr_expect_eq(gyre_reading_start(&h.reading, ours), -EBUSY);
    gyre_stream_forget(ours);

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, read_one, &result);
    let_all_settle();
    cr_expect_eq(gyre_reading_start(&h.reading, ours), -EBUSY);
    cr_expect(!gyre_reading_started(&h.reading));
    say("x");
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(result, 1);
    close_pair();
}

CLAIM_OF_STREAMS(reading, is_handed_to_a_task_and_back_and_loses_nothing)
{
    struct heard h;

    open_pair(0);
    start(&h);
    say("callback");
    expect_heard(&h, "callback");
    gyre_reading_stop(&h.reading);
    say("task");
    expect_left("task");
    cr_expect_eq(gyre_reading_start(&h.reading, ours), 0);
    say("callback");
    expect_heard(&h, "callback");
    gyre_reading_stop(&h.reading);
    close_pair();
}

/* A task waited for more than came, and gave up. */
CLAIM_OF_STREAMS(reading, tells_first_of_what_was_read_ahead)
{
    struct heard h;
    char buf[8];

    open_pair(0);
    say("abc");
    cr_expect_eq(gyre_peek(ours, buf, 3, SOON), 3);
    start(&h);
    expect_heard(&h, "abc");
    say("def");
    expect_heard(&h, "def");
    gyre_reading_stop(&h.reading);
    close_pair();
}

/* libuv's reports: a pause right after an event must hold. */
CLAIM_OF_STREAMS(reading, pauses_at_once_and_loses_nothing)
{
    struct heard h;

    open_pair(0);
    start(&h);
    say("one");
    gyre_reading_stop(&h.reading);
    let_all_settle();
    cr_expect_eq(h.calls, 0);
    cr_expect_eq(gyre_reading_start(&h.reading, ours), 0);
    gyre_reading_stop(&h.reading);
    gyre_reading_stop(&h.reading);
    let_all_settle();
    cr_expect_eq(h.calls, 0);
    cr_expect_eq(gyre_reading_start(&h.reading, ours), 0);
    expect_heard(&h, "one");
    gyre_reading_stop(&h.reading);
    close_pair();
}

static void stop_at_once(struct gyre_reading *r, ssize_t n)
{
    hear(r, n);
    gyre_reading_stop(r);
}

CLAIM_OF_STREAMS(reading, pauses_when_told_with_more_to_come)
{
    struct heard h = {
        .reading = {.read = stop_at_once, .buf = h.buf, .size = 2}};

    open_pair(0);
    say("abcdef");
    for (int i = 0; i < 3; i++) {
        cr_expect_eq(gyre_reading_start(&h.reading, ours), 0);
        expect_over(&h);
    }
    cr_expect_leq(strlen(h.text), 6);
    cr_expect_eq(strncmp(h.text, "abcdef", strlen(h.text)), 0);
    close_pair();
}

CLAIM_OF_STREAMS(reading, is_no_job_that_is_forgotten)
{
    struct heard h;

    open_pair(0);
    start(&h);
    let_all_settle();
    gyre_stream_forget(ours);
    say("still");
    expect_heard(&h, "still");
    gyre_reading_stop(&h.reading);
    close_pair();
}

/* ---- what the callback may do ---- */

static void close_and_free(struct gyre_reading *r, ssize_t n)
{
    cr_expect_gt(n, 0);
    close_ours();
    cr_expect(!gyre_reading_started(r));
    free(GYRE_OWNER(r, struct heard, reading));
    note('f');
}

CLAIM_OF_STREAMS(reading, may_be_freed_with_its_stream_when_told)
{
    struct heard *h = malloc(sizeof *h);

    *h = (struct heard){
        .reading = {.read = close_and_free, .buf = h->buf, .size = 1}};
    open_pair(0);
    cr_expect_eq(gyre_reading_start(&h->reading, ours), 0);
    say("xy");
    wait_until(ours == NULL);
    expect_notes("f");
    close_pair();
}

static void take_another_buffer(struct gyre_reading *r, ssize_t n)
{
    struct heard *h = GYRE_OWNER(r, struct heard, reading);

    hear(r, n);
    r->buf = r->buf == h->buf ? h->buf + 4 : h->buf;
    r->size = r->size == 1 ? 4 : 1;
}

CLAIM_OF_STREAMS(reading, may_be_given_another_buffer_each_time)
{
    struct heard h = {
        .reading = {.read = take_another_buffer, .buf = h.buf, .size = 1}};

    open_pair(0);
    cr_expect_eq(gyre_reading_start(&h.reading, ours), 0);
    say("abcdefghijklm");
    expect_heard(&h, "abcdefghijklm");
    gyre_reading_stop(&h.reading);
    close_pair();
}

/* ---- closing ---- */

CLAIM_OF_STREAMS(reading, is_idle_once_its_stream_is_closed)
{
    struct heard h;

    open_pair(0);
    start(&h);
    close_ours();
    cr_expect(!gyre_reading_started(&h.reading));
    gyre_reading_stop(&h.reading);
    cr_expect_eq(h.calls, 0);

    close_theirs();
    open_pair(0);
    say("x");
    start(&h); /* and its job is started */
    close_ours();
    let_all_settle();
    cr_expect_eq(h.calls, 0);
    close_pair();
}
