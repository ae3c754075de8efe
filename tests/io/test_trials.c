/*
 * test_trials.c - streams in every weather, in some hundred orders, and
 * cancelled at each cancel point.
 *
 * Two claims beside that nothing is left: who is cancelled and goes on under a
 * shield finds each byte where it was, none lost and none twice; and of a
 * server and its clients nobody is harmed by what befalls another.
 */
#include <criterion/criterion.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "task/future.h"
#include "task/scope.h"
#include "task/sim/explore.h"
#include "task/sim/inject.h"
#include "task/sync/queue.h"
#include "task/task.h"
#include "io/memory.h"

#define MS   GYRE_MILLISECOND
#define SOON gyre_in(500 * MS)

static void leave_environment(void)
{
    unsetenv("GYRE_SEED");
    unsetenv("GYRE_POINT");
}

TestSuite(trials, .init = leave_environment);

/* Fair, narrow, slow, and all of it at once. */
static const struct gyre_memory_options weathers[] = {
    {.capacity = 0},
    {.capacity = 4},
    {.latency = 2 * MS, .bandwidth = 2000},
    {.capacity = 9, .latency = MS, .piece = 5, .ragged = true},
};

enum { WEATHERS = sizeof weathers / sizeof weathers[0] };

static const struct gyre_memory_options *weather;

static int join(struct gyre_stream *out[2])
{
    return gyre_memory_pair_with(gyre_loop_current(), weather, out);
}

/* ---- one who writes, and one who reads ---- */

static const char text[] = "a line\nand more after it, of which\nsome is read";

static struct {
    char got[sizeof text + 8];
    bool failed; /* somebody did, though he went on */
} book;

/* Who goes on under a shield, once he has been cancelled. */
struct party {
    struct gyre_stream *stream;
    struct gyre_scope shield;
    bool shielded;
};

/* Is it to be tried again? */
static bool again(struct party *p, ssize_t result)
{
    if (result != -ECANCELED || p->shielded)
        return false;
    gyre_scope_open_shielded(&p->shield, gyre_in(GYRE_SECOND));
    p->shielded = true;
    return true;
}

static intptr_t leave(struct party *p, ssize_t result)
{
    if (p->shielded)
        (void)gyre_scope_close(&p->shield, 0);
    book.failed |= result < 0;
    gyre_close(p->stream);
    return 0;
}

static intptr_t write_all(void *stream)
{
    struct party p = {.stream = stream};
    size_t at = 0, n = strlen(text);
    ssize_t r = 0;

    while (r >= 0 && at < n) {
        do
            r = gyre_write_some(p.stream, text + at, n - at, SOON);
        while (again(&p, r));
        at += r > 0 ? (size_t)r : 0;
    }
    if (r < 0)
        return leave(&p, r);
    do
        r = gyre_shutdown(p.stream, SOON);
    while (again(&p, r));
    return leave(&p, r);
}

/* A line, then four bytes, and then whatever comes. */
static ssize_t read_next(struct party *p, size_t used)
{
    char *to = book.got + used;
    int err;

    if (used == 0)
        return gyre_read_until(p->stream, '\n', to, sizeof book.got, SOON);
    if (book.got[used - 1] != '\n')
        return gyre_read(p->stream, to, sizeof book.got - 1 - used, SOON);
    err = gyre_read_exact(p->stream, to, 4, SOON);
    return err ? err : 4;
}

static intptr_t read_all(void *stream)
{
    struct party p = {.stream = stream};
    size_t used = 0;
    ssize_t r;

    do {
        do
            r = read_next(&p, used);
        while (again(&p, r));
        used += r > 0 ? (size_t)r : 0;
    } while (r > 0);
    return leave(&p, r);
}

static intptr_t converse(void *arg)
{
    struct gyre_stream *ends[2];
    struct gyre_scope s;
    int err;

    (void)arg;
    memset(&book, 0, sizeof book);
    err = join(ends);
    if (err)
        return err;
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, write_all, ends[0]);
    gyre_spawn(&s, NULL, read_all, ends[1]);
    return gyre_scope_close(&s, 0);
}

/* All has come, whatever was cancelled. */
static int all_has_come(void *arg)
{
    (void)arg;
    return book.failed || strcmp(book.got, text) != 0 ? -EILSEQ : 0;
}

static intptr_t converse_and_compare(void *arg)
{
    intptr_t result = converse(arg);

    return gyre_is_error(result) ? result : all_has_come(arg);
}

Test(trials, all_that_is_written_is_read_in_any_order)
{
    for (int i = 0; i < WEATHERS; i++) {
        struct gyre_exploration e = {.runs = 300};

        weather = &weathers[i];
        cr_expect_eq(gyre_explore(&e, converse_and_compare, NULL), 0);
    }
}

Test(trials, all_that_is_written_is_read_though_both_are_cancelled_anywhere)
{
    for (int i = 0; i < 4 * WEATHERS; i++) {
        struct gyre_injection j = {.check = all_has_come,
                                   .seed = (uint64_t)(i / WEATHERS % 2),
                                   .only_task = i / WEATHERS >= 2};

        weather = &weathers[i % WEATHERS];
        cr_expect_eq(gyre_inject(&j, converse, NULL), 0, "weather %d", i);
        cr_expect_gt(j.points, 5);
    }
}

