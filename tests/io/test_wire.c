/*
 * test_wire.c - what memory.h claims of what lies between the ends.
 */
#include <errno.h>
#include <string.h>

#include "task/scope.h"
#include "task/task.h"
#include "io/memory.h"
#include "tests/support/faults.h"
#include "tests/task/world.h"

static struct gyre_stream *ends[2];

static void open_with(struct gyre_memory_options options)
{
    cr_expect_eq(gyre_memory_pair_with(gyre_loop_current(), &options, ends), 0);
}

static void close_pair(void)
{
    gyre_close(ends[0]);
    gyre_close(ends[1]);
}

static void say(const char *text)
{
    cr_expect_eq(gyre_write(ends[0], text, strlen(text), GYRE_NOW), 0);
}

/* One call reads just `text` from the other end. */
static void hear(const char *text, gyre_time deadline)
{
    char buf[64] = "";
    ssize_t n = gyre_read(ends[1], buf, sizeof buf - 1, deadline);

    cr_expect_eq(n, (ssize_t)strlen(text), "read returned %zd", n);
    cr_expect_str_eq(buf, text);
}

static void hear_nothing(void)
{
    char byte;

    cr_expect_eq(gyre_read(ends[1], &byte, 1, GYRE_NOW), -ETIMEDOUT);
}

CLAIM(wire, delivers_what_is_sent_when_the_latency_is_over)
{
    open_with((struct gyre_memory_options){.latency = 5 * MS});
    say("a");
    cr_expect_eq(gyre_sleep(gyre_in(2 * MS)), 0);
    say("b");
    hear_nothing();
    hear("a", GYRE_FOREVER);
    cr_expect_eq(elapsed(), 5 * MS);
    hear_nothing();
    hear("b", GYRE_FOREVER);
    cr_expect_eq(elapsed(), 7 * MS);
    close_pair();
}

CLAIM(wire, delivers_the_end_behind_all_else)
{
    for (int by_closing = 0; by_closing < 2; by_closing++) {
        gyre_time began = elapsed();

        open_with((struct gyre_memory_options){.latency = MS});
        say("a");
        if (by_closing)
            gyre_close(ends[0]);
        else
            cr_expect_eq(gyre_shutdown(ends[0], GYRE_NOW), 0);
        hear_nothing();
        hear("a", GYRE_FOREVER);
        hear("", GYRE_FOREVER);
        cr_expect_eq(elapsed() - began, MS);
        if (!by_closing)
            gyre_close(ends[0]);
        gyre_close(ends[1]);
    }
}

CLAIM(wire, lets_bytes_leave_one_after_the_other)
{
    open_with(
        (struct gyre_memory_options){.bandwidth = 1000, .latency = 100 * MS});
    say("0123456789");
    say("x");
    hear("0123456789", GYRE_FOREVER);
    cr_expect_eq(elapsed(), 110 * MS);
    hear("x", GYRE_FOREVER);
    cr_expect_eq(elapsed(), 111 * MS);

    /* It was idle meanwhile, which is not made up for. */
    cr_expect_eq(gyre_sleep(gyre_in(GYRE_SECOND)), 0);
    say("y");
    hear("y", GYRE_FOREVER);
    cr_expect_eq(elapsed(), 111 * MS + GYRE_SECOND + 101 * MS);
    close_pair();
}

CLAIM(wire, counts_what_is_under_way_towards_the_capacity)
{
    open_with((struct gyre_memory_options){.capacity = 4, .latency = MS});
    say("abcd");
    cr_expect_eq(gyre_write(ends[0], "e", 1, gyre_in(10 * MS)), -ETIMEDOUT);
    hear("abcd", GYRE_FOREVER);
    say("e");
    close_pair();
}

CLAIM(wire, reads_and_writes_no_more_than_a_piece)
{
    open_with((struct gyre_memory_options){.piece = 3});
    cr_expect_eq(gyre_write_some(ends[0], "abcdefg", 7, GYRE_NOW), 3);
    say("defg");
    hear("abc", GYRE_NOW);
    hear("def", GYRE_NOW);
    hear("g", GYRE_NOW);
    close_pair();
}

CLAIM(wire, draws_the_size_of_ragged_pieces)
{
    int times[4] = {0};

    open_with((struct gyre_memory_options){.piece = 3, .ragged = true});
    for (int i = 0; i < 300; i++) {
        ssize_t n = gyre_write_some(ends[0], "abcdefg", 7, GYRE_NOW);

        cr_assert(n >= 1 && n <= 3);
        times[n]++;
    }
    for (int i = 1; i <= 3; i++)
        cr_expect_gt(times[i], 70);
    close_pair();
}

