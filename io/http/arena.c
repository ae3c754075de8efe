/*
 * arena.c - small things that live as long as a request.
 */
#include "io/http/arena.h"

#include <string.h>

#include "loop/allocator.h"

struct gyre_arena_block {
    struct gyre_arena_block *next;
    size_t size; /* of the whole block */
    alignas(max_align_t) char bytes[];
};

char *gyre_arena_take(struct gyre_arena *a, size_t n)
{
    struct gyre_arena_block *b;
    size_t size = sizeof *b + n;

    if (n <= sizeof a->first - a->used) {
        a->used += n;
        return a->first + a->used - n;
    }
    if (size < n)
        return NULL;
    b = gyre_resize(a->allocator, NULL, 0, size);
    if (b == NULL)
        return NULL;
    b->size = size;
    b->next = a->blocks;
    a->blocks = b;
    return b->bytes;
}

void *gyre_arena_object(struct gyre_arena *a, size_t n)
{
    size_t most = alignof(max_align_t);
    size_t used = (a->used + most - 1) / most * most;
    void *object;

    a->used = used < sizeof a->first ? used : sizeof a->first;
    object = gyre_arena_take(a, n);
    return object != NULL ? memset(object, 0, n) : NULL;
}

void gyre_arena_empty(struct gyre_arena *a)
{
    while (a->blocks != NULL) {
        struct gyre_arena_block *b = a->blocks;

        a->blocks = b->next;
        gyre_resize(a->allocator, b, b->size, 0);
    }
    a->used = 0;
}
