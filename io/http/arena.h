/*
 * arena.h - small things that live as long as a request.
 *
 * Private to io/http/.
 */
#ifndef GYRE_IO_HTTP_ARENA_H
#define GYRE_IO_HTTP_ARENA_H

#include <stdalign.h>
#include <stddef.h>

struct gyre_allocator;
struct gyre_arena_block;

enum {
    GYRE_ARENA_FIRST = 512 /* bytes that cost no allocation */
};

/* A zeroed one is empty; set `allocator` first, or leave it NULL for libc's. */
struct gyre_arena {
    struct gyre_allocator *allocator;
    struct gyre_arena_block *blocks; /* of the rest, newest first */
    size_t used;                     /* bytes of `first` */
    alignas(max_align_t) char first[GYRE_ARENA_FIRST];
};

/* `n` bytes, not aligned, good until the arena is emptied; NULL if there is no
   memory. */
char *gyre_arena_take(struct gyre_arena *a, size_t n);

/* The same for an object, aligned and zeroed. */
void *gyre_arena_object(struct gyre_arena *a, size_t n);

/* Give back everything taken. */
void gyre_arena_empty(struct gyre_arena *a);

#endif
