/*
 * test_writing.c - the claims of writing.h, held over every kind of stream.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loop/loop.h"
#include "task/scope.h"
#include "task/sync/event.h"
#include "task/task.h"
#include "io/stream.h"
#include "io/writing.h"
#include "tests/io/pairs.h"
#include "tests/task/world.h"

/* A writing of a text, or of many bytes, that notes its letter when it is
   over. */
struct letter {
    struct gyre_writing writing;
    struct gyre_event over;
    struct iovec iov;
    char name;
    int err;
};

static char bytes[LARGE];

static void written(struct gyre_writing *w, int err)
{
    struct letter *l = GYRE_OWNER(w, struct letter, writing);

    cr_expect(!gyre_writing_started(w));
    l->err = err;
    note(l->name);
    gyre_event_set(&l->over);
}

static void start(struct letter *l, char name, const void *from, size_t n)
{
    *l = (struct letter){.writing.written = written,
                         .iov = {(void *)from, n},
                         .name = name,
                         .err = 1};
    gyre_writing_start(&l->writing, ours, &l->iov, 1);
}

static void start_text(struct letter *l, char name, const char *text)
{
    start(l, name, text, strlen(text));
}

static void expect_over(struct letter *l, int err)
{
    cr_expect_eq(gyre_event_wait(&l->over, SOON), 0);
    cr_expect_eq(l->err, err);
}

/* What `theirs` has to read is just `text`. */
static void expect_said(const char *text)
{
    char got[64] = "";

    cr_expect_eq(gyre_read_exact(theirs, got, strlen(text), SOON), 0);
    cr_expect_str_eq(got, text);
}

/* ---- how it goes ---- */

CLAIM_OF_STREAMS(writing, writes_at_once_and_tells_from_the_loop)
{
    struct letter a;

    open_pair(0);
    start_text(&a, 'a', "hello");
    cr_expect(gyre_writing_started(&a.writing));
    expect_notes("");
    expect_said("hello");
    expect_over(&a, 0);
    expect_notes("a");
    close_pair();
}

CLAIM_OF_STREAMS(writing, takes_as_many_pieces_as_there_are)
{
    struct iovec iov[5] = {{"", 0}, {"one", 3}, {"", 0}, {"two", 3}, {"", 0}};
    struct letter a = {.writing.written = written, .name = 'a'};

    open_pair(0);
    gyre_writing_start(&a.writing, ours, iov, 5);
    expect_said("onetwo");
    expect_over(&a, 0);
    a.over = (struct gyre_event){0};
    gyre_writing_start(&a.writing, ours, iov, 1);
    expect_over(&a, 0);
    expect_notes("aa");
    close_pair();
}

CLAIM_OF_STREAMS(writing, goes_on_as_there_is_room)
{
    struct letter a;

    open_pair(2);
    start(&a, 'a', bytes, sizeof bytes);
    let_all_settle();
    expect_notes("");
    drain(sizeof bytes);
    expect_over(&a, 0);
    expect_notes("a");
    close_pair();
}

static intptr_t write_b(void *arg)
{
    (void)arg;
    cr_expect_eq(gyre_write(ours, "bb", 2, SOON), 0);
    note('b');
    return 0;
}

CLAIM_OF_STREAMS(writing, stands_in_one_line_with_tasks, .init = in_order)
{
    struct letter a, c;
    struct gyre_scope s;
    size_t n;

    open_pair(2);
    n = fill();
    start_text(&a, 'a', "aaaaa");
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, write_b, NULL);
    let_all_settle();
    start_text(&c, 'c', "ccc");
    let_all_settle();
    expect_notes("");
    drain(n);
    expect_said("aaaaabbccc");
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_over(&a, 0);
    expect_over(&c, 0);
    close_pair();
}

/* One after the other: each byte is there once, and none is told of before what
   was started earlier. */
CLAIM_OF_STREAMS(writing, many_are_told_of_in_the_order_they_were_started,
                 .init = in_order)
{
    enum { MANY = 26 };
    struct letter letters[MANY];
    static char names[] = "abcdefghijklmnopqrstuvwxyz";
    size_t n;

    open_pair(2);
    n = fill();
    for (int i = 0; i < MANY; i++)
        start(&letters[i], names[i], &names[i], 1);
    drain(n);
    expect_said(names);
    for (int i = 0; i < MANY; i++)
        expect_over(&letters[i], 0);
    expect_notes(names);
    close_pair();
}

/* ---- several by one call ---- */

