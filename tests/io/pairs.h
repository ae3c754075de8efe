/*
 * pairs.h - two streams joined to each other, of every kind there is.
 *
 * What stream.h claims is held over each kind in turn: over memory in a
 * simulated world; over TCP, local sockets, one that is shared, and two pipes
 * in a real run.  In a claim a deadline of SOON is long past what any of them
 * needs, and never slept out.
 */
#ifndef TESTS_IO_PAIRS_H
#define TESTS_IO_PAIRS_H

#include <criterion/criterion.h>

#include <stdbool.h>
#include <stddef.h>

#include "io/stream.h"
#include "task/task.h"

#define SOON gyre_in(20 * GYRE_SECOND)

/* A claim that is held in the main task of a run for each kind; as
   CLAIM_ON_LOOPBACK. */
#define CLAIM_OF_STREAMS(suite, name, ...)                                     \
    static void name(void);                                                    \
    Test(suite, name, ##__VA_ARGS__)                                           \
    {                                                                          \
        hold_over_each_kind(name);                                             \
    }                                                                          \
    static void name(void)

void hold_over_each_kind(void (*claim)(void));

/* A pair of the kind at hand; closed by the claim. */
extern struct gyre_stream *ours, *theirs;

/* Make it: `capacity` is what memory holds, 0 for plenty; other kinds then hold
   plenty as well, or as little as they can. */
void open_pair(size_t capacity);
void close_pair(void);

/* Close one end, and have it be nobody's. */
void close_ours(void);
void close_theirs(void);

/* Write `text` to `theirs`. */
void say(const char *text);

/* What `ours` has still to read is just `text`. */
#define expect_left(text)                                                      \
    do {                                                                       \
        char left[64] = "";                                                    \
        cr_expect_eq(gyre_read_exact(ours, left, strlen(text), SOON), 0);      \
        cr_expect_str_eq(left, text);                                          \
        cr_expect_eq(gyre_read(ours, left, 1, GYRE_NOW), -ETIMEDOUT);          \
    } while (0)

/* Write to `ours` until it takes no more, and how many bytes it took; read as
   many, or all there are, from `theirs`. */
size_t fill(void);
void drain(size_t n);
void drain_all(void);

/* More than any pair that was made with a small capacity can hold. */
enum { LARGE = 1 << 18 };

/* A file of `n` bytes that has no name: byte i is i % 251. */
int make_file(size_t n);

/*
 * Call `cause`, again and again, until a task is woken by it; and then, before
 * that task runs, `then`.  All from a callback, so without waiting; the caller
 * returns at once, and parks.
 */
void upon_waking(void (*cause)(void), void (*then)(void));

#endif