/* ---- partitions ---- */

CLAIM(wire, lets_nothing_arrive_while_it_is_parted)
{
    open_with((struct gyre_memory_options){.latency = MS});
    say("a");
    gyre_memory_partition(ends[1]);
    say("b");
    cr_expect_eq(gyre_sleep(gyre_in(GYRE_SECOND)), 0);
    hear_nothing();
    say("c");
    gyre_memory_heal(ends[0]);
    hear("ab", GYRE_NOW);
    hear("c", GYRE_FOREVER);
    cr_expect_eq(elapsed(), GYRE_SECOND + MS);
    close_pair();
}

CLAIM(wire, lets_no_end_arrive_while_it_is_parted)
{
    open_with((struct gyre_memory_options){0});
    gyre_memory_partition(ends[0]);
    say("a");
    gyre_close(ends[0]);
    hear_nothing();
    gyre_memory_heal(ends[1]);
    hear("a", GYRE_NOW);
    hear("", GYRE_NOW);
    gyre_close(ends[1]);
}

static intptr_t read_for_ever(void *arg)
{
    char byte;

    (void)arg;
    open_with((struct gyre_memory_options){0});
    gyre_memory_partition(ends[0]);
    say("a");
    (void)!gyre_read(ends[1], &byte, 1, GYRE_FOREVER);
    close_pair();
    return 0;
}

Test(wire, shows_a_deadlock_to_who_waits_for_a_healing)
{
    cr_expect_eq(simulate(read_for_ever, NULL), -EDEADLK);
}

/* ---- resets ---- */

static intptr_t fail_to_read(void *end)
{
    char byte;

    cr_expect_eq(gyre_read(end, &byte, 1, GYRE_FOREVER), -ECONNRESET);
    note('r');
    return 0;
}

static intptr_t fail_to_write(void *end)
{
    cr_expect_eq(gyre_write(end, "12345", 5, GYRE_FOREVER), -ECONNRESET);
    note('w');
    return 0;
}

CLAIM(wire, resets_both_ends_and_who_waits_there)
{
    struct gyre_scope s;

    open_with((struct gyre_memory_options){.capacity = 4});
    say("1234");
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, fail_to_read, ends[0]);
    gyre_spawn(&s, NULL, fail_to_write, ends[0]);
    let_others_run();
    expect_notes("");
    gyre_memory_reset(ends[1]);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(strlen(notes), 2);
    notes[0] = '\0';

    /* What had arrived can still be read. */
    hear("1234", GYRE_NOW);
    for (int i = 0; i < 2; i++) {
        fail_to_read(ends[i]);
        fail_to_write(ends[i]);
    }
    gyre_memory_reset(ends[0]);
    close_pair();
}

CLAIM(wire, loses_what_is_under_way_at_a_reset)
{
    open_with((struct gyre_memory_options){.latency = MS});
    say("a");
    cr_expect_eq(gyre_sleep(gyre_in(2 * MS)), 0);
    say("b");
    gyre_memory_reset(ends[0]);
    hear("a", GYRE_NOW);
    fail_to_read(ends[1]);
    close_pair();
}

CLAIM(wire, is_reset_when_so_many_bytes_were_written)
{
    open_with((struct gyre_memory_options){.reset_after = 6});
    say("abc");
    cr_expect_eq(gyre_write(ends[1], "d", 1, GYRE_NOW), 0);
    cr_expect_eq(gyre_write(ends[0], "efgh", 4, GYRE_NOW), -ECONNRESET);
    cr_expect(gyre_stream_broken(ends[0]), "a part of it went");
    hear("abcef", GYRE_NOW);
    fail_to_read(ends[1]);
    close_pair();
}

/* ---- and no memory ---- */

static intptr_t converse(void *arg)
{
    struct gyre_memory_options options = {.latency = MS, .bandwidth = 1000};
    char buf[8];
    int err = gyre_memory_pair_with(gyre_loop_current(), &options, ends);

    (void)arg;
    if (err)
        return err;
    err = gyre_write(ends[0], "hello", 5, GYRE_NOW);
    if (err == 0 && gyre_read(ends[1], buf, 8, GYRE_FOREVER) != 5)
        err = -EIO;
    close_pair();
    return err;
}

static int scenario(void)
{
    return (int)gyre_simulate(converse, NULL);
}

Test(wire, survives_the_nth_allocation_failing)
{
    cr_expect_gt(faults_in_memory(scenario), 3);
}
