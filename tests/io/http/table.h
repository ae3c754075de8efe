/*
 * table.h - texts and what is to come of them, a line for each, from files.
 *
 *     # a comment
 *     a=1&b => a:1 b
 *
 * Before " => " is a text, behind it the outcome.  Escapes of the text are
 * those of vectors.h; the outcome is compared as it stands.
 */
#ifndef TESTS_IO_HTTP_TABLE_H
#define TESTS_IO_HTTP_TABLE_H

#include "io/buf.h"
#include "io/http/span.h"

/* Writes to `outcome` what comes of `text`. */
typedef void table_reader(struct gyre_span text, struct gyre_buf *outcome);

/* Compare what `read` makes of each text of tests/io/http/vectors/`file`. */
void table_run(const char *file, table_reader *read);

/* Change bytes of the texts at random, from a fixed seed, and let `read` have
   each: in a block of its own, so that a sanitizer sees who reads on. */
void table_mutate(const char *file, table_reader *read, int rounds);

/* Append to an outcome, as printf. */
void table_say(struct gyre_buf *outcome, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
