/*
 * test_stream_line.c - the claims of stream.h about lines and peeking, held
 * over every kind of stream.
 */
#include <errno.h>
#include <string.h>

#include "task/task.h"
#include "io/stream.h"
#include "tests/io/pairs.h"
#include "tests/task/world.h"

static void expect_line(const char *line, ssize_t taken)
{
    char buf[8];

    memset(buf, '?', sizeof buf);
    cr_expect_eq(gyre_read_line(ours, buf, sizeof buf, SOON), taken);
    cr_expect_str_eq(buf, line);
}

CLAIM_OF_STREAMS(stream_line, is_told_without_its_end_whichever_that_is)
{
    open_pair(0);
    say("unix\ndos\r\n\n\r\n\rx\r\r\nend");
    cr_expect_eq(gyre_shutdown(theirs, SOON), 0);
    expect_line("unix", 5);
    expect_line("dos", 5);
    expect_line("", 1);
    expect_line("", 2);
    expect_line("\rx\r", 5);
    expect_line("end", 3);
    cr_expect_eq(gyre_read_line(ours, (char[8]){0}, 8, SOON), 0);
    close_pair();
}

/* asyncio's limits lose sync: what was too long was dropped, or half of it. */
CLAIM_OF_STREAMS(stream_line, that_is_too_long_is_kept_and_can_be_passed_over)
{
    char buf[8];

    open_pair(0);
    say("1234567\n12345678\nnext\n");
    expect_line("1234567", 8);
    for (int i = 0; i < 2; i++)
        cr_expect_eq(gyre_read_line(ours, buf, 8, SOON), -EMSGSIZE);
    cr_expect_eq(gyre_skip_until(ours, '\n', SOON), 0);
    expect_line("next", 5);
    say("12345678");
    cr_expect_eq(gyre_shutdown(theirs, SOON), 0);
    cr_expect_eq(gyre_read_line(ours, buf, 8, SOON), -EMSGSIZE);
    cr_expect_eq(gyre_skip_until(ours, '\n', SOON), -EPIPE);
    cr_expect_eq(gyre_read_line(ours, buf, 8, SOON), 0);
    close_pair();
}

CLAIM_OF_STREAMS(stream_line, is_passed_over_however_long_it_is)
{
    static char much[100000];

    open_pair(0);
    memset(much, 'x', sizeof much);
    for (int i = 0; i < 3; i++)
        cr_expect_eq(gyre_write(theirs, much, 20000, SOON), 0);
    say("\nleft");
    cr_expect_eq(gyre_skip_until(ours, '\n', SOON), 0);
    expect_left("left");
    close_pair();
}

CLAIM_OF_STREAMS(stream_line, has_its_bytes_kept_when_the_time_is_up)
{
    char buf[8];

    open_pair(0);
    say("abc");
    cr_expect_eq(gyre_read_line(ours, buf, 8, gyre_in(MS)), -ETIMEDOUT);
    say("d\n");
    expect_line("abcd", 5);
    close_pair();
}

/* ---- peeking ---- */

static void expect_peek(const char *text, size_t n)
{
    char buf[64] = "";

    cr_expect_eq(gyre_peek(ours, buf, n, SOON), (ssize_t)strlen(text));
    cr_expect_str_eq(buf, text);
}

CLAIM_OF_STREAMS(stream_line, peeks_at_what_is_still_to_be_read)
{
    char buf[8];

    open_pair(0);
    expect_peek("", 0);
    say("GET /");
    expect_peek("GET", 3);
    expect_peek("GET /", 5);
    cr_expect_eq(gyre_peek(ours, buf, 6, gyre_in(MS)), -ETIMEDOUT);
    expect_left("GET /");
    say("end");
    cr_expect_eq(gyre_shutdown(theirs, SOON), 0);
    expect_peek("end", 8);
    cr_expect_eq(gyre_read(ours, buf, 8, SOON), 3);
    expect_peek("", 8);
    close_pair();
}
