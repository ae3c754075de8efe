/*
 * test_stream.c - the claims of stream.h that hold for every kind of stream,
 * held over memory.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "task/scope.h"
#include "task/task.h"
#include "io/memory.h"
#include "io/stream.h"
#include "tests/task/world.h"

TestSuite(stream, .timeout = 60);

static struct gyre_stream *ours, *theirs;

static void open_pair(size_t capacity)
{
    struct gyre_stream *ends[2];

    cr_expect_eq(gyre_memory_pair(gyre_loop_current(), capacity, ends), 0);
    ours = ends[0];
    theirs = ends[1];
}

static void close_pair(void)
{
    gyre_close(ours);
    gyre_close(theirs);
}

static void say(const char *text)
{
    cr_expect_eq(gyre_write(theirs, text, strlen(text), GYRE_NOW), 0);
}

/* Whatever `ours` still has to read, up to the end of what is there. */
#define expect_left(text)                                                      \
    do {                                                                       \
        char left[64] = "";                                                    \
        ssize_t got = gyre_read(ours, left, sizeof left - 1, GYRE_NOW);        \
        cr_expect_eq(got, (ssize_t)strlen(text));                              \
        cr_expect_str_eq(left, text);                                          \
    } while (0)

/* ---- reading ahead ---- */

CLAIM(stream, reads_up_to_a_delimiter_and_leaves_the_rest)
{
    char buf[16];

    open_pair(0);
    say("one\ntwo\nthree");
    cr_expect_eq(gyre_read_until(ours, '\n', buf, sizeof buf, GYRE_NOW), 4);
    cr_expect(memcmp(buf, "one\n", 4) == 0);
    cr_expect_eq(gyre_read_until(ours, '\n', buf, sizeof buf, GYRE_NOW), 4);
    cr_expect(memcmp(buf, "two\n", 4) == 0);
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

CLAIM(stream, finds_a_delimiter_however_the_bytes_come)
{
    struct gyre_scope s;
    char buf[16];

    open_pair(1);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, say_slowly, "ab;cd;");
    for (int i = 0; i < 2; i++) {
        cr_expect_eq(gyre_read_until(ours, ';', buf, 3, GYRE_FOREVER), 3);
        cr_expect(memcmp(buf, i == 0 ? "ab;" : "cd;", 3) == 0);
    }
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    close_pair();
}

CLAIM(stream, takes_nothing_when_there_is_no_delimiter_in_reach)
{
    char buf[4];

    open_pair(0);
    say("abcdef\n");
    cr_expect_eq(gyre_read_until(ours, '\n', buf, 4, GYRE_NOW), -EMSGSIZE);
    cr_expect_eq(gyre_read_until(ours, '\n', buf, 0, GYRE_NOW), -EMSGSIZE);
    expect_left("abcdef\n");
    close_pair();
}

CLAIM(stream, takes_nothing_when_time_is_up_or_it_is_cancelled)
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

CLAIM(stream, tells_an_end_before_the_first_byte_from_one_in_between)
{
    char buf[16];

    open_pair(0);
    say("a\nbc");
    cr_expect_eq(gyre_shutdown(theirs, GYRE_NOW), 0);
    cr_expect_eq(gyre_read_until(ours, '\n', buf, 16, GYRE_NOW), 2);
    cr_expect_eq(gyre_read_until(ours, '\n', buf, 16, GYRE_NOW), -EPIPE);
    cr_expect_eq(gyre_read_exact(ours, buf, 3, GYRE_NOW), -EPIPE);
    cr_expect_eq(gyre_read_exact(ours, buf, 2, GYRE_NOW), 0);
    cr_expect_eq(gyre_read_until(ours, '\n', buf, 16, GYRE_NOW), 0);
    cr_expect_eq(gyre_read_exact(ours, buf, 1, GYRE_NOW), -EPIPE);
    cr_expect_eq(gyre_read_exact(ours, buf, 0, GYRE_NOW), 0);
    close_pair();
}

