/*
 * books.h - what a process of the soak has: descriptors and memory.
 */
#ifndef TESTS_SYSTEM_SOAK_BOOKS_H
#define TESTS_SYSTEM_SOAK_BOOKS_H

#include <stddef.h>

#include "loop/allocator.h"

/* Opened first of all. */
struct books {
    struct gyre_allocator allocator; /* of the loop: counts what is out */
    size_t blocks, bytes;            /* out */
    int descriptors;                 /* at the start */
    long resident;                   /* KiB, at the start */
};

/* How many descriptors the process has. */
int books_descriptors(void);

void books_open(struct books *b);

/* Print what there is at the end, and was at the start.  When the loop is
   freed. */
void books_close(const struct books *b);

#endif
