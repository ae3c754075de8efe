/*
 * multipart.h - forms with files (multipart/form-data, RFC 7578; RFC 2046,
 * 5.1).
 *
 * A reader is told the text as it comes, in pieces that may end anywhere, and
 * keeps none of it: what it has not understood yet it wants to be shown again,
 * with more behind it.  That is never more than GYRE_MULTIPART_HEAD bytes.
 *
 *     while ((what = gyre_multipart_next(&m, &text, &data)) > 0) {
 *         if (what == GYRE_MULTIPART_PART)
 *             open(m.name);
 *         else if (what == GYRE_MULTIPART_DATA)
 *             write(data), and take as much off the front of `text`;
 *     }
 *     if (what == 0 && !m.ended)
 *         there must be more text
 *
 * In the body of a request it is read by gyre_http_next_part.
 */
#ifndef GYRE_IO_HTTP_MULTIPART_H
#define GYRE_IO_HTTP_MULTIPART_H

#include <stdbool.h>
#include <stddef.h>

#include "io/buf.h"
#include "io/http/span.h"

enum {
    GYRE_MULTIPART_BOUNDARY = 70, /* bytes of a boundary, at most */
    GYRE_MULTIPART_HEAD = 4096,   /* of what is said about a part */
    GYRE_MULTIPART_PARTS = 1000   /* in a form */
};

/* What comes next in a text. */
enum gyre_multipart_event {
    GYRE_MULTIPART_PART = 1, /* a part begins: see name, filename, type */
    GYRE_MULTIPART_DATA,     /* some of its content */
    GYRE_MULTIPART_PART_END
};

/* Reads a form.  Embedded; holds nothing that must be freed. */
struct gyre_multipart {
    const char *name;     /* of the part; strings are good until the next */
    const char *filename; /* NULL if it is no file; see below */
    const char *type;     /* its Content-Type; "text/plain" if it has none */
    bool ended;           /* the last part has */
    const char *why;      /* it cannot be read, a constant string; or NULL */

    /* private */
    int state;
    int err;         /* if it failed */
    bool fresh;      /* a line begins here, though no CRLF stands before it */
    size_t parts;    /* so far */
    size_t searched; /* bytes of a head, for its end */
    size_t length;   /* of the delimiter */
    char delimiter[GYRE_MULTIPART_BOUNDARY + 5];
    char text[GYRE_MULTIPART_HEAD + 64]; /* the strings above */
};

/* Composes a form.  Embedded; holds nothing that must be freed. */
struct gyre_multipart_form {
    char type[80]; /* its Content-Type */

    /* private */
    bool begun; /* a part stands before the next one */
};

#pragma GCC visibility push(default)

/* ---- reading ---- */

/*
 * Prepare to read a form of the type `content_type`, the value of that field.
 * -ENOTSUP if it is not multipart/form-data; -EPROTO if its boundary is
 * missing, longer than GYRE_MULTIPART_BOUNDARY, or has bytes it may not have.
 */
int gyre_multipart_begin(struct gyre_multipart *m,
                         struct gyre_span content_type);

/*
 * What comes next in `text`, whose front is taken off as far as it was
 * understood: one of the events; 0 if more of it must come, or all has.  Of
 * GYRE_MULTIPART_DATA, `data` is at the front of `text`, and is left there: the
 * caller takes off as much as he has use for.  What is before the first
 * boundary, and behind the last, is passed over.
 *
 * -EPROTO if it is malformed: a boundary with something behind it, a part
 * without a name, a folded line, a Content-Transfer-Encoding; -EMSGSIZE if a
 * part's head is longer than GYRE_MULTIPART_HEAD, or there are more than
 * GYRE_MULTIPART_PARTS.  An error stays.
 *
 * A name of a file is what stands behind the last slash or backslash; "" for
 * "." and "..".  It may still be anything else, and the same for two: it is no
 * name to store a file by.
 */
int gyre_multipart_next(struct gyre_multipart *m, struct gyre_span *text,
                        struct gyre_span *data);

/* ---- composing ---- */

/* Begin to compose a form.  0, or the error of getentropy(3). */
int gyre_multipart_compose(struct gyre_multipart_form *f);

/*
 * Append to `out` what stands before the content of a part, which then comes
 * there as it is.  `filename` is NULL for what is no file; `type` too, if
 * nothing is to be said of it.  Quotes and ends of lines in names go as
 * browsers send them, as %22, %0D, and %0A, and a backslash as two; other
 * control bytes are -EINVAL, as is a type a field may not have; -EMSGSIZE if it
 * gets longer than GYRE_MULTIPART_HEAD; -ENOMEM.  After an error `out` is as
 * before.
 */
int gyre_multipart_add(struct gyre_multipart_form *f, struct gyre_buf *out,
                       const char *name, const char *filename,
                       const char *type);

/* Append what ends the form.  -ENOMEM. */
int gyre_multipart_end(struct gyre_multipart_form *f, struct gyre_buf *out);

#pragma GCC visibility pop

#endif
