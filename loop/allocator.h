/*
 * allocator.h - where the library's memory comes from.
 *
 * Most of Gyre allocates nothing: its structs live in the caller's storage.
 * What a loop, and what is built on it, does allocate comes from the allocator
 * the loop was made with; but pollers and mailboxes, which are made before it
 * or outlive it, threads, and what is given to these, have theirs from libc,
 * and stacks from the system.  The caller of a resize always says how large the
 * block was, so an allocator need not keep sizes.
 */
#ifndef GYRE_LOOP_ALLOCATOR_H
#define GYRE_LOOP_ALLOCATOR_H

#include <stddef.h>

/*
 * An allocator: set `resize` and embed the struct in whatever context it needs,
 * to be found again with GYRE_OWNER.  It outlives all that was made with it,
 * and is called on the loop's thread alone.
 */
struct gyre_allocator {
    /*
     * Make the block `p` of `old` bytes one of `size`, keeping what fits in
     * both, and return it; `p` is NULL, and `old` 0, for a new block.  NULL
     * when there is no memory, and `p` is then untouched.  A `size` of 0 frees
     * `p`, which is then not NULL, returns NULL, and cannot fail.  Blocks are
     * aligned as malloc's.
     */
    void *(*resize)(struct gyre_allocator *a, void *p, size_t old, size_t size);
};

#pragma GCC visibility push(default)

/* Call the allocator `a`; NULL stands for libc's realloc and free.  To free
   NULL is to do nothing. */
void *gyre_resize(struct gyre_allocator *a, void *p, size_t old, size_t size);

#pragma GCC visibility pop

#endif
