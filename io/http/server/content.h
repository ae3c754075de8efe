/*
 * content.h - what is in the body of a request: JSON, a form, or files.
 *
 *     err = gyre_http_body_json(r, &value, GYRE_FOREVER);
 *     if (err)
 *         return err;
 *
 * Errors are those of gyre_http_body_whole, and as with them a handler that
 * returns one has the client told: -EPROTO for what is malformed is 400, and
 * for a form of two Content-Types; -EMSGSIZE for what is too much 413; -ENOTSUP
 * for another Content-Type 415.  A body is read by calls of one kind, of these
 * or of request.h; made again, they give the same.  But what was read whole, by
 * who is around the handler say, is there for each of these.
 */
#ifndef GYRE_IO_HTTP_SERVER_CONTENT_H
#define GYRE_IO_HTTP_SERVER_CONTENT_H

#include <stddef.h>
#include <sys/types.h>

#include "timers/time.h"
#include "io/http/form.h"
#include "io/http/json/document.h"
#include "io/http/server/request.h"

/* A part of a form with files, until the next one; as in multipart.h, where it
   says how little a filename is to be trusted. */
struct gyre_http_part {
    const char *name;
    const char *filename; /* NULL if it is no file */
    const char *type;
};

#pragma GCC visibility push(default)

/*
 * All of the body, read as JSON: values are found in `value` with the calls of
 * document.h, until the handler returns.  What Content-Type says makes no
 * difference.  What is too deep is -EPROTO, too.  `value` is NULL after an
 * error.
 */
int gyre_http_body_json(struct gyre_http_request *r,
                        const struct gyre_json_value **value,
                        gyre_time deadline) __attribute__((warn_unused_result));

/*
 * All of the body, read as a form (application/x-www-form-urlencoded, also if
 * there is no Content-Type): good until the handler returns.  `form` is NULL
 * after an error.
 */
int gyre_http_body_form(struct gyre_http_request *r,
                        const struct gyre_form **form, gyre_time deadline)
    __attribute__((warn_unused_result));

/*
 * A form with files (multipart/form-data), a part at a time:
 *
 *     while ((err = gyre_http_next_part(r, &part, deadline)) > 0)
 *         while ((n = gyre_http_read_part(r, buf, sizeof buf, deadline)) > 0)
 *             ...
 *
 * The next part: 1, or 0 if there is none, and the body has been read to its
 * end.  What was left of the one before is passed over.  -EPROTO also if the
 * body ends before the form does.  A cancel point.
 */
int gyre_http_next_part(struct gyre_http_request *r,
                        struct gyre_http_part *part, gyre_time deadline)
    __attribute__((warn_unused_result));

/* Read up to `n` bytes of the part: > 0; 0 at its end, and before the first.  A
   cancel point, after which it can be read on. */
ssize_t gyre_http_read_part(struct gyre_http_request *r, void *buf, size_t n,
                            gyre_time deadline)
    __attribute__((warn_unused_result));

#pragma GCC visibility pop

#endif
