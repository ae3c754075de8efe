/*
 * internal.h - what the files of io/http/json/ share, and nobody else.
 */
#ifndef GYRE_IO_HTTP_JSON_INTERNAL_H
#define GYRE_IO_HTTP_JSON_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

#include "io/http/span.h"

/*
 * A value, or a key, which stands before the value it names.  All of a text are
 * an array in the order in which they begin, so that what is in an array or an
 * object stands right behind it.
 */
struct gyre_json_value {
    const char *at;    /* a string, with a NUL, or a number as written */
    uint32_t length;   /* of it; elements or members; or a bool */
    unsigned kind : 3; /* enum gyre_json_kind, or GYRE_JSON_KEY */
    unsigned all : 29; /* nodes to the next beside it, 1 and those in it */
};

enum { GYRE_JSON_KEY = 7 };

/*
 * Undo the escape at `*at`, which then is its end, or where it breaks off:
 * write what it stands for to `to`, which is no further than `*at`, and return
 * the end of that; NULL if it is no escape, or one of half a character.
 */
char *gyre_json_unescape(char **at, char *to);

/* The double nearest to `number`, which is as JSON has them; -ERANGE. */
int gyre_json_decimal(struct gyre_span number, double *out);

#endif
