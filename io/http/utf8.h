/*
 * utf8.h - is it UTF-8, as it comes?
 *
 * Private to io/http/.  A character may be divided anywhere, and what cannot
 * become one is found out at the first byte that shows it.
 */
#ifndef GYRE_IO_HTTP_UTF8_H
#define GYRE_IO_HTTP_UTF8_H

#include <stdbool.h>
#include <stddef.h>

#include "io/http/span.h"

/* A zeroed one is between two characters. */
struct gyre_utf8 {
    unsigned char left;      /* bytes that the character lacks */
    unsigned char low, high; /* what the next of them may be */
};

/* Take `n` bytes more: false if there is no going on from them. */
bool gyre_utf8_take(struct gyre_utf8 *u, const void *bytes, size_t n);

/* Does it end between two characters? */
static inline bool gyre_utf8_is_complete(const struct gyre_utf8 *u)
{
    return u->left == 0;
}

/* The length of the character that `s`, which is not empty, begins with; 0 if
   it begins with none. */
size_t gyre_utf8_length(struct gyre_span s);

#endif
