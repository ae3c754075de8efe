/*
 * fields.h - header fields: those that came, and those that will be sent.
 *
 * What came is an array of spans that a head was read into, in the order of
 * arrival.  What will be sent is a block of text, checked as it is written:
 * nothing in it can end a line early, and nothing frames a message, which is
 * for compose.h alone to say.
 */
#ifndef GYRE_IO_HTTP_FIELDS_H
#define GYRE_IO_HTTP_FIELDS_H

#include <stddef.h>

#include "io/buf.h"
#include "io/http/span.h"

/* A field that came.  The value has no blanks at its ends, and may be empty. */
struct gyre_http_field {
    struct gyre_span name;
    struct gyre_span value;
};

/* Fields to send.  Embedded; a zeroed one is empty. */
struct gyre_http_fields {
    struct gyre_buf text; /* set text.allocator first, or leave it NULL */

    /* private */
    size_t kept; /* bytes of it that stay when the rest is undone */
};

enum {
    GYRE_HTTP_FIELDS_MAX = 16384 /* bytes of fields in one message to send */
};

#pragma GCC visibility push(default)

/*
 * The value of the first of the `n` fields called `name`, in any case; absent
 * if there is none.  To meet the others of that name too, walk the array.
 */
struct gyre_span gyre_http_field_find(const struct gyre_http_field *fields,
                                      size_t n, const char *name);

/*
 * Let `name` have the value `value`, and no other.  Both are copied.  -EINVAL
 * if the name is not a token, or is one this library writes by itself
 * (Content-Length, Transfer-Encoding, Connection, Keep-Alive, Trailer, Upgrade,
 * Host), or the value has control bytes other than tabs; -EMSGSIZE beyond
 * GYRE_HTTP_FIELDS_MAX; -ENOMEM.  After an error nothing has changed.
 */
int gyre_http_fields_set(struct gyre_http_fields *f, const char *name,
                         const char *value);

/* Add a field beside others of its name, as Set-Cookie wants it.  As above. */
int gyre_http_fields_add(struct gyre_http_fields *f, const char *name,
                         const char *value);

/* Send no field called `name`.  Cannot fail. */
void gyre_http_fields_remove(struct gyre_http_fields *f, const char *name);

/* The value `name` will be sent with, good until the fields change; the first
   of several; absent if there is none. */
struct gyre_span gyre_http_fields_get(const struct gyre_http_fields *f,
                                      const char *name);

/* Give the memory back.  Empty again. */
void gyre_http_fields_free(struct gyre_http_fields *f);

#pragma GCC visibility pop

#endif
