/*
 * test_stream.c - the claims of stream.h about reading, held over every kind of
 * stream.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loop/loop.h"
#include "task/scope.h"
#include "task/task.h"
#include "io/stream.h"
#include "tests/io/pairs.h"
#include "tests/support/faults.h"
#include "tests/task/world.h"

TestSuite(stream, .timeout = 60);

CLAIM_OF_STREAMS(stream, gives_what_was_written_and_no_more_than_was_asked_for)
{
    char buf[8] = "";

    open_pair(0);
    cr_expect_eq(gyre_read(ours, buf, 8, GYRE_NOW), -ETIMEDOUT);
    cr_expect_eq(gyre_read(ours, buf, 8, gyre_in(MS)), -ETIMEDOUT);
    say("abcdef");
    cr_expect_eq(gyre_read(ours, buf, 2, SOON), 2);
    cr_expect_str_eq(buf, "ab");
    cr_expect_eq(gyre_read(ours, buf, 0, SOON), 0);
    expect_left("cdef");
    cr_expect_eq(gyre_write(ours, "back", 4, SOON), 0);
    cr_expect_eq(gyre_read_exact(theirs, buf, 4, SOON), 0);
    cr_expect_str_eq(buf, "back");
    close_pair();
}

CLAIM_OF_STREAMS(stream, reads_to_the_end_and_so_it_stays)
{
    char buf[8];

    for (int by_closing = 0; by_closing < 2; by_closing++) {
        open_pair(0);
        say("ab");
        if (by_closing)
            close_theirs();
        else
            cr_expect_eq(gyre_shutdown(theirs, SOON), 0);
        cr_expect_eq(gyre_read_exact(ours, buf, 2, SOON), 0);
        for (int i = 0; i < 3; i++)
            cr_expect_eq(gyre_read(ours, buf, 8, SOON), 0);
        close_pair();
    }
}

CLAIM_OF_STREAMS(stream, goes_on_the_other_way_after_half_a_close)
{
    char buf[8];

    open_pair(0);
    cr_expect_eq(gyre_shutdown(ours, SOON), 0);
    cr_expect_eq(gyre_write(ours, "x", 1, SOON), -EPIPE);
    cr_expect(!gyre_stream_broken(ours));
    cr_expect_eq(gyre_read(theirs, buf, 8, SOON), 0);
    say("late");
    expect_left("late");
    close_pair();
}

/* ---- reading ahead ---- */

static void expect_line(char delimiter, size_t room, const char *line)
{
    char buf[16] = "";

    cr_expect_eq(gyre_read_until(ours, delimiter, buf, room, SOON),
                 (ssize_t)strlen(line));
    cr_expect_str_eq(buf, line);
}

CLAIM_OF_STREAMS(stream, reads_up_to_a_delimiter_and_leaves_the_rest)
{
    open_pair(0);
    say("one\ntwo\nthree");
    expect_line('\n', 16, "one\n");
    expect_line('\n', 16, "two\n");
    expect_left("three");
    close_pair();
}

static intptr_t say_slowly(void *text)
{
    for (const char *c = text; *c != '\0'; c++) {
        cr_expect_eq(gyre_write(theirs, c, 1, GYRE_FOREVER), 0);
        cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
    }
    return 0;
}

CLAIM_OF_STREAMS(stream, finds_a_delimiter_however_the_bytes_come)
{
    struct gyre_scope s;

    open_pair(1);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, say_slowly, "ab;cd;");
    expect_line(';', 3, "ab;");
    expect_line(';', 3, "cd;");
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    close_pair();
}

CLAIM_OF_STREAMS(stream, takes_nothing_when_there_is_no_delimiter_in_reach)
{
    char buf[4];

    open_pair(0);
    say("abcdef\n");
    cr_expect_eq(gyre_read_until(ours, '\n', buf, 4, SOON), -EMSGSIZE);
    cr_expect_eq(gyre_read_until(ours, '\n', buf, 0, SOON), -EMSGSIZE);
    expect_left("abcdef\n");
    close_pair();
}

CLAIM_OF_STREAMS(stream, takes_nothing_when_time_is_up_or_it_is_cancelled)
{
    struct gyre_scope s;
    char buf[16];

    open_pair(0);
    say("abc");
    cr_expect_eq(gyre_read_until(ours, '\n', buf, 16, gyre_in(MS)), -ETIMEDOUT);
    cr_expect_eq(gyre_read_exact(ours, buf, 5, gyre_in(MS)), -ETIMEDOUT);
    gyre_scope_open(&s, gyre_in(MS));
    cr_expect_eq(gyre_read_until(ours, '\n', buf, 16, GYRE_FOREVER),
                 -ECANCELED);
    cr_expect_eq(gyre_read_exact(ours, buf, 3, GYRE_FOREVER), -ECANCELED);
    cr_expect_eq(gyre_read(ours, buf, 3, GYRE_FOREVER), -ECANCELED);
    cr_expect_eq(gyre_scope_close(&s, 0), -ETIMEDOUT);
    expect_left("abc");
    close_pair();
}

