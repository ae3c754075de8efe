/*
 * test_steady.c - what is under way asks for no memory: neither of the loop's
 * allocator nor of malloc.  Of connections, by callbacks: test_callbacks.c.
 */
#include <criterion/criterion.h>

#include "loop/loop.h"
#include "task/scope.h"
#include "task/task.h"
#include "io/datagram.h"
#include "io/receiving.h"
#include "tests/io/loopback.h"
#include "tests/io/pairs.h"
#include "tests/support/faults.h"

enum { ROUNDS = 1000, SETTLED = 10 };

static int rounds;
static long asked; /* for memory, when it was under way; and since */
static long asked_since;

static void count(void)
{
    rounds++;
    if (rounds == SETTLED)
        asked = faults_asked();
    asked_since = faults_asked() - asked;
}

static void expect_steady(void)
{
    cr_expect_eq(rounds, ROUNDS);
    cr_expect_eq(asked_since, 0, "memory was asked for %ld times", asked_since);
    rounds = 0;
}

/* ---- datagrams ---- */

/* An end of a conversation: what it receives goes back to where it is from. */
struct end {
    struct gyre_datagrams socket;
    struct gyre_receiving receiving;
    struct gyre_addr at;
    char room[16];
};

static struct end asking, answering;

static void send_back(struct gyre_receiving *r, ssize_t n,
                      const struct gyre_addr *from)
{
    struct end *e = GYRE_OWNER(r, struct end, receiving);

    cr_expect_eq(n, 5);
    if (e == &asking)
        count();
    if (n != 5 || rounds == ROUNDS) {
        gyre_datagrams_close(&asking.socket);
        gyre_datagrams_close(&answering.socket);
        return;
    }
    cr_expect_eq(gyre_send(&e->socket, e->room, (size_t)n, from, GYRE_NOW), 0);
}

static void open_end(struct end *e, struct gyre_loop *l)
{
    struct gyre_addr a;

    e->receiving = (struct gyre_receiving){
        .received = send_back, .buf = e->room, .size = sizeof e->room};
    cr_assert_eq(gyre_addr_parse(&a, "127.0.0.1", 0), 0);
    cr_assert_eq(gyre_datagrams_open(&e->socket, l, &a, NULL), 0);
    cr_assert_eq(gyre_datagrams_local(&e->socket, &e->at), 0);
    cr_assert_eq(gyre_receiving_start(&e->receiving, &e->socket), 0);
}

Test(steady, are_datagrams_that_callbacks_send_to_and_fro)
{
    struct gyre_loop *l;

    cr_assert_eq(gyre_loop_new(&l), 0);
    open_end(&asking, l);
    open_end(&answering, l);
    cr_expect_eq(gyre_send(&asking.socket, "hello", 5, &answering.at, GYRE_NOW),
                 0);
    cr_expect_eq(gyre_loop_run(l), 0);
    expect_steady();
    gyre_loop_free(l);
}

/* ---- streams, by tasks ---- */

static intptr_t echo(void *arg)
{
    char room[16];
    ssize_t n;
    int err = 0;

    (void)arg;
    while (err == 0 && (n = gyre_read(theirs, room, sizeof room, SOON)) > 0)
        err = gyre_write(theirs, room, (size_t)n, SOON);
    return err;
}

/* There and back again, as often as is counted. */
static void ask(void)
{
    char room[5];

    while (rounds < ROUNDS) {
        cr_expect_eq(gyre_write(ours, "hello", 5, SOON), 0);
        cr_expect_eq(gyre_read_exact(ours, room, 5, SOON), 0);
        count();
    }
}

/* But for what a pair in memory holds, whose room grows with the pieces it
   comes in. */
CLAIM_OF_STREAMS(steady, are_tasks_that_read_and_write)
{
    struct gyre_scope s;

    if (gyre_loop_simulated(gyre_loop_current()))
        return;
    open_pair(0);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, echo, NULL);
    ask();
    expect_steady();
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    close_pair();
}