static const struct gyre_stream_ops *whole; /* what `ours` is otherwise */
static struct gyre_stream_ops few;
static int calls;
static size_t most; /* bytes that a call takes */

static ssize_t write_few(struct gyre_stream *s, const struct iovec *iov, int n,
                         gyre_time deadline)
{
    char buf[64];
    struct iovec one = {buf, 0};

    for (int i = 0; i < n; i++) {
        size_t room = most - one.iov_len;
        size_t some = iov[i].iov_len < room ? iov[i].iov_len : room;

        memcpy(buf + one.iov_len, iov[i].iov_base, some);
        one.iov_len += some;
    }
    calls++;
    return whole->write(s, &one, 1, deadline);
}

static void open_pair_that_takes(size_t n)
{
    open_pair(0);
    whole = ours->ops;
    few = *whole;
    few.write = write_few;
    ours->ops = &few;
    most = n;
    calls = 0;
}

static void close_that_pair(void)
{
    ours->ops = whole;
    close_pair();
}

CLAIM_OF_STREAMS(writing, those_that_follow_each_other_are_written_together,
                 .init = in_order)
{
    static const char text[] = "aaaabbccc";
    struct letter a, b, c;
    char byte;

    for (size_t n = 1; n <= sizeof text; n++) {
        open_pair_that_takes(n);
        start_text(&a, 'a', "aaaa");
        start_text(&b, 'b', "bb");
        c = (struct letter){.writing = {.written = written, .last = true},
                            .iov = {"ccc", 3},
                            .name = 'c'};
        gyre_writing_start(&c.writing, ours, &c.iov, 1);
        expect_said(text);
        cr_expect_eq(gyre_read(theirs, &byte, 1, SOON), 0);
        expect_over(&a, 0);
        expect_over(&b, 0);
        expect_over(&c, 0);
        expect_notes("abc");
        cr_expect_eq(calls, (int)((strlen(text) + n - 1) / n));
        cr_expect_eq(gyre_writing_taken(&b.writing), 2);
        close_that_pair();
    }
}

CLAIM_OF_STREAMS(writing, pieces_of_many_are_written_as_far_as_there_is_room,
                 .init = in_order)
{
    static char names[] =
        "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz";
    enum { MANY = sizeof names - 1 };
    struct {
        struct letter letter;
        struct iovec iov[3];
    } all[MANY];
    char got[2 * MANY + 1] = "";

    open_pair_that_takes(64);
    for (int i = 0; i < MANY; i++) {
        struct iovec pieces[] = {{&names[i], 1}, {"", 0}, {&names[i], 1}};

        memcpy(all[i].iov, pieces, sizeof pieces);
        all[i].letter =
            (struct letter){.writing.written = written, .name = names[i]};
        gyre_writing_start(&all[i].letter.writing, ours, all[i].iov, 3);
    }
    cr_expect_eq(gyre_read_exact(theirs, got, 2 * MANY, SOON), 0);
    for (int i = 0; i < MANY; i++) {
        cr_expect_eq(got[2 * i], names[i]);
        cr_expect_eq(got[2 * i + 1], names[i]);
        expect_over(&all[i].letter, 0);
    }
    expect_notes(names);
    close_that_pair();
}

CLAIM_OF_STREAMS(writing, a_part_taken_with_another_counts_when_it_is_stopped,
                 .init = in_order)
{
    struct letter a, b;

    open_pair_that_takes(5);
    start_text(&a, 'a', "aaaa");
    start_text(&b, 'b', "bb");
    cr_expect_eq(gyre_yield(), 0);
    cr_expect_eq(gyre_writing_taken(&a.writing), 4);
    cr_expect_eq(gyre_writing_stop(&b.writing), 1);
    cr_expect(gyre_stream_broken(ours));
    expect_said("aaaab");
    expect_over(&a, 0);
    expect_notes("a");
    close_that_pair();
}

static struct letter at_once, later, last_of_all;
static int calls_at_once;

static void start_three(struct gyre_job *j)
{
    (void)j;
    start_text(&at_once, 'a', "a");
    start_text(&later, 'b', "b");
    start_text(&last_of_all, 'c', "c");
    calls_at_once = calls;
}

CLAIM_OF_STREAMS(writing, of_those_a_callback_starts_the_first_goes_at_once,
                 .init = in_order)
{
    struct gyre_job j = {.run = start_three};

    open_pair_that_takes(64);
    gyre_job_start(gyre_loop_current(), &j);
    expect_said("abc");
    cr_expect_eq(calls_at_once, 1);
    cr_expect_eq(calls, 2);
    expect_over(&at_once, 0);
    expect_over(&later, 0);
    expect_over(&last_of_all, 0);
    expect_notes("abc");
    close_that_pair();
}