CLAIM_OF_STREAMS(stream, tells_an_end_before_the_first_byte_from_one_in_between)
{
    char buf[16];

    open_pair(0);
    say("a\nbc");
    cr_expect_eq(gyre_shutdown(theirs, SOON), 0);
    expect_line('\n', 16, "a\n");
    cr_expect_eq(gyre_read_until(ours, '\n', buf, 16, SOON), -EPIPE);
    cr_expect_eq(gyre_read_exact(ours, buf, 3, SOON), -EPIPE);
    cr_expect_eq(gyre_read_exact(ours, buf, 2, SOON), 0);
    cr_expect_eq(gyre_read_until(ours, '\n', buf, 16, SOON), 0);
    cr_expect_eq(gyre_read_exact(ours, buf, 1, SOON), -EPIPE);
    cr_expect_eq(gyre_read_exact(ours, buf, 0, SOON), 0);
    close_pair();
}

CLAIM_OF_STREAMS(stream, reads_exactly_as_much_as_was_asked_for)
{
    struct gyre_scope s;
    char buf[5] = "";

    open_pair(0);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, say_slowly, "abcdef");
    cr_expect_eq(gyre_read_exact(ours, buf, 4, SOON), 0);
    cr_expect_str_eq(buf, "abcd");
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_left("ef");
    close_pair();
}

static intptr_t say_large(void *bytes)
{
    return gyre_write(theirs, bytes, LARGE, SOON);
}

/* Far more than is read ahead at a time, or kept. */
CLAIM_OF_STREAMS(stream, reads_any_amount_at_once)
{
    char *sent = malloc(LARGE), *got = malloc(LARGE);
    struct gyre_scope s;

    for (size_t i = 0; i < LARGE; i++)
        sent[i] = (char)(i % 251);
    open_pair(0);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, say_large, sent);
    cr_expect_eq(gyre_read_exact(ours, got, LARGE, SOON), 0);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect(memcmp(sent, got, LARGE) == 0);
    close_pair();
    free(sent);
    free(got);
}

/* What was read in large pieces; a buffer that is as large must not stay with a
   stream that may be idle from now on. */
CLAIM_OF_STREAMS(stream, keeps_no_large_room_for_reading_ahead)
{
    static char bytes[20000];
    long blocks;

    open_pair(0);
    cr_expect_eq(gyre_write(theirs, bytes, sizeof bytes, SOON), 0);
    cr_expect_eq(gyre_read_until(ours, 'x', bytes, sizeof bytes, SOON),
                 -EMSGSIZE);
    blocks = faults_blocks();
    cr_expect_eq(gyre_read_exact(ours, bytes, sizeof bytes - 1, SOON), 0);
    cr_expect_eq(faults_blocks(), blocks);
    cr_expect_eq(gyre_read(ours, bytes, 1, SOON), 1);
    cr_expect_eq(faults_blocks(), blocks - 1);
    close_pair();
}

CLAIM_OF_STREAMS(stream, keeps_a_little_room_for_reading_ahead)
{
    long blocks;

    open_pair(0);
    say("one\ntwo\n");
    expect_line('\n', 16, "one\n");
    blocks = faults_blocks();
    expect_line('\n', 16, "two\n");
    cr_expect_eq(faults_blocks(), blocks);
    close_pair();
}

/* ---- one reader ---- */

static intptr_t read_line(void *arg)
{
    char buf[8];
    ssize_t n = gyre_read_until(ours, '\n', buf, 8, GYRE_FOREVER);

    (void)arg;
    note(n == 3 ? 'l' : '?');
    return 0;
}

CLAIM_OF_STREAMS(stream, has_one_reader_while_it_reads_ahead)
{
    struct gyre_job j = {0};
    struct gyre_scope s;
    char buf[8];

    open_pair(0);
    say("ab");
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, read_line, NULL);
    cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
    cr_expect_eq(gyre_read(ours, buf, 8, GYRE_NOW), -EBUSY);
    cr_expect_eq(gyre_read_exact(ours, buf, 3, SOON), -EBUSY);
    cr_expect_eq(gyre_read_until(ours, '\n', buf, 8, SOON), -EBUSY);
    cr_expect_eq(gyre_stream_when_readable(ours, &j), -EBUSY);
    say("\n");
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("l");
    close_pair();
}

