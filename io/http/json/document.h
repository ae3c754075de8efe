/*
 * document.h - reads JSON (RFC 8259): a whole text, checked and taken apart at
 * once, in which values are then found.
 *
 *     err = gyre_json_parse(&d, text, &root);
 *     if (err == 0)
 *         err = gyre_json_as_int(gyre_json_get(root, "port"), &port);
 *     name = gyre_json_as_string(gyre_json_get(root, "name"));
 *     sizes = gyre_json_get(root, "sizes");
 *     for (v = gyre_json_next(sizes, NULL); v; v = gyre_json_next(sizes, v))
 *         ...
 *     gyre_json_free(&d);
 *
 * Every call takes NULL for a value that is not there, so that one look at the
 * end of a chain does for all of it.
 *
 * As strict as the grammar: UTF-8 alone, and no byte order mark; no escape of
 * half a character; no comma too many; nothing behind the value.  Numbers stay
 * as they were written until somebody asks for one.  Of a key that an object
 * has twice the last counts, as with JavaScript and Python; who walks through
 * sees both.
 *
 * The document has a copy of the text, and 16 bytes for each value and key in
 * it, at most doubled, as bufs are; the text is of no more use afterwards.
 * Parsing is O(length), and of no depth.
 */
#ifndef GYRE_IO_HTTP_JSON_DOCUMENT_H
#define GYRE_IO_HTTP_JSON_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "io/buf.h"
#include "io/http/json/json.h"
#include "io/http/span.h"

enum {
    GYRE_JSON_TEXT_MAX = (1 << 28) - 1 /* bytes of a text, at most */
};

enum gyre_json_kind {
    GYRE_JSON_ABSENT, /* there is no such value */
    GYRE_JSON_NULL,
    GYRE_JSON_BOOL,
    GYRE_JSON_NUMBER,
    GYRE_JSON_STRING,
    GYRE_JSON_ARRAY,
    GYRE_JSON_OBJECT
};

/* A value of a document, good until that is freed or parsed into anew. */
struct gyre_json_value;

/* A text taken apart.  Embedded; a zeroed one is empty and takes its memory
   from libc; set `allocator` in both bufs for another. */
struct gyre_json_document {
    const char *why;  /* it cannot be read, a constant string; or NULL */
    size_t failed_at; /* how many bytes could be */

    /* private */
    struct gyre_buf text;  /* in which strings are, unescaped, with a NUL */
    struct gyre_buf nodes; /* all values, in their order */
};

#pragma GCC visibility push(default)

/*
 * Read `text` into `d`, in place of what it held; `root` is the value.  -EPROTO
 * if it is not JSON; -EMSGSIZE if it is longer than GYRE_JSON_TEXT_MAX or
 * deeper than GYRE_JSON_DEPTH; -ENOMEM.  After an error there is no value, and
 * `root` is NULL.
 */
int gyre_json_parse(struct gyre_json_document *d, struct gyre_span text,
                    const struct gyre_json_value **root);

/* Give the memory back; the document may be used again. */
void gyre_json_free(struct gyre_json_document *d);

/* ---- finding values ---- */

enum gyre_json_kind gyre_json_kind(const struct gyre_json_value *v);

/* The member `key` of an object, the last of that name; NULL if it has none, or
   is no object.  O(members). */
const struct gyre_json_value *gyre_json_get(const struct gyre_json_value *v,
                                            const char *key);

/* Element `i` of an array, or member of an object, from 0; NULL if there are
   not so many.  O(i). */
const struct gyre_json_value *gyre_json_at(const struct gyre_json_value *v,
                                           size_t i);

/* How many elements or members it has; 0 if it is neither array nor object. */
size_t gyre_json_count(const struct gyre_json_value *v);

/* The element, or the value of the member, of `v` behind `last`, or the first
   if that is NULL; NULL at the end. */
const struct gyre_json_value *
gyre_json_next(const struct gyre_json_value *v,
               const struct gyre_json_value *last);

/* The key of a value that is a member of an object; absent otherwise.  A NUL
   stands behind it. */
struct gyre_span gyre_json_name(const struct gyre_json_value *v);

/* ---- what they are ---- */

/* These return 0; -ENOENT if there is no value; -EINVAL if it is of another
   kind; and then leave `out` alone. */

/* A number without fraction or exponent.  -ERANGE for one that has either, or
   does not fit. */
int gyre_json_as_int(const struct gyre_json_value *v, int64_t *out);

/* The double that is nearest.  -ERANGE if it is too large to be one; what is
   too small is 0. */
int gyre_json_as_double(const struct gyre_json_value *v, double *out);

int gyre_json_as_bool(const struct gyre_json_value *v, bool *out);

/* The string; NULL if it is none, or would end early, at a NUL of its own. */
const char *gyre_json_as_string(const struct gyre_json_value *v);

/* The bytes of the string, NULs and all; or of a number, as it was written;
   absent if it is neither. */
struct gyre_span gyre_json_as_span(const struct gyre_json_value *v);

#pragma GCC visibility pop

#endif