/* ---- a server, and clients ---- */

enum { CLIENTS = 4 };

/* Where clients knock: who accepts is given one end. */
static struct {
    struct gyre_queue door;
    struct gyre_stream *room[2];
    int open;     /* ends of streams */
    int answered; /* clients */
    int wrong;    /* answers */
    bool shut;    /* it, or all of it, was cancelled */
} shop;

static void close_end(struct gyre_stream *s)
{
    shop.open--;
    gyre_close(s);
}

static void turn_away(void *stream)
{
    close_end(*(struct gyre_stream **)stream);
}

/* A line is answered with itself; who says nothing is not waited for long. */
static intptr_t answer(void *stream)
{
    char line[16];
    ssize_t n =
        gyre_read_until(stream, '\n', line, sizeof line, gyre_in(50 * MS));

    if (n > 0)
        n = gyre_write(stream, line, (size_t)n, SOON);
    close_end(stream);
    return 0;
}

static intptr_t serve(void *arg)
{
    struct gyre_stream *stream;
    struct gyre_scope s;
    int err;

    (void)arg;
    gyre_scope_open_tolerant(&s, GYRE_FOREVER);
    while ((err = gyre_queue_take(&shop.door, &stream, SOON)) == 0) {
        if (gyre_spawn(&s, NULL, answer, stream) != 0)
            close_end(stream);
    }
    shop.shut |= err == -ECANCELED;
    gyre_queue_close_now(&shop.door, turn_away);
    (void)gyre_scope_close(&s, 0);
    return 0;
}

static int knock(struct gyre_stream **out)
{
    struct gyre_stream *ends[2];
    int err = join(ends);

    if (err)
        return err;
    shop.open += 2;
    err = gyre_queue_put(&shop.door, &ends[1], SOON);
    if (err) {
        close_end(ends[0]);
        close_end(ends[1]);
    }
    *out = ends[0];
    return err;
}

/* The last says nothing, and is hung up on. */
static intptr_t ask(void *number)
{
    char line[] = "0 is here\n", back[sizeof line] = "";
    bool silent = (intptr_t)number == CLIENTS - 1;
    size_t n = silent ? 0 : strlen(line);
    struct gyre_stream *s;
    int err = knock(&s);

    if (err)
        return 0;
    line[0] = (char)('0' + (intptr_t)number);
    if (n > 0)
        err = gyre_write(s, line, n, SOON);
    if (err == 0)
        err = (int)gyre_read_until(s, '\n', back, sizeof back, SOON);
    shop.answered += err == (int)n;
    shop.wrong += err > 0 && strcmp(line, back) != 0;
    close_end(s);
    return 0;
}

static intptr_t trade(void *arg)
{
    struct gyre_future clients[CLIENTS];
    struct gyre_scope s;

    (void)arg;
    memset(&shop, 0, sizeof shop);
    shop.door.items = (struct gyre_items){
        .room = shop.room, .size = sizeof shop.room[0], .capacity = 2};
    gyre_scope_open_tolerant(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, serve, NULL);
    for (intptr_t i = 0; i < CLIENTS; i++)
        gyre_spawn(&s, &clients[i], ask, (void *)i);
    for (int i = 0; i < CLIENTS; i++)
        shop.shut |= gyre_await(&clients[i], GYRE_FOREVER) != 0;
    gyre_queue_close(&shop.door);
    return gyre_scope_close(&s, 0);
}

static int all_is_closed(void *arg)
{
    (void)arg;
    return shop.open != 0 || shop.wrong > 0 ? -EILSEQ : 0;
}

static intptr_t trade_and_count(void *arg)
{
    intptr_t result = trade(arg);

    if (gyre_is_error(result) || shop.answered < CLIENTS)
        return -EIO;
    return all_is_closed(arg);
}

Test(trials, each_client_of_a_server_has_his_answer_in_any_order)
{
    for (int i = 0; i < WEATHERS; i++) {
        struct gyre_exploration e = {.runs = 200};

        weather = &weathers[i];
        cr_expect_eq(gyre_explore(&e, trade_and_count, NULL), 0);
    }
}

Test(trials, a_server_that_is_cancelled_anywhere_closes_what_it_has)
{
    for (int i = 0; i < WEATHERS; i++) {
        struct gyre_injection j = {.check = all_is_closed};

        weather = &weathers[i];
        cr_expect_eq(gyre_inject(&j, trade, NULL), 0);
        cr_expect_gt(j.points, 30);
    }
}

/* But for the one who was cancelled, or whose answer was. */
static int others_are_answered(void *arg)
{
    if (!shop.shut && shop.answered < CLIENTS - 1)
        return -EIO;
    return all_is_closed(arg);
}

Test(trials, who_is_cancelled_anywhere_takes_no_other_client_along)
{
    for (int i = 0; i < WEATHERS; i++) {
        struct gyre_injection j = {.check = others_are_answered,
                                   .only_task = true};

        weather = &weathers[i];
        cr_expect_eq(gyre_inject(&j, trade, NULL), 0);
        cr_expect_gt(j.points, 30);
    }
}
