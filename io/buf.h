/*
 * buf.h - a growable run of bytes, filled at its end and emptied at its front.
 *
 * It is what a stream reads into and what a reply is written into.  The struct
 * is embedded and owns its block; a zeroed one is empty and takes its memory
 * from libc, one with `allocator` set takes it there.  It does no I/O.
 */
#ifndef GYRE_IO_BUF_H
#define GYRE_IO_BUF_H

#include <assert.h>
#include <stddef.h>

struct gyre_allocator;

/* Read `at` and `length` freely; whatever changes the buf may move `at`. */
struct gyre_buf {
    struct gyre_allocator *allocator; /* set before first use; NULL is libc's */
    char *at;                         /* the first byte held */
    size_t length;                    /* bytes held */

    /* private */
    char *block; /* what `at` points into; NULL if nothing is allocated */
    size_t size; /* bytes of the block */
};

/* Let go of the first `n` bytes, of those held.  Moves none.  Cannot fail. */
static inline void gyre_buf_take(struct gyre_buf *b, size_t n)
{
    assert(n <= b->length);
    b->length -= n;
    b->at = b->length > 0 ? b->at + n : b->block;
}

/* Forget the bytes behind the first `n`, of those held.  Cannot fail. */
static inline void gyre_buf_cut(struct gyre_buf *b, size_t n)
{
    assert(n <= b->length);
    b->length = n;
    if (n == 0)
        b->at = b->block;
}

#pragma GCC visibility push(default)

/* As gyre_buf_reserve, where there is none yet. */
char *gyre_buf_make_room(struct gyre_buf *b, size_t n);

#pragma GCC visibility pop

/* Bytes of the block behind the last one held. */
static inline size_t gyre_buf_room(const struct gyre_buf *b)
{
    return b->size - (size_t)(b->at - b->block) - b->length;
}

/*
 * Room for `n` bytes more, right behind the last one held, to be filled and
 * then claimed with gyre_buf_grow; NULL if there is no memory, and nothing has
 * changed.  The bytes are the buf's, and good until it next changes.  O(1)
 * amortized over the bytes appended.
 */
static inline char *gyre_buf_reserve(struct gyre_buf *b, size_t n)
{
    if (b->block == NULL || n > gyre_buf_room(b))
        return gyre_buf_make_room(b, n);
    return b->at + b->length;
}

/* Hold `n` bytes more, of those reserved and filled.  Cannot fail. */
static inline void gyre_buf_grow(struct gyre_buf *b, size_t n)
{
    assert(n <= gyre_buf_room(b));
    b->length += n;
}

#pragma GCC visibility push(default)

/* Copy `n` bytes behind the last one held.  They may not be the buf's own.
   -ENOMEM, and nothing has changed. */
int gyre_buf_append(struct gyre_buf *b, const void *bytes, size_t n);

/* Append a string, without its NUL.  -ENOMEM. */
int gyre_buf_append_string(struct gyre_buf *b, const char *string);

/* Give the block back; the buf is empty and may be used again. */
void gyre_buf_free(struct gyre_buf *b);

#pragma GCC visibility pop

#endif
