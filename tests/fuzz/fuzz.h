/*
 * fuzz.h - what holds of a parser whatever bytes it is given.
 *
 * A target is run by libFuzzer (`make fuzz`), which looks for bytes of which
 * what it asserts does not hold, and by test_replay.c on the vectors and on
 * what libFuzzer has found before.  Each asserts that the answer is the same
 * however the bytes were divided, and what else there is to say of it.
 *
 * Bytes are given to parsers in blocks of exactly their size, so that a
 * sanitizer hears of a step beyond.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "io/buf.h"
#include "io/http/span.h"

struct fuzz_target {
    const char *name; /* tests/fuzz/corpus/NAME.txt has what was found */
    void (*run)(const char *data, size_t n);
    const char *vectors; /* a file of tests/io/http/vectors/, or NULL */
    const char *table;   /* another, as tests/io/http/table.h says, or NULL */
};

/* All of them; the last has no name. */
extern const struct fuzz_target fuzz_targets[];

/* The one called `name`, or NULL. */
const struct fuzz_target *fuzz_find(const char *name);

/* What a target asserts: more than an assert(), as it counts with NDEBUG. */
#define always(condition)                                                      \
    ((condition) ? (void)0 : fuzz_fail(#condition, __FILE__, __LINE__))

_Noreturn void fuzz_fail(const char *condition, const char *file, int line);

/* How bytes are divided on their way; drawn from the bytes themselves. */
struct fuzz_cuts {
    uint32_t state;
    size_t most; /* bytes of a piece */
};

enum { FUZZ_WAYS = 3 };

/* The `way`th way to divide `data`: 0 is whole, 1 byte by byte (in a few
   pieces, if they are many), 2 in pieces at random. */
struct fuzz_cuts fuzz_cuts(const char *data, size_t n, int way);

/* Where the piece ends that begins at `at`. */
size_t fuzz_cut(struct fuzz_cuts *c, size_t at, size_t n);

/* A number that the bytes decide on. */
uint32_t fuzz_number(const char *data, size_t n);

/* The `n` bytes at `at` in a block of their own. */
char *fuzz_copy(const char *at, size_t n);

/* As a string; of bytes without a NUL. */
char *fuzz_string(struct gyre_span s);

/* Whether `s` lies within the `n` bytes at `data`; or is absent. */
bool fuzz_within(struct gyre_span s, const char *data, size_t n);

#endif
