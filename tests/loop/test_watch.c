/*
 * test_watch.c - the claims of watch.h, on the system's poller.
 */
#include <criterion/criterion.h>

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/loop/pollers.h"
#include "tests/loop/stage.h"
#include "tests/support/faults.h"

static int one[2], two[2]; /* of what is written to [1], [0] is read */

static void open_pairs(void)
{
    open_real();
    open_unix(one);
    open_unix(two);
}

static void close_pairs(void)
{
    close_stage();
    close_pair(one);
    close_pair(two);
}

TestSuite(watch, .init = open_pairs, .fini = close_pairs);

Test(watch, it_is_called_in_every_round_in_which_it_is_ready)
{
    start_watch(&a, one[0], GYRE_READ);
    cr_expect_str_eq(turn(), "");
    put(one[1], "x");
    cr_expect_str_eq(turn(), "a");
    cr_expect_str_eq(turn(), "a");
    cr_expect_eq(a.got, GYRE_READ);
    drain(one[0]);
    cr_expect_str_eq(turn(), "");
}

Test(watch, with_edges_it_is_called_once_for_each_change)
{
    start_watch(&a, one[0], GYRE_READ | GYRE_EDGE);
    put(one[1], "x");
    cr_expect_str_eq(turn(), "a");
    cr_expect_str_eq(turn(), "");
    put(one[1], "x");
    cr_expect_str_eq(turn(), "a");
    cr_expect_str_eq(turn(), "");
}

Test(watch, it_is_told_what_it_asked_for_and_is_so)
{
    unsigned asks[] = {GYRE_READ, GYRE_WRITE, GYRE_READ | GYRE_WRITE,
                       GYRE_PRIORITY | GYRE_WRITE};

    put(one[1], "x");
    for (size_t i = 0; i < sizeof asks / sizeof *asks; i++) {
        start_watch(&a, one[0], asks[i]);
        cr_expect_str_eq(turn(), "a");
        cr_expect_eq(a.got, asks[i] & (GYRE_READ | GYRE_WRITE));
    }
}

Test(watch, a_hangup_is_told_unasked)
{
    unsigned asks[] = {GYRE_READ, GYRE_WRITE, GYRE_PRIORITY, GYRE_HANGUP};

    close_end(&one[1]);
    for (size_t i = 0; i < sizeof asks / sizeof *asks; i++) {
        start_watch(&a, one[0], asks[i]);
        cr_expect_str_eq(turn(), "a");
        cr_expect_eq(a.got, asks[i] % GYRE_PRIORITY | GYRE_HANGUP);
        gyre_watch_stop(loop, &a.watch);
    }
}

Test(watch, started_again_it_asks_for_something_else)
{
    put(one[1], "x");
    start_watch(&a, one[0], GYRE_READ);
    start_watch(&a, one[0], GYRE_WRITE | GYRE_EDGE);
    cr_expect_str_eq(turn(), "a");
    cr_expect_eq(a.got, GYRE_WRITE);
    cr_expect_str_eq(turn(), "");
    start_watch(&a, one[0], GYRE_READ);
    cr_expect_str_eq(turn(), "a");
    cr_expect_str_eq(turn(), "a");
    cr_expect_eq(a.got, GYRE_READ);
}

Test(watch, it_is_started_until_it_is_stopped)
{
    cr_expect(!gyre_watch_started(&a.watch));
    start_watch(&a, one[0], GYRE_READ);
    cr_expect(gyre_watch_started(&a.watch));
    cr_expect_eq(gyre_loop_watch_of(loop, one[0]), &a.watch);
    cr_expect_eq(gyre_loop_watch_of(loop, one[1]), NULL);
    cr_expect_eq(gyre_loop_watch_of(loop, -1), NULL);
    cr_expect_eq(gyre_loop_watch_of(loop, 1 << 20), NULL);
    put(one[1], "x");
    gyre_watch_stop(loop, &a.watch);
    gyre_watch_stop(loop, &a.watch);
    cr_expect(!gyre_watch_started(&a.watch));
    cr_expect_eq(gyre_loop_watch_of(loop, one[0]), NULL);
    cr_expect_str_eq(turn(), "");
    cr_expect(!gyre_loop_alive(loop));
}

