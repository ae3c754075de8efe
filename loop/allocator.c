/*
 * allocator.c - an allocator, or libc's where none was given.
 */
#include "loop/allocator.h"

#include <stdlib.h>

void *gyre_resize(struct gyre_allocator *a, void *p, size_t old, size_t size)
{
    if (p == NULL && size == 0)
        return NULL;
    if (a != NULL)
        return a->resize(a, p, old, size);
    if (size > 0)
        return realloc(p, size);
    free(p);
    return NULL;
}
