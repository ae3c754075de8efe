/*
 * test_memory.c - the claims of memory.h, and what memory promises as a stream.
 */
#include <errno.h>
#include <string.h>

#include "task/scope.h"
#include "task/task.h"
#include "io/memory.h"
#include "tests/support/faults.h"
#include "tests/task/world.h"

static struct gyre_stream *ends[2];

static void open_pair(size_t capacity)
{
    cr_expect_eq(gyre_memory_pair(gyre_loop_current(), capacity, ends), 0);
}

static void close_pair(void)
{
    gyre_close(ends[0]);
    gyre_close(ends[1]);
}

CLAIM(memory, gives_what_was_written_to_the_other_end)
{
    char buf[16];

    open_pair(0);
    cr_expect_eq(gyre_write(ends[0], "there", 5, GYRE_NOW), 0);
    cr_expect_eq(gyre_write(ends[1], "back", 4, GYRE_NOW), 0);
    cr_expect_eq(gyre_read(ends[1], buf, sizeof buf, GYRE_NOW), 5);
    cr_expect(memcmp(buf, "there", 5) == 0);
    cr_expect_eq(gyre_read(ends[0], buf, sizeof buf, GYRE_NOW), 4);
    cr_expect(memcmp(buf, "back", 4) == 0);
    cr_expect_eq(gyre_read(ends[0], buf, sizeof buf, GYRE_NOW), -ETIMEDOUT);
    close_pair();
}

CLAIM(memory, gives_no_more_than_was_asked_for_and_keeps_the_rest)
{
    char buf[16];

    open_pair(0);
    cr_expect_eq(gyre_write(ends[0], "abcdef", 6, GYRE_NOW), 0);
    cr_expect_eq(gyre_read(ends[1], buf, 2, GYRE_NOW), 2);
    cr_expect_eq(gyre_read(ends[1], buf + 2, 14, GYRE_NOW), 4);
    cr_expect(memcmp(buf, "abcdef", 6) == 0);
    cr_expect_eq(gyre_read(ends[1], buf, 0, GYRE_NOW), 0);
    close_pair();
}

static intptr_t write_ten(void *arg)
{
    (void)arg;
    cr_expect_eq(gyre_write(ends[0], "0123456789", 10, GYRE_FOREVER), 0);
    note('w');
    return 0;
}

CLAIM(memory, has_a_writer_wait_until_there_is_room)
{
    struct gyre_scope s;
    char buf[16];

    open_pair(4);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, write_ten, NULL);
    for (int i = 0; i < 3; i++) {
        cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
        expect_notes(i < 2 ? "" : "w");
        cr_expect_eq(gyre_read(ends[1], buf, sizeof buf, GYRE_NOW),
                     i < 2 ? 4 : 2);
    }
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    close_pair();
}

/* There is room, but the writer who is to have it has yet to run. */
CLAIM(memory, lets_nobody_write_between_the_pieces_of_another)
{
    struct gyre_scope s;
    char buf[16];

    open_pair(4);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, write_ten, NULL);
    cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
    cr_expect_eq(gyre_read(ends[1], buf, 4, GYRE_NOW), 4);
    cr_expect_eq(gyre_write_some(ends[0], "x", 1, GYRE_NOW), -ETIMEDOUT);
    cr_expect_eq(gyre_read_exact(ends[1], buf, 6, GYRE_FOREVER), 0);
    cr_expect(memcmp(buf, "456789", 6) == 0);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    close_pair();
}

static intptr_t read_one(void *arg)
{
    char byte;
    ssize_t n = gyre_read(ends[1], &byte, 1, GYRE_FOREVER);

    (void)arg;
    note(n == 1 ? byte : n == 0 ? '.' : n == -EBADF ? '!' : '?');
    return 0;
}

CLAIM(memory, has_a_reader_wait_until_there_are_bytes)
{
    struct gyre_scope s;

    open_pair(0);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, read_one, NULL);
    cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
    expect_notes("");
    cr_expect_eq(gyre_write(ends[0], "x", 1, GYRE_NOW), 0);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("x");
    close_pair();
}

CLAIM(memory, reads_to_the_end_once_the_other_has_ended)
{
    char buf[4];

    for (int by_closing = 0; by_closing < 2; by_closing++) {
        open_pair(0);
        cr_expect_eq(gyre_write(ends[0], "ab", 2, GYRE_NOW), 0);
        if (by_closing)
            gyre_close(ends[0]);
        else
            cr_expect_eq(gyre_shutdown(ends[0], GYRE_NOW), 0);
        cr_expect_eq(gyre_read(ends[1], buf, 4, GYRE_NOW), 2);
        for (int i = 0; i < 3; i++)
            cr_expect_eq(gyre_read(ends[1], buf, 4, GYRE_NOW), 0);
        if (!by_closing)
            gyre_close(ends[0]);
        gyre_close(ends[1]);
    }
}

CLAIM(memory, goes_on_the_other_way_after_half_a_close)
{
    char buf[4];

    open_pair(0);
    cr_expect_eq(gyre_shutdown(ends[0], GYRE_NOW), 0);
    cr_expect_eq(gyre_write(ends[0], "x", 1, GYRE_NOW), -EPIPE);
    cr_expect_eq(gyre_write(ends[1], "y", 1, GYRE_NOW), 0);
    cr_expect_eq(gyre_read(ends[0], buf, 4, GYRE_NOW), 1);
    close_pair();
}

