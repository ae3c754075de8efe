/*
 * vectors.h - messages and what is to come of them, from text files.
 *
 *     == what the vector shows
 *     GET / HTTP/1.1\r\n
 *     Host: a\r\n
 *     \r\n
 *     => a line that the outcome has
 *     => another one
 *
 * The lines of a message are joined as they stand; \r, \n, \t, \0, \\ and \xNN
 * are bytes, and \*N{text} is the text N times.  Lines outside a vector that
 * begin with '#' are comments.
 */
#ifndef TESTS_IO_HTTP_VECTORS_H
#define TESTS_IO_HTTP_VECTORS_H

#include <stdarg.h>
#include <stddef.h>

#include "io/buf.h"

enum { EXPECTATIONS_MAX = 16 };

struct vector {
    char *name;
    struct gyre_buf message;
    char *expected[EXPECTATIONS_MAX];
    size_t expected_count;
};

struct vectors {
    struct vector *all;
    size_t n;
};

/* Read tests/io/http/vectors/`file`; fails the test if it cannot be read. */
struct vectors vectors_read(const char *file);

/* The same with the messages alone, a line each up to a " => ", from the file
   at `path`. */
struct vectors vectors_read_lines(const char *path);

void vectors_free(struct vectors *v);

/*
 * Reads one message that arrives in the pieces whose ends are `ends`, the last
 * of which is the message's, and writes what came of it to `outcome`, a line
 * for each thing there is to say.
 */
typedef void vectors_reader(const struct gyre_buf *message, const size_t *ends,
                            size_t n, struct gyre_buf *outcome);

/*
 * Let `read` have each message whole, byte by byte, and in two pieces divided
 * at every place (at some, if it is long).  The outcome must always be the
 * same, its first line the first expected, and every line expected one of its.
 */
void vectors_run(const char *file, vectors_reader *read);

/* Change bytes of the messages at random, from a fixed seed, and let `read`
   have each whole, byte by byte, and in random pieces; the outcome must be the
   same. */
void vectors_mutate(const char *file, vectors_reader *read, int rounds);

/* Append to an outcome, as vprintf. */
void vectors_print(struct gyre_buf *outcome, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

/* Append a line to it, as printf. */
void vectors_say(struct gyre_buf *outcome, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Append the bytes that a line's text from `at` to `end` stands for. */
void vectors_unescape(struct gyre_buf *to, const char *at, const char *end);

#endif