static intptr_t read_byte(void *arg)
{
    char byte = '?';
    ssize_t n = gyre_read(ours, &byte, 1, GYRE_FOREVER);

    (void)arg;
    note(n == 1 ? byte : n == 0 ? '.' : '?');
    return 0;
}

static void say_x(void)
{
    say("x");
}

static void read_in_between(void)
{
    char byte;

    note(gyre_read(ours, &byte, 1, GYRE_NOW) == -EBUSY ? 'b' : '?');
    note(gyre_read_exact(ours, &byte, 1, GYRE_NOW) == -EBUSY ? 'b' : '?');
}

/* Who was let in between took the bytes, and the first was told that the peer
   had ended. */
CLAIM_OF_STREAMS(stream, has_one_reader_while_that_one_is_woken_but_has_not_run)
{
    struct gyre_scope s;

    open_pair(0);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, read_byte, NULL);
    cr_expect_eq(gyre_yield(), 0);
    upon_waking(say_x, read_in_between);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("bbx");
    close_pair();
}

/* A stream of somebody else's making, that minds who is inside. */
struct minding {
    struct gyre_stream stream;
    int inside;
    int most;
};

static ssize_t mind(struct gyre_stream *s, void *buf, size_t n,
                    gyre_time deadline)
{
    struct minding *m = GYRE_OWNER(s, struct minding, stream);
    int err;

    (void)buf;
    (void)n;
    (void)deadline;
    m->inside++;
    if (m->inside > m->most)
        m->most = m->inside;
    err = gyre_sleep(gyre_in(MS));
    m->inside--;
    return err;
}

static void close_minding(struct gyre_stream *s)
{
    (void)s;
}

static int job_waits(struct gyre_stream *s, struct gyre_job *j)
{
    (void)s;
    (void)j;
    return 0;
}

static void job_is_forgotten(struct gyre_stream *s)
{
    (void)s;
}

static intptr_t read_minding(void *s)
{
    char byte;

    note(gyre_read(s, &byte, 1, GYRE_FOREVER) == -EBUSY ? 'b' : 'r');
    return 0;
}

CLAIM(stream, has_one_reader_whoever_made_it)
{
    static const struct gyre_stream_ops ops = {.name = "minding",
                                               .read = mind,
                                               .close = close_minding,
                                               .when_readable = job_waits,
                                               .forget = job_is_forgotten};
    struct minding m = {.most = 0};
    struct gyre_job j = {0};
    struct gyre_scope s;

    gyre_stream_init(&m.stream, &ops, gyre_loop_current());
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, read_minding, &m.stream);
    gyre_spawn(&s, NULL, read_minding, &m.stream);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("br");
    cr_expect_eq(gyre_stream_when_readable(&m.stream, &j), 0);
    read_minding(&m.stream);
    gyre_stream_forget(&m.stream);
    read_minding(&m.stream);
    expect_notes("br");
    cr_expect_eq(m.most, 1);
    gyre_close(&m.stream);
}

/* ---- without a task ---- */

/* Reads a byte, and asks again when that was for nothing. */
static void read_if_any(struct gyre_job *j)
{
    char byte;
    ssize_t n = gyre_read(ours, &byte, 1, GYRE_NOW);

    if (n == -ETIMEDOUT)
        cr_expect_eq(gyre_stream_when_readable(ours, j), 0);
    else
        note(n == 1 ? byte : n == 0 ? '.' : '?');
}

static void wait_for_a_note(void)
{
    for (int i = 0; i < 5000 && notes[0] == '\0'; i++)
        cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
}

CLAIM_OF_STREAMS(stream, runs_a_job_once_when_there_is_something_to_read)
{
    struct gyre_job j = {.run = read_if_any};

    open_pair(0);
    cr_expect_eq(gyre_stream_when_readable(ours, &j), 0);
    cr_expect_eq(gyre_sleep(gyre_in(5 * MS)), 0);
    expect_notes("");
    say("ab");
    wait_for_a_note();
    cr_expect_eq(gyre_sleep(gyre_in(5 * MS)), 0);
    expect_notes("a");
    cr_expect_eq(gyre_stream_when_readable(ours, &j), 0);
    wait_for_a_note();
    expect_notes("b");
    close_theirs();
    cr_expect_eq(gyre_stream_when_readable(ours, &j), 0);
    wait_for_a_note();
    expect_notes(".");
    close_pair();
}

static int times_asked;

static void read_line_if_any(struct gyre_job *j)
{
    char buf[8];
    ssize_t n = gyre_read_until(ours, '\n', buf, 8, GYRE_NOW);

    times_asked++;
    if (n == -ETIMEDOUT)
        cr_expect_eq(gyre_stream_when_readable(ours, j), 0);
    else
        note(n == 3 ? 'l' : '?');
}

