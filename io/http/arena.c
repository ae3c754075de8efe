/*
 * arena.c - small strings that live as long as a request.
 */
#include "io/http/arena.h"

#include "loop/allocator.h"

struct gyre_arena_block {
    struct gyre_arena_block *next;
    size_t size; /* of the whole block */
    char bytes[];
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

void gyre_arena_empty(struct gyre_arena *a)
{
    while (a->blocks != NULL) {
        struct gyre_arena_block *b = a->blocks;

        a->blocks = b->next;
        gyre_resize(a->allocator, b, b->size, 0);
    }
    a->used = 0;
}
