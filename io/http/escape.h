/*
 * escape.h - %XX and what is written with it: queries, and names of files.
 *
 * Escapes are undone exactly once, and last: whoever divides a path at its
 * slashes or a query at its ampersands does so while it is still escaped.
 */
#ifndef GYRE_IO_HTTP_ESCAPE_H
#define GYRE_IO_HTTP_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "io/buf.h"
#include "io/http/span.h"

#pragma GCC visibility push(default)

/*
 * Write to `out` what `text` stands for once its escapes are undone, and a NUL,
 * and return the length; `out` has room for text.length + 1, and may be
 * text.at.  In a form ('form') a plus is a space.  -EINVAL for a broken escape
 * and for %00, which would end the string early.
 */
ssize_t gyre_url_unescape(char *out, struct gyre_span text, bool form);

/* Whether `text`, its escapes undone, is the string `plain`.  A broken escape
   equals nothing. */
bool gyre_url_unescapes_to(struct gyre_span text, struct gyre_span plain,
                           bool form);

/*
 * Append `text` with everything escaped but letters, digits, "-._~" and the
 * characters of `keep`.  -ENOMEM.
 */
int gyre_url_escape(struct gyre_buf *out, struct gyre_span text,
                    const char *keep);

/*
 * Take the next pair off the front of `query`; both halves are still escaped.
 * The value is absent if there is no '='.  Empty pairs are passed over.  False
 * at the end.
 */
bool gyre_url_next_pair(struct gyre_span *query, struct gyre_span *name,
                        struct gyre_span *value);

/*
 * The value, still escaped, of the first pair of `query` called `name`; empty
 * if it has no '='; absent if there is no such pair.  O(length of query).
 */
struct gyre_span gyre_url_find_pair(struct gyre_span query, const char *name);

/*
 * Write to `out` the name, relative to some directory, of the file that the
 * path `path` of a URL means, and a NUL, and return the length.  A leading '/'
 * is dropped; `out` has room for path.length + 1.  Escapes are undone once.
 * -EINVAL if the result has an empty, "." or ".." segment (but for one '/' at
 * the end), a backslash, a control byte, or a '/' that was escaped.
 */
ssize_t gyre_url_file_name(char *out, struct gyre_span path);

#pragma GCC visibility pop

#endif
