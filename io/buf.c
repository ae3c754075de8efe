/*
 * buf.c - a growable run of bytes.
 *
 * Invariants:
 *   - block <= at, and at + length <= block + size; all NULL and 0 if no block;
 *   - an empty buf's `at` is its block, so that a reader which keeps up with
 *     its writer never moves a byte.
 */
#include "io/buf.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "loop/allocator.h"

enum { FIRST_BLOCK = 256 };

/* Bytes let go of at the front, free to be used again. */
static size_t slack(const struct gyre_buf *b)
{
    return b->block != NULL ? (size_t)(b->at - b->block) : 0;
}

/*
 * Move what is held to the start of the block, if what was let go of is at
 * least as long: then a byte is moved once for every byte let go of, at most,
 * also when a long buf is taken from byte by byte.
 */
static void slide(struct gyre_buf *b)
{
    if (slack(b) == 0 || slack(b) < b->length)
        return;
    memmove(b->block, b->at, b->length);
    b->at = b->block;
}

/* A block of at least `need` bytes, doubled so that growing is O(1) a byte. */
static int enlarge(struct gyre_buf *b, size_t need)
{
    size_t skip = slack(b);
    size_t size = b->size > 0 ? b->size : FIRST_BLOCK;
    char *block;

    while (size < need)
        size = size > SIZE_MAX / 2 ? need : 2 * size;
    block = gyre_resize(b->allocator, b->block, b->size, size);
    if (block == NULL)
        return -ENOMEM;
    b->block = block;
    b->at = block + skip;
    b->size = size;
    return 0;
}

char *gyre_buf_make_room(struct gyre_buf *b, size_t n)
{
    size_t used;

    slide(b);
    used = slack(b) + b->length;
    if (n > SIZE_MAX - used)
        return NULL;
    if ((b->block == NULL || n > b->size - used) && enlarge(b, used + n) < 0)
        return NULL;
    return b->at + b->length;
}

int gyre_buf_append(struct gyre_buf *b, const void *bytes, size_t n)
{
    char *end;

    if (n == 0)
        return 0;
    end = gyre_buf_reserve(b, n);
    if (end == NULL)
        return -ENOMEM;
    memcpy(end, bytes, n);
    b->length += n;
    return 0;
}

int gyre_buf_append_string(struct gyre_buf *b, const char *string)
{
    return gyre_buf_append(b, string, strlen(string));
}

void gyre_buf_free(struct gyre_buf *b)
{
    if (b->block != NULL)
        gyre_resize(b->allocator, b->block, b->size, 0);
    b->block = b->at = NULL;
    b->size = b->length = 0;
}