CLAIM_OF_STREAMS(writing, keeps_the_loop_alive_until_it_is_over)
{
    struct gyre_loop *l = gyre_loop_current();
    struct letter a, b;

    open_pair(2);
    cr_expect(!gyre_loop_alive(l), "a stream at rest awaits nothing");
    start(&a, 'a', bytes, sizeof bytes);
    let_all_settle();
    cr_expect(gyre_loop_alive(l));
    drain(sizeof bytes);
    expect_over(&a, 0);
    cr_expect(!gyre_loop_alive(l));
    start(&b, 'b', bytes, sizeof bytes);
    let_all_settle();
    cr_expect(gyre_loop_alive(l));
    gyre_writing_stop(&b.writing);
    cr_expect(!gyre_loop_alive(l));
    expect_notes("a");
    close_pair();
}

static intptr_t start_cancelled(void *letter)
{
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_scope_cancel(&s);
    start_text(letter, 'a', "hello");
    return gyre_scope_close(&s, 0);
}

CLAIM_OF_STREAMS(writing, is_not_cancelled_with_who_starts_it)
{
    struct letter a;

    open_pair(0);
    cr_expect_eq(start_cancelled(&a), 0);
    expect_over(&a, 0);
    expect_said("hello");
    close_pair();
}

CLAIM_OF_STREAMS(writing, ends_the_writing_half_when_it_is_the_last)
{
    struct letter a;
    char byte;

    open_pair(0);
    a = (struct letter){.writing = {.written = written, .last = true},
                        .iov = {"bye", 3},
                        .name = 'a'};
    gyre_writing_start(&a.writing, ours, &a.iov, 1);
    expect_said("bye");
    cr_expect_eq(gyre_read(theirs, &byte, 1, SOON), 0);
    expect_over(&a, 0);
    start_text(&a, 'b', "more");
    expect_over(&a, -EPIPE);
    close_pair();
}

/* ---- how it fails ---- */

CLAIM_OF_STREAMS(writing, breaks_the_half_for_those_behind_it_when_cut_off,
                 .init = in_order)
{
    struct letter a, b, c;

    open_pair(2);
    start(&a, 'a', bytes, sizeof bytes);
    start_text(&b, 'b', "b");
    let_all_settle();
    close_theirs();
    cr_expect_eq(gyre_event_wait(&a.over, SOON), 0);
    cr_expect(a.err == -EPIPE || a.err == -ECONNRESET);
    expect_over(&b, -EPIPE);
    cr_expect(gyre_stream_broken(ours));
    start_text(&c, 'c', "c");
    expect_notes("ab");
    expect_over(&c, -EPIPE);
    cr_expect_eq(gyre_write(ours, "d", 1, SOON), -EPIPE);
    close_pair();
}

/* ---- stopping ---- */

CLAIM_OF_STREAMS(writing, is_stopped_before_its_first_byte_and_breaks_nothing)
{
    struct letter a, b;
    size_t n;

    open_pair(2);
    n = fill();
    start_text(&a, 'a', "aaa");
    start_text(&b, 'b', "bbb");
    cr_expect_eq(gyre_writing_stop(&a.writing), 0);
    cr_expect_eq(gyre_writing_stop(&a.writing), 0);
    cr_expect(!gyre_writing_started(&a.writing));
    drain(n);
    expect_said("bbb");
    expect_over(&b, 0);
    expect_notes("b");
    cr_expect(!gyre_stream_broken(ours));
    close_pair();
}

CLAIM_OF_STREAMS(writing, is_stopped_half_way_and_breaks_the_half)
{
    struct letter a, b;
    size_t n;

    open_pair(2);
    start(&a, 'a', bytes, sizeof bytes);
    start_text(&b, 'b', "bbb");
    let_all_settle();
    n = gyre_writing_stop(&a.writing);
    cr_expect_gt(n, 0);
    cr_expect_lt(n, sizeof bytes);
    cr_expect(gyre_stream_broken(ours));
    expect_over(&b, -EPIPE);
    expect_notes("b");
    close_pair();
}

