/*
 * faults.h - memory and descriptors that run out, and the books of both.
 *
 * The test binaries are linked so that every malloc, calloc, realloc and free
 * of their own objects, the library's among them, comes through here.
 */
#ifndef TESTS_SUPPORT_FAULTS_H
#define TESTS_SUPPORT_FAULTS_H

#include <stdbool.h>
#include <stddef.h>

#include "loop/allocator.h"

/* Blocks that were allocated here and not freed yet. */
long faults_blocks(void);

/* How often memory was asked for, a block made larger or smaller included; what
   a ledger gives out is asked for here, too. */
long faults_asked(void);

/* Descriptors that are open, among the first thousand. */
int faults_descriptors(void);

/*
 * Run `scenario` with its first allocation failing, then with the second, and
 * so on until it gets through.  Each time it must clean up behind itself and
 * return -ENOMEM, or 0 if it can do without; no block and no descriptor may
 * stay.  Returns how many allocations it makes, or -1 after saying what went
 * wrong.
 */
int faults_in_memory(int (*scenario)(void));

/* The same with descriptors running out, and -EMFILE. */
int faults_in_descriptors(int (*scenario)(void));

/* Let nothing be mapped into memory any more, a stack say; or let it again. */
void faults_in_mapping(bool failing);

/* An allocator that keeps books; zero all but `base`: FAULTS_LEDGER. */
struct ledger {
    struct gyre_allocator base;
    size_t blocks; /* given out and not given back */
    size_t bytes;
    size_t calls; /* resizes asked for */
    bool wrong;   /* a size did not agree with the books */
};

void *faults_resize(struct gyre_allocator *a, void *p, size_t old, size_t size);

#define FAULTS_LEDGER                                                          \
    {                                                                          \
        .resize = faults_resize                                                \
    }

#endif