CLAIM(stream, reads_exactly_as_much_as_was_asked_for)
{
    struct gyre_scope s;
    char buf[16];

    open_pair(0);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, say_slowly, "abcdef");
    cr_expect_eq(gyre_read_exact(ours, buf, 4, GYRE_FOREVER), 0);
    cr_expect(memcmp(buf, "abcd", 4) == 0);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_left("ef");
    close_pair();
}

static intptr_t read_line(void *arg)
{
    char buf[8];
    ssize_t n = gyre_read_until(ours, '\n', buf, 8, GYRE_FOREVER);

    (void)arg;
    note(n > 0 ? 'l' : n == -EBADF ? '!' : '?');
    return 0;
}

CLAIM(stream, has_one_reader_while_it_reads_ahead)
{
    struct gyre_scope s;
    char buf[8];

    open_pair(0);
    say("ab");
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, read_line, NULL);
    cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
    cr_expect_eq(gyre_read(ours, buf, 8, GYRE_NOW), -EBUSY);
    cr_expect_eq(gyre_read_exact(ours, buf, 3, GYRE_NOW), -EBUSY);
    cr_expect_eq(gyre_read_until(ours, '\n', buf, 8, GYRE_NOW), -EBUSY);
    say("\n");
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("l");
    close_pair();
}

CLAIM(stream, sends_a_reader_home_when_it_is_closed)
{
    struct gyre_scope s;

    open_pair(0);
    say("ab");
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, read_line, NULL);
    cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
    gyre_close(ours);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("!");
    gyre_close(theirs);
}

static void note_readable(struct gyre_job *j)
{
    (void)j;
    note('r');
}

