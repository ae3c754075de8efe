/*
 * json.h - writes JSON (RFC 8259), a value at a time.
 *
 *     gyre_json_init(&json, &out);
 *     gyre_json_open(&json, '{');
 *     gyre_json_string(&json, "name", "x");
 *     gyre_json_key(&json, "sizes");
 *     gyre_json_open(&json, '[');
 *     gyre_json_number(&json, NULL, 7);
 *     gyre_json_close(&json);
 *     err = gyre_json_close(&json);
 *
 * Calls need not be checked one by one: the first error is kept, nothing more
 * is written after it, and every close returns it.  What is complete is
 * well-formed; keys that are given twice are the caller's to avoid.
 */
#ifndef GYRE_IO_HTTP_JSON_H
#define GYRE_IO_HTTP_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "io/buf.h"
#include "io/http/span.h"

enum {
    GYRE_JSON_DEPTH = 64 /* objects and arrays inside one another, at most */
};

/* A value being written.  Embedded; holds nothing that must be freed. */
struct gyre_json {
    int err; /* the first error, or 0 */

    /* private */
    struct gyre_buf *out;
    unsigned depth;   /* objects and arrays open */
    uint64_t objects; /* a bit for each open one: whether it is an object */
    bool comma;       /* a value stands before the next one */
    bool keyed;       /* a key was written, its value was not */
    bool complete;    /* the whole of it has been written */
};

#pragma GCC visibility push(default)

/* Write to `out`, behind what it holds; it stays the caller's. */
void gyre_json_init(struct gyre_json *j, struct gyre_buf *out);

/*
 * Everything below writes one value, and returns 0 or the first error so far:
 * -EINVAL if no value may stand there; -ENOMEM.  In an object a value has a
 * key, given with it or just before by gyre_json_key; elsewhere `key` is NULL.
 * Strings are UTF-8; bytes that are not come out as U+FFFD.
 */

/* Begin an object ('{') or an array ('[').  -EMSGSIZE past GYRE_JSON_DEPTH. */
int gyre_json_open(struct gyre_json *j, char bracket);

/* End the innermost object or array. */
int gyre_json_close(struct gyre_json *j);

/* The key of the value that comes next. */
int gyre_json_key(struct gyre_json *j, const char *key);

/* A string; NULL is null. */
int gyre_json_string(struct gyre_json *j, const char *key, const char *value);

/* A string of bytes that may hold a NUL; an absent span is null. */
int gyre_json_span(struct gyre_json *j, const char *key,
                   struct gyre_span value);

int gyre_json_number(struct gyre_json *j, const char *key, int64_t value);

/* The shortest number that reads back as the same.  -EDOM for an infinity or
   what is not a number, which JSON cannot say. */
int gyre_json_double(struct gyre_json *j, const char *key, double value);

int gyre_json_bool(struct gyre_json *j, const char *key, bool value);

int gyre_json_null(struct gyre_json *j, const char *key);

/* 0 if one whole value has been written; -EINVAL if it is not complete; or the
   first error. */
int gyre_json_finish(const struct gyre_json *j);

#pragma GCC visibility pop

#endif
