/*
 * span.h - some bytes of somebody else's.
 *
 * What the parsers of this floor find they point at, in the caller's buffer:
 * nothing is copied, nothing ends in a NUL, and a span is good for as long as
 * the bytes stay where they are.  An absent thing is a span with a NULL `at`; a
 * present but empty one has a length of 0 alone.
 */
#ifndef GYRE_IO_HTTP_SPAN_H
#define GYRE_IO_HTTP_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct gyre_span {
    const char *at;
    size_t length;
};

/* The bytes of `string`, without its NUL; NULL makes an absent span. */
static inline struct gyre_span gyre_span_of(const char *string)
{
    struct gyre_span s = {string, string != NULL ? strlen(string) : 0};

    return s;
}

/* The `n` bytes at `at`. */
static inline struct gyre_span gyre_span_from(const char *at, size_t n)
{
    struct gyre_span s = {at, n};

    return s;
}

/* The same bytes. */
static inline bool gyre_span_equals(struct gyre_span s, struct gyre_span t)
{
    return s.length == t.length &&
           (s.length == 0 || memcmp(s.at, t.at, s.length) == 0);
}

/* Without the spaces and tabs at either end. */
static inline struct gyre_span gyre_span_trim(struct gyre_span s)
{
    while (s.length > 0 && (s.at[0] == ' ' || s.at[0] == '\t')) {
        s.at++;
        s.length--;
    }
    while (s.length > 0 &&
           (s.at[s.length - 1] == ' ' || s.at[s.length - 1] == '\t'))
        s.length--;
    return s;
}

#pragma GCC visibility push(default)

/* The same bytes but for the case of ASCII letters, in any locale. */
bool gyre_span_equals_nocase(struct gyre_span s, struct gyre_span t);

/*
 * Whether `list`, elements between commas and blanks as in a header field,
 * has the element `token`, in any case.
 */
bool gyre_span_lists(struct gyre_span list, const char *token);

/*
 * Take the next element off the front of `list`, without the blanks around it,
 * and pass over empty ones.  False at the end.  A comma in a quoted string
 * divides like any other.
 */
bool gyre_span_next(struct gyre_span *list, struct gyre_span *element);

#pragma GCC visibility pop

#endif