CLAIM_OF_STREAMS(writing, is_stopped_when_all_was_taken_and_says_so,
                 .init = in_order)
{
    struct letter a;

    open_pair(0);
    start_text(&a, 'a', "hello");
    cr_expect_eq(gyre_yield(), 0); /* behind its writing, before its telling */
    cr_expect_eq(gyre_writing_stop(&a.writing), 5);
    cr_expect(!gyre_stream_broken(ours));
    expect_said("hello");
    expect_notes("");
    close_pair();
}

/* Who leaves the line behind it, stopped, late or told "not now", has it
   neither fail nor be tried again. */
CLAIM_OF_STREAMS(writing, is_not_disturbed_by_who_leaves_the_line_behind_it)
{
    struct letter a, b;

    open_pair(2);
    start(&a, 'a', bytes, sizeof bytes);
    let_all_settle();
    for (int i = 0; i < 3; i++) {
        start_text(&b, 'b', "b");
        cr_expect_eq(gyre_writing_stop(&b.writing), 0);
        cr_expect_eq(gyre_write_some(ours, "x", 1, GYRE_NOW), -ETIMEDOUT);
        cr_expect_eq(gyre_write(ours, "x", 1, gyre_in(MS)), -ETIMEDOUT);
        expect_notes("");
    }
    drain(sizeof bytes);
    expect_over(&a, 0);
    expect_notes("a");
    cr_expect(!gyre_stream_broken(ours));
    close_pair();
}

/* A limit that no cancel point was told of does not count. */
CLAIM_OF_STREAMS(writing, is_no_cancel_point_for_who_starts_it)
{
    struct gyre_scope s;
    struct letter a;

    open_pair(0);
    gyre_scope_open(&s, GYRE_NOW);
    start_text(&a, 'a', "hello");
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_over(&a, 0);
    close_pair();
}

/* ---- closing ---- */

/* In every state: to be told, with the turn, behind others. */
CLAIM_OF_STREAMS(writing, is_idle_and_told_of_nothing_once_its_stream_is_closed)
{
    struct letter a, b, c;

    open_pair(2);
    start_text(&a, 'a', "a");
    cr_expect_eq(gyre_yield(), 0);
    start(&b, 'b', bytes, sizeof bytes);
    start_text(&c, 'c', "c");
    close_ours();
    cr_expect(!gyre_writing_started(&a.writing));
    cr_expect(!gyre_writing_started(&b.writing));
    cr_expect(!gyre_writing_started(&c.writing));
    let_all_settle();
    cr_expect_eq(gyre_writing_stop(&b.writing), 0);
    expect_notes("");
    close_pair();
}

CLAIM_OF_STREAMS(writing, is_taken_back_before_its_stream_is_closed)
{
    struct gyre_writing *w;
    int n = 0;

    open_pair(2);
    for (int i = 0; i < 3; i++) {
        struct letter *l = malloc(sizeof *l);

        start(l, 'a', bytes, i == 0 ? 1 : sizeof bytes);
    }
    while ((w = gyre_stream_writing(ours)) != NULL) {
        gyre_writing_stop(w);
        free(GYRE_OWNER(w, struct letter, writing));
        n++;
    }
    cr_expect_eq(n, 3);
    expect_notes("");
    close_pair();
}

/* ---- what the callback may do ---- */

static void close_and_free(struct gyre_writing *w, int err)
{
    struct letter *l = GYRE_OWNER(w, struct letter, writing);

    cr_expect_eq(err, 0);
    close_ours();
    free(l);
    note('f');
}

CLAIM_OF_STREAMS(writing, may_be_freed_with_its_stream_when_told)
{
    struct letter *l = malloc(sizeof *l);

    *l = (struct letter){.writing.written = close_and_free, .iov = {"x", 1}};
    open_pair(0);
    gyre_writing_start(&l->writing, ours, &l->iov, 1);
    expect_said("x");
    let_all_settle();
    expect_notes("f");
    close_pair();
}

static int left;

static void write_again(struct gyre_writing *w, int err)
{
    struct letter *l = GYRE_OWNER(w, struct letter, writing);

    cr_expect_eq(err, 0);
    if (--left > 0)
        gyre_writing_start(w, ours, &l->iov, 1);
    else
        gyre_event_set(&l->over);
}

CLAIM_OF_STREAMS(writing, may_be_started_anew_when_told)
{
    struct letter a = {.writing.written = write_again, .iov = {"abc", 3}};

    left = 1000;
    open_pair(2);
    gyre_writing_start(&a.writing, ours, &a.iov, 1);
    drain(3000);
    cr_expect_eq(gyre_event_wait(&a.over, SOON), 0);
    close_pair();
}