Test(watch, a_descriptor_has_one_watch)
{
    start_watch(&a, one[0], GYRE_READ);
    cr_expect_eq(gyre_watch_start(loop, &b.watch, one[0], GYRE_WRITE), -EBUSY);
    cr_expect(!gyre_watch_started(&b.watch));
    put(one[1], "x");
    cr_expect_str_eq(turn(), "a");
    gyre_watch_stop(loop, &a.watch);
    start_watch(&b, one[0], GYRE_READ);
    cr_expect_str_eq(turn(), "b");
}

Test(watch, what_is_not_open_cannot_be_watched)
{
    int fd = dup(one[0]);

    close(fd);
    cr_expect_eq(gyre_watch_start(loop, &a.watch, -1, GYRE_READ), -EBADF);
    cr_expect_eq(gyre_watch_start(loop, &a.watch, fd, GYRE_READ), -EBADF);
    cr_expect(!gyre_watch_started(&a.watch));
    cr_expect(!gyre_loop_alive(loop));
    cr_expect_eq(gyre_loop_watch_of(loop, fd), NULL);
}

static struct ledger ledger = {.base = FAULTS_LEDGER};

Test(watch, a_number_that_is_not_open_costs_no_memory)
{
    struct gyre_loop_options options = {.allocator = &ledger.base};
    size_t before;

    close_stage();
    cr_assert_eq(gyre_loop_new_with(&loop, &options), 0);
    before = ledger.bytes;
    cr_expect_eq(gyre_watch_start(loop, &a.watch, INT_MAX, GYRE_READ), -EBADF);
    cr_expect_eq(ledger.bytes, before);
}

Test(watch, high_descriptors_are_watched_as_low_ones)
{
    int fds[] = {63, 64, 500, 999};

    put(one[1], "x");
    for (size_t i = 0; i < sizeof fds / sizeof *fds; i++) {
        cr_assert_eq(dup2(one[0], fds[i]), fds[i]);
        start_watch(&a, fds[i], GYRE_READ);
        cr_expect_str_eq(turn(), "a");
        gyre_watch_stop(loop, &a.watch);
        close(fds[i]);
    }
}

static void stop_other(struct actor *x)
{
    gyre_watch_stop(loop, &x->other->watch);
}

/* Of two that are ready at once, whoever is first does `act` to the other. */
static void both_ready(void (*act)(struct actor *x))
{
    a.act = b.act = act;
    a.other = &b;
    b.other = &a;
    start_watch(&a, one[0], GYRE_READ);
    start_watch(&b, two[0], GYRE_READ);
    put(one[1], "x");
    put(two[1], "x");
}

Test(watch, a_stopped_one_is_not_called_for_an_event_in_hand)
{
    both_ready(stop_other);
    cr_expect_eq(strlen(turn()), 1);
    cr_expect_eq(gyre_loop_stats(loop).stale, 1);
}

static void restart_other(struct actor *x)
{
    struct gyre_watch *w = &x->other->watch;
    int fd = w->fd;

    stop_other(x);
    start_watch(x->other, fd, GYRE_READ | GYRE_EDGE);
    x->act = NULL;
}

/* The event in hand was the old registration's; the new one has its own. */
Test(watch, one_that_is_started_anew_loses_no_edge)
{
    both_ready(restart_other);
    cr_expect_eq(strlen(turn()), 1);
    cr_expect_eq(strlen(turn()), 2);
}