CLAIM(stream, is_readable_while_there_is_something_read_ahead)
{
    struct gyre_job j = {.run = note_readable};
    char buf[8];

    open_pair(0);
    say("a\nb");
    cr_expect_eq(gyre_read_until(ours, '\n', buf, 8, GYRE_NOW), 2);
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

/* ---- turns ---- */

/* Writes its name `n` times, and notes how it went. */
struct writer {
    char name;
    size_t n;
    gyre_time deadline;
    int result;
};

static intptr_t write_name(void *arg)
{
    struct writer *w = arg;
    char text[16];

    memset(text, w->name, sizeof text);
    w->result = gyre_write(ours, text, w->n, w->deadline);
    note(w->name);
    return 0;
}

static void spawn_writers(struct gyre_scope *s, struct writer *w, int n)
{
    for (int i = 0; i < n; i++)
        gyre_spawn(s, NULL, write_name, &w[i]);
    cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
}

CLAIM(stream, keeps_together_what_each_writer_writes_in_order_of_asking)
{
    struct writer w[3] = {{'a', 5, GYRE_FOREVER, 1},
                          {'b', 4, GYRE_FOREVER, 1},
                          {'c', 3, GYRE_FOREVER, 1}};
    struct gyre_scope s;
    char all[13] = "";

    open_pair(2);
    gyre_scope_open(&s, GYRE_FOREVER);
    spawn_writers(&s, w, 3);
    for (int i = 0; i < 12; i++)
        cr_expect_eq(gyre_read_exact(theirs, &all[i], 1, GYRE_FOREVER), 0);
    cr_expect_str_eq(all, "aaaaabbbbccc");
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("abc");
    for (int i = 0; i < 3; i++)
        cr_expect_eq(w[i].result, 0);
    close_pair();
}

CLAIM(stream, lets_a_waiting_writer_go_without_breaking_anything)
{
    struct writer w[3] = {
        {'a', 5, GYRE_FOREVER, 1}, {'b', 4, 0, 1}, {'c', 3, GYRE_FOREVER, 1}};
    struct gyre_scope s;
    char all[9] = "";

    open_pair(2);
    w[1].deadline = gyre_in(2 * MS);
    gyre_scope_open(&s, GYRE_FOREVER);
    spawn_writers(&s, w, 3);
    cr_expect_eq(gyre_sleep(gyre_in(5 * MS)), 0);
    expect_notes("b");
    cr_expect_eq(w[1].result, -ETIMEDOUT);
    for (int i = 0; i < 8; i++)
        cr_expect_eq(gyre_read_exact(theirs, &all[i], 1, GYRE_FOREVER), 0);
    cr_expect_str_eq(all, "aaaaaccc");
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    close_pair();
}

CLAIM(stream, breaks_when_a_write_ends_half_way_and_tells_later_writers)
{
    struct writer w[3] = {
        {'a', 5, 0, 1}, {'b', 4, GYRE_FOREVER, 1}, {'c', 3, GYRE_FOREVER, 1}};
    struct gyre_scope s;

    open_pair(2);
    w[0].deadline = gyre_in(3 * MS);
    gyre_scope_open(&s, GYRE_FOREVER);
    spawn_writers(&s, w, 3);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("abc");
    cr_expect_eq(w[0].result, -ETIMEDOUT);
    cr_expect_eq(w[1].result, -EPIPE);
    cr_expect_eq(w[2].result, -EPIPE);
    cr_expect_eq(gyre_write(ours, "x", 1, GYRE_NOW), -EPIPE);
    cr_expect_eq(gyre_write_some(ours, "x", 1, GYRE_NOW), -EPIPE);
    cr_expect_eq(gyre_shutdown(ours, GYRE_NOW), -EPIPE);
    close_pair();
}

CLAIM(stream, is_whole_when_a_write_ends_before_its_first_byte)
{
    char buf[4];

    open_pair(2);
    cr_expect_eq(gyre_write(ours, "ab", 2, GYRE_NOW), 0);
    cr_expect_eq(gyre_write(ours, "cd", 2, GYRE_NOW), -ETIMEDOUT);
    cr_expect_eq(gyre_write(ours, "cd", 2, gyre_in(MS)), -ETIMEDOUT);
    cr_expect_eq(gyre_read(theirs, buf, 4, GYRE_NOW), 2);
    cr_expect_eq(gyre_write(ours, "cd", 2, GYRE_NOW), 0);
    close_pair();
}

CLAIM(stream, writes_some_and_never_breaks)
{
    char buf[4];

    open_pair(3);
    cr_expect_eq(gyre_write_some(ours, "abcdef", 6, GYRE_NOW), 3);
    cr_expect_eq(gyre_write_some(ours, "def", 3, GYRE_NOW), -ETIMEDOUT);
    cr_expect_eq(gyre_read(theirs, buf, 1, GYRE_NOW), 1);
    cr_expect_eq(gyre_write_some(ours, "def", 3, GYRE_NOW), 1);
    cr_expect_eq(gyre_write_some(ours, "", 0, GYRE_NOW), 0);
    close_pair();
}

CLAIM(stream, writes_pieces_one_after_the_other_however_many)
{
    struct iovec pieces[40];
    char all[41] = "", letters[40];
    struct gyre_scope s;

    open_pair(64);
    for (int i = 0; i < 40; i++) {
        letters[i] = (char)('A' + i);
        pieces[i] = (struct iovec){&letters[i], i % 5 == 0 ? 0 : 1};
    }
    gyre_scope_open(&s, GYRE_FOREVER);
    cr_expect_eq(gyre_writev(ours, pieces, 40, GYRE_FOREVER), 0);
    cr_expect_eq(gyre_writev(ours, pieces, 0, GYRE_FOREVER), 0);
    cr_expect_eq(gyre_read(theirs, all, 40, GYRE_NOW), 32);
    for (int i = 0, j = 0; i < 40; i++) {
        if (i % 5 != 0)
            cr_expect_eq(all[j++], letters[i]);
    }
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    close_pair();
}

CLAIM(stream, sends_all_writers_home_when_it_is_closed)
{
    struct writer w[3] = {{'a', 5, GYRE_FOREVER, 1},
                          {'b', 4, GYRE_FOREVER, 1},
                          {'c', 3, GYRE_FOREVER, 1}};
    struct gyre_scope s;

    open_pair(2);
    gyre_scope_open(&s, GYRE_FOREVER);
    spawn_writers(&s, w, 3);
    gyre_close(ours);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    for (int i = 0; i < 3; i++)
        cr_expect_eq(w[i].result, -EBADF);
    expect_notes("bca");
    gyre_close(theirs);
}

static intptr_t shut_down(void *arg)
{
    (void)arg;
    cr_expect_eq(gyre_shutdown(ours, GYRE_FOREVER), 0);
    note('s');
    return 0;
}

CLAIM(stream, shuts_down_behind_those_who_write)
{
    struct writer w[1] = {{'a', 5, GYRE_FOREVER, 1}};
    struct gyre_scope s;
    char buf[8];

    open_pair(2);
    gyre_scope_open(&s, GYRE_FOREVER);
    spawn_writers(&s, w, 1);
    gyre_spawn(&s, NULL, shut_down, NULL);
    cr_expect_eq(gyre_read_exact(theirs, buf, 5, GYRE_FOREVER), 0);
    cr_expect_eq(gyre_read(theirs, buf, 1, GYRE_FOREVER), 0);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("as");
    close_pair();
}

/* ---- callbacks ---- */

static void speak(struct gyre_job *j)
{
    char buf[4];

    (void)j;
    note(gyre_read(ours, buf, 4, GYRE_NOW) == -ETIMEDOUT ? 'n' : '?');
    note(gyre_write(ours, "ab", 2, GYRE_NOW) == 0 ? 'w' : '?');
    note(gyre_write_some(ours, "cdef", 4, GYRE_NOW) == 2 ? 's' : '?');
    note(gyre_write(ours, "g", 1, GYRE_NOW) == -ETIMEDOUT ? 'f' : '?');
}

CLAIM(stream, may_be_read_and_written_by_callbacks_that_do_not_wait)
{
    struct gyre_job j = {.run = speak};
    char buf[8];

    open_pair(4);
    gyre_job_start(gyre_loop_current(), &j);
    cr_expect_eq(gyre_read_exact(theirs, buf, 4, GYRE_FOREVER), 0);
    cr_expect(memcmp(buf, "abcd", 4) == 0);
    expect_notes("nwsf");
    close_pair();
}

/* ---- files ---- */

static int make_file(size_t n)
{
    FILE *f = tmpfile();
    int fd;

    cr_expect_not_null(f);
    for (size_t i = 0; i < n; i++)
        putc((int)(i % 251), f);
    fflush(f);
    fd = dup(fileno(f));
    fclose(f);
    return fd;
}

struct sending {
    int fd;
    off_t offset;
    size_t n;
    int result;
};

static intptr_t send_it(void *arg)
{
    struct sending *s = arg;

    s->result = gyre_send_file(ours, s->fd, s->offset, s->n, GYRE_FOREVER);
    return 0;
}

CLAIM(stream, sends_a_file_by_reading_and_writing)
{
    struct sending sending = {make_file(50000), 100, 40000, 1};
    struct gyre_scope s;
    unsigned char byte;
    int wrong = 0;

    open_pair(1000);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, send_it, &sending);
    for (size_t i = 0; i < 40000; i++) {
        wrong += gyre_read_exact(theirs, &byte, 1, GYRE_FOREVER) != 0;
        wrong += byte != (100 + i) % 251;
    }
    cr_expect_eq(wrong, 0);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(sending.result, 0);
    close(sending.fd);
    close_pair();
}

CLAIM(stream, breaks_when_a_file_is_shorter_than_it_was_said_to_be)
{
    int fd = make_file(10);
    char buf[16];

    open_pair(0);
    cr_expect_eq(gyre_send_file(ours, fd, 4, 0, GYRE_NOW), 0);
    cr_expect_eq(gyre_send_file(ours, fd, 4, 8, GYRE_NOW), -ENODATA);
    cr_expect_eq(gyre_read(theirs, buf, 16, GYRE_NOW), 6);
    cr_expect_eq(gyre_write(ours, "x", 1, GYRE_NOW), -EPIPE);
    close(fd);
    close_pair();
}
