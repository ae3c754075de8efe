/*
 * test_stream.c - the claims of stream.h about reading, held over every kind of
 * stream.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "task/scope.h"
#include "task/task.h"
#include "io/addr.h"
#include "io/read.h"
#include "io/stream.h"
#include "tests/io/pairs.h"
#include "tests/support/faults.h"
#include "tests/task/world.h"

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
        let_all_settle();
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

/* ---- patience ---- */

/* Behind what was read ahead, too, and what was not enough for a line. */
CLAIM_OF_STREAMS(stream, takes_back_what_was_read_from_it)
{
    char buf[8];

    open_pair(0);
    cr_expect_eq(gyre_stream_unread(ours, "x", 0), 0);
    cr_expect_eq(gyre_read(ours, buf, 8, GYRE_NOW), -ETIMEDOUT);
    say("cd");
    cr_expect_eq(gyre_read_until(ours, '!', buf, 8, gyre_in(MS)), -ETIMEDOUT);
    cr_expect_eq(gyre_stream_unread(ours, "b", 1), 0);
    cr_expect_eq(gyre_stream_unread(ours, "a", 1), 0);
    say("ef");
    cr_expect_eq(gyre_read_exact(ours, buf, 3, SOON), 0);
    cr_expect_arr_eq(buf, "abc", 3);
    expect_left("def");
    close_pair();
}

CLAIM_OF_STREAMS(stream, is_patient_for_so_long_and_begins_anew)
{
    char text[8];

    open_pair(2);
    ours->patience = 1;
    cr_expect_eq(gyre_read(ours, text, 1, GYRE_FOREVER), -ETIMEDOUT);
    cr_expect_eq(gyre_read(ours, text, 1, GYRE_NOW), -ETIMEDOUT);
    cr_expect_eq(gyre_read_exact(ours, text, 1, GYRE_FOREVER), -ETIMEDOUT);
    fill();
    cr_expect_eq(gyre_write(ours, "x", 1, GYRE_FOREVER), -ETIMEDOUT);
    cr_expect_eq(gyre_write_some(ours, "x", 1, GYRE_FOREVER), -ETIMEDOUT);
    ours->patience = 0;
    cr_expect_eq(gyre_read(ours, text, 1, gyre_in(1)), -ETIMEDOUT);
    close_pair();
}

/* ---- what is underneath ---- */

CLAIM_OF_STREAMS(stream, tells_its_descriptor_if_it_has_one)
{
    struct gyre_addr a;
    int fd;

    open_pair(0);
    fd = gyre_stream_descriptor(ours);
    if (fd < 0) {
        cr_expect_eq(fd, -ENOTSUP);
        cr_expect_eq(gyre_stream_local(ours, &a), -ENOTSUP);
        cr_expect_eq(gyre_stream_peer(ours, &a), -ENOTSUP);
    } else {
        cr_expect_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
        cr_expect_eq(send(fd, "x", 1, 0), 1);
        cr_expect_eq(gyre_read(theirs, &(char){0}, 1, SOON), 1);
    }
    close_pair();
}