CLAIM(memory, tells_a_waiting_reader_of_the_end)
{
    struct gyre_scope s;

    open_pair(0);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, read_one, NULL);
    cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
    gyre_close(ends[0]);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes(".");
    gyre_close(ends[1]);
}

static intptr_t write_two(void *arg)
{
    (void)arg;
    note(gyre_write(ends[0], "ab", 2, GYRE_FOREVER) == -EPIPE ? 'p' : '?');
    return 0;
}

CLAIM(memory, tells_a_waiting_writer_that_nobody_will_read)
{
    struct gyre_scope s;

    open_pair(1);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, write_two, NULL);
    cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
    gyre_close(ends[1]);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("p");
    gyre_close(ends[0]);
}

CLAIM(memory, sends_home_who_is_parked_in_an_end_that_is_closed)
{
    struct gyre_scope s;

    open_pair(0);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, read_one, NULL);
    cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
    gyre_close(ends[1]);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("!");
    gyre_close(ends[0]);
}

CLAIM(memory, has_one_reader)
{
    struct gyre_job j = {0};
    struct gyre_scope s;
    char byte;

    open_pair(0);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, read_one, NULL);
    cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
    cr_expect_eq(gyre_read(ends[1], &byte, 1, GYRE_NOW), -EBUSY);
    cr_expect_eq(gyre_stream_when_readable(ends[1], &j), -EBUSY);
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("?");
    close_pair();
}

/* ---- unlike TCP ---- */

CLAIM(memory, fails_to_write_at_once_when_the_other_end_was_closed)
{
    struct gyre_scope s;

    open_pair(0);
    gyre_close(ends[1]);
    cr_expect_eq(gyre_write(ends[0], "x", 1, GYRE_NOW), -EPIPE);
    cr_expect_eq(gyre_write_some(ends[0], "x", 1, GYRE_FOREVER), -EPIPE);
    cr_expect(!gyre_stream_broken(ends[0]));

    /* But a cancellation is told first, as everywhere. */
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_write(ends[0], "x", 1, GYRE_FOREVER), -ECANCELED);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    gyre_close(ends[0]);
}

CLAIM(memory, ends_and_does_not_reset_when_closed_with_bytes_unread)
{
    char buf[8];

    open_pair(0);
    cr_expect_eq(gyre_write(ends[0], "unread", 6, GYRE_NOW), 0);
    cr_expect_eq(gyre_write(ends[1], "reply", 5, GYRE_NOW), 0);
    gyre_close(ends[1]);
    cr_expect_eq(gyre_read(ends[0], buf, 8, GYRE_NOW), 5);
    cr_expect_eq(gyre_read(ends[0], buf, 8, GYRE_NOW), 0);
    gyre_close(ends[0]);
}

/* ---- without a task ---- */

static void note_it(struct gyre_job *j)
{
    (void)j;
    note('j');
}

CLAIM(memory, starts_a_job_once_when_there_is_something_to_read)
{
    struct gyre_job j = {.run = note_it};
    char byte;

    open_pair(0);
    cr_expect_eq(gyre_stream_when_readable(ends[1], &j), 0);
    cr_expect_eq(gyre_read(ends[1], &byte, 1, GYRE_NOW), -EBUSY);
    cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
    expect_notes("");
    cr_expect_eq(gyre_write(ends[0], "ab", 2, GYRE_NOW), 0);
    cr_expect_eq(gyre_write(ends[0], "cd", 2, GYRE_NOW), 0);
    cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
    expect_notes("j");

    /* There is something already, and then there is the end. */
    cr_expect_eq(gyre_stream_when_readable(ends[1], &j), 0);
    cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
    expect_notes("j");
    close_pair();
}

CLAIM(memory, forgets_a_job)
{
    struct gyre_job j = {.run = note_it};

    open_pair(0);
    cr_expect_eq(gyre_stream_when_readable(ends[1], &j), 0);
    gyre_stream_forget(ends[1]);
    gyre_stream_forget(ends[1]);
    cr_expect_eq(gyre_write(ends[0], "ab", 2, GYRE_NOW), 0);
    cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
    expect_notes("");
    close_pair();
}

/* ---- deadlock, and no memory ---- */

static intptr_t wait_for_each_other(void *arg)
{
    char byte;
    ssize_t n;

    (void)arg;
    open_pair(0);
    n = gyre_read(ends[0], &byte, 1, GYRE_FOREVER);
    close_pair();
    return n;
}

Test(memory, lets_a_deadlock_be_seen)
{
    cr_expect_eq(simulate(wait_for_each_other, NULL), -EDEADLK);
}

static intptr_t converse(void *arg)
{
    char buf[8];
    int err;

    (void)arg;
    err = gyre_memory_pair(gyre_loop_current(), 8, ends);
    if (err)
        return err;
    err = gyre_write(ends[0], "hello", 5, GYRE_NOW);
    if (err == 0 && gyre_read(ends[1], buf, 8, GYRE_NOW) != 5)
        err = -EIO;
    close_pair();
    return err;
}

static int scenario(void)
{
    return (int)gyre_run(converse, NULL);
}

Test(memory, survives_the_nth_allocation_failing)
{
    cr_expect_gt(faults_in_memory(scenario), 3);
}