static void reuse_other(struct actor *x)
{
    int fd = x->other->watch.fd, *pair = fd == one[0] ? one : two;

    stop_other(x);
    close_pair(pair);
    open_unix(pair);
    cr_assert_eq(pair[0], fd, "the lowest number is taken");
    start_watch(&c, fd, GYRE_READ);
}

Test(watch, an_event_in_hand_is_not_for_who_reuses_the_number)
{
    both_ready(reuse_other);
    cr_expect_eq(strlen(turn()), 1);
    cr_expect_eq(gyre_loop_stats(loop).stale, 1);
    cr_expect_str_eq(turn() + 1, "", "nor is any later one");
}

static void stop_and_free(struct actor *x)
{
    gyre_watch_stop(loop, &x->watch);
    free(x);
}

Test(watch, a_watch_may_stop_and_free_itself)
{
    struct actor *x = malloc(sizeof *x);

    *x = new_actor('x');
    x->act = stop_and_free;
    start_watch(x, one[0], GYRE_READ);
    put(one[1], "x");
    cr_expect_str_eq(run(), "x");
}

Test(watch, a_run_waits_for_watches_unless_they_are_in_the_background)
{
    b.watch.background = true;
    start_watch(&b, two[0], GYRE_READ);
    cr_expect_str_eq(run(), "");
    put(two[1], "x");
    b.act = stop_other;
    b.other = &a;
    start_watch(&a, one[0], GYRE_READ);
    cr_expect_str_eq(run(), "b");
}

/* Guards against an event that is delivered into a frame that was left. */
Test(watch, one_that_was_stopped_may_be_gone_with_its_event_in_hand)
{
    struct actor *x = malloc(sizeof *x);

    *x = new_actor('x');
    start_watch(x, one[0], GYRE_READ);
    put(one[1], "x");
    gyre_watch_stop(loop, &x->watch);
    memset(x, 0xee, sizeof *x);
    free(x);
    cr_expect_str_eq(turn(), "");
}

/* ---- both ways ---- */

enum { MUCH = 1 << 18, EACH = 1000 };

/* One end of a conversation; both write and read so many bytes. */
struct end {
    struct gyre_watch watch;
    int fd;
    size_t to_write, to_read;
};

static void move_bytes(struct gyre_watch *w, unsigned events)
{
    static char bytes[EACH];
    struct end *e = GYRE_OWNER(w, struct end, watch);
    size_t most = e->to_write < EACH ? e->to_write : EACH;
    ssize_t n;

    if (events & GYRE_READ && (n = read(e->fd, bytes, EACH)) > 0)
        e->to_read -= (size_t)n;
    if (events & GYRE_WRITE && (n = write(e->fd, bytes, most)) > 0)
        e->to_write -= (size_t)n;
    if (e->to_read > 0)
        gyre_watch_start(loop, w, e->fd,
                         e->to_write > 0 ? GYRE_READ | GYRE_WRITE : GYRE_READ);
    else if (e->to_write > 0)
        gyre_watch_start(loop, w, e->fd, GYRE_WRITE);
    else
        gyre_watch_stop(loop, w);
}

static void converse(int pair[2])
{
    struct end ends[2];

    for (int i = 0; i < 2; i++) {
        ends[i] = (struct end){.watch.ready = move_bytes,
                               .fd = pair[i],
                               .to_write = MUCH,
                               .to_read = MUCH};
        cr_assert_eq(gyre_watch_start(loop, &ends[i].watch, pair[i],
                                      GYRE_READ | GYRE_WRITE),
                     0);
    }
    cr_expect_eq(gyre_loop_run(loop), 0);
    cr_expect_eq(ends[0].to_read + ends[1].to_read, 0);
}

Test(watch, a_conversation_goes_both_ways_at_once)
{
    void (*const opens[])(int pair[2]) = {open_unix, open_tcp};

    for (int i = 0; i < 2; i++) {
        int pair[2];

        opens[i](pair);
        converse(pair);
        close_pair(pair);
    }
}
