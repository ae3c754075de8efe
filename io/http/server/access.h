/*
 * access.h - an access log as others read it: a line for each reply.
 *
 *     127.0.0.1 - - [23/Nov/2026:09:00:00 +0000] "GET / HTTP/1.1" 200 123
 *
 * is the common format; the combined one has the Referer and the User-Agent
 * behind it.  What there is none of is "-"; what a peer has chosen cannot end a
 * line, or a quotation: bytes that are not visible ASCII are written \xHH, and
 * quotes and backslashes have a backslash before them.
 *
 *     struct gyre_http_access_log log;
 *     gyre_http_access_log_init(&log, STDERR_FILENO, GYRE_HTTP_COMBINED);
 *     options.log = &log.log;
 */
#ifndef GYRE_IO_HTTP_ACCESS_H
#define GYRE_IO_HTTP_ACCESS_H

#include "io/buf.h"
#include "io/http/server/server.h"

enum gyre_http_log_format { GYRE_HTTP_COMMON, GYRE_HTTP_COMBINED };

/* Embedded; may be that of several threads. */
struct gyre_http_access_log {
    struct gyre_http_log log; /* `error` may be set */
    int descriptor;
    enum gyre_http_log_format format;
};

#pragma GCC visibility push(default)

/* Ready a log that writes to `descriptor`, which stays the caller's.  Each line
   is one write, so that several may append to one file; it may wait for that,
   as the disk does, and one that fails is lost.  If a part of it is taken, of a
   pipe that does not wait say, the rest follows, if there is room within a
   second. */
void gyre_http_access_log_init(struct gyre_http_access_log *l, int descriptor,
                               enum gyre_http_log_format format);

/* Append the line, with its end.  -ENOMEM: then `out` is as before. */
int gyre_http_access_line(struct gyre_buf *out,
                          const struct gyre_http_access *access,
                          enum gyre_http_log_format format);

#pragma GCC visibility pop

#endif