static void read_three_if_any(struct gyre_job *j)
{
    char buf[3];
    int err = gyre_read_exact(ours, buf, 3, GYRE_NOW);

    times_asked++;
    if (err == -ETIMEDOUT)
        cr_expect_eq(gyre_stream_when_readable(ours, j), 0);
    else
        note(err == 0 ? 'l' : '?');
}

/* Half of it comes, and then nothing for long. */
static void ask_for_what_is_incomplete(void (*run)(struct gyre_job *j))
{
    struct gyre_job j = {.run = run};

    times_asked = 0;
    open_pair(0);
    cr_expect_eq(gyre_stream_when_readable(ours, &j), 0);
    say("a");
    for (int i = 0; i < 1000; i++)
        cr_expect_eq(gyre_yield(), 0);
    cr_expect_leq(times_asked, 2);
    say("b");
    cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
    expect_notes("");
    say("\nc");
    wait_for_a_note();
    expect_notes("l");
    cr_expect_leq(times_asked, 4);

    /* Of what is left over nobody has said that it is not enough. */
    times_asked = 0;
    cr_expect_eq(gyre_stream_when_readable(ours, &j), 0);
    cr_expect_eq(gyre_yield(), 0);
    cr_expect_eq(times_asked, 1);
    gyre_stream_forget(ours);
    close_pair();
}

CLAIM_OF_STREAMS(stream, runs_no_job_for_what_was_not_enough)
{
    ask_for_what_is_incomplete(read_line_if_any);
    ask_for_what_is_incomplete(read_three_if_any);
}

static void note_readable(struct gyre_job *j)
{
    (void)j;
    note('r');
}

CLAIM_OF_STREAMS(stream, has_no_reader_beside_a_job_that_waits)
{
    struct gyre_job j = {.run = note_readable}, other = {0};
    char byte;

    open_pair(0);
    cr_expect_eq(gyre_read(ours, &byte, 1, gyre_in(MS)), -ETIMEDOUT);
    cr_expect_eq(gyre_stream_when_readable(ours, &j), 0);
    cr_expect_eq(gyre_stream_when_readable(ours, &other), -EBUSY);
    cr_expect_eq(gyre_read(ours, &byte, 1, SOON), -EBUSY);
    cr_expect_eq(gyre_read_exact(ours, &byte, 1, SOON), -EBUSY);
    gyre_stream_forget(ours);
    cr_expect_eq(gyre_read(ours, &byte, 1, GYRE_NOW), -ETIMEDOUT);
    cr_expect_eq(gyre_yield(), 0);
    expect_notes("");
    close_pair();
}

/* How somebody lets go of a job: in time, or when it has been started. */
static void let_go(bool started, void (*let_go_of_it)(void))
{
    struct gyre_job *j = malloc(sizeof *j);
    char byte;

    *j = (struct gyre_job){.run = note_readable};
    open_pair(0);
    cr_expect_eq(gyre_read(ours, &byte, 1, gyre_in(MS)), -ETIMEDOUT);
    if (started) {
        say("ab");
        cr_expect_eq(gyre_read(ours, &byte, 1, SOON), 1);
    }
    cr_expect_eq(gyre_stream_when_readable(ours, j), 0);
    let_go_of_it();
    free(j);
    if (!started && ours != NULL)
        say("ab");
    cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
    expect_notes("");
    close_pair();
}

static void forget_it(void)
{
    gyre_stream_forget(ours);
    gyre_stream_forget(ours);
}

CLAIM_OF_STREAMS(stream, runs_no_job_that_was_forgotten_or_closed_under)
{
    for (int started = 0; started < 2; started++) {
        let_go(started, forget_it);
        let_go(started, close_ours);
    }
}

CLAIM_OF_STREAMS(stream, is_readable_while_there_is_something_read_ahead)
{
    struct gyre_job j = {.run = note_readable};
    char buf[8];

    open_pair(0);
    say("a\nb");
    cr_expect_eq(gyre_read_until(ours, '\n', buf, 8, SOON), 2);
    cr_expect_eq(gyre_stream_when_readable(ours, &j), 0);
    cr_expect_eq(gyre_stream_when_readable(ours, &j), -EBUSY);
    cr_expect_eq(gyre_yield(), 0);
    expect_notes("r");
    cr_expect_eq(gyre_stream_when_readable(ours, &j), 0);
    gyre_stream_forget(ours);
    cr_expect_eq(gyre_yield(), 0);
    expect_notes("");
    cr_expect_eq(gyre_stream_when_readable(ours, &j), 0);
    close_pair();
    cr_expect_eq(gyre_yield(), 0);
    expect_notes("");
}
