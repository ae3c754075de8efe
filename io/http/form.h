/*
 * form.h - forms as browsers send them (application/x-www-form-urlencoded):
 * a=1&b=two+words.
 *
 *     err = gyre_form_read(&form, text);
 *     if (err == 0)
 *         name = gyre_form_get(&form, "name");
 *     gyre_form_free(&form);
 *
 * All of it is unescaped at once.  Whether it is UTF-8 is not looked at.  Of
 * forms with files, see multipart.h.
 */
#ifndef GYRE_IO_HTTP_FORM_H
#define GYRE_IO_HTTP_FORM_H

#include <stddef.h>

#include "io/buf.h"
#include "io/http/span.h"

enum {
    GYRE_FORM_PAIRS = 1000 /* in a form, at most */
};

/* A name and its value, "" if there was no '='. */
struct gyre_form_pair {
    const char *name, *value;
};

/* A form taken apart.  Embedded; a zeroed one is empty and takes its memory
   from libc; set `allocator` in both bufs for another. */
struct gyre_form {
    const struct gyre_form_pair *pairs; /* in their order */
    size_t count;

    /* private */
    struct gyre_buf text, table;
};

#pragma GCC visibility push(default)

/*
 * Read `text` into `f`, in place of what it held; the text is copied.  -EPROTO
 * for a broken escape, or one of a NUL; -EMSGSIZE for more than GYRE_FORM_PAIRS
 * pairs; -ENOMEM.  After an error it is empty.  O(length).
 */
int gyre_form_read(struct gyre_form *f, struct gyre_span text);

/* The value of the first pair called `name`; NULL if there is none.  Good until
   the form is freed or read into anew.  O(pairs). */
const char *gyre_form_get(const struct gyre_form *f, const char *name);

/* Give the memory back; the form is empty and may be used again. */
void gyre_form_free(struct gyre_form *f);

/* Append a pair to the form that `out` is to be, escaped.  -ENOMEM, and nothing
   has changed. */
int gyre_form_add(struct gyre_buf *out, const char *name, const char *value);

#pragma GCC visibility pop

#endif
