/*
 * internal.h - how paths are matched, and files opened, in io/http/server/.
 */
#ifndef GYRE_IO_HTTP_SERVER_INTERNAL_H
#define GYRE_IO_HTTP_SERVER_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "io/http/span.h"

/* What a segment of a route's path matches, the more exact first. */
enum gyre_http_segment_kind {
    GYRE_HTTP_LITERAL,
    GYRE_HTTP_INT,
    GYRE_HTTP_NAME,
    GYRE_HTTP_TAIL,
    GYRE_HTTP_MALFORMED
};

struct gyre_http_segment {
    enum gyre_http_segment_kind kind;
    struct gyre_span text; /* the literal, or the parameter's name */
    bool last;
};

/* Take the '/' and the segment behind it off the front of a route's path. */
struct gyre_http_segment gyre_http_next_segment(const char **path);

/* Whether `given`, still escaped, may stand where a route has `s`. */
bool gyre_http_admits(const struct gyre_http_segment *s,
                      struct gyre_span given);

/* The decimal number that `s`, still escaped, is, if it fits.  On an error
   `out` is left alone. */
bool gyre_http_read_int(struct gyre_span s, int64_t *out);

/* The order of literals: the shorter is before the longer, which mostly tells
   them apart at once. */
static inline int gyre_http_compare_plain(struct gyre_span s,
                                          struct gyre_span t)
{
    if (s.length != t.length)
        return s.length < t.length ? -1 : 1;
    return s.length > 0 ? memcmp(s.at, t.at, s.length) : 0;
}

/* The same order, of `given`, still escaped, and a literal. */
int gyre_http_compare_escaped(struct gyre_span given, struct gyre_span literal);

/* 0 if `route` makes sense by itself; else -EINVAL. */
struct gyre_http_route;
int gyre_http_route_check(const struct gyre_http_route *route);

/*
 * What gyre_open_beneath asks, as the system can: beneath_linux.c,
 * beneath_bsd.c.  Where it cannot, the walk goes down `path` a name at a time,
 * following links by hand.
 */
int gyre_beneath_open(int directory, const char *path);
int gyre_beneath_walk(int directory, const char *path);

/* The same, and reading as pread, but -EAGAIN if it takes a disk, as far as the
   system can tell; in those files, too. */
int gyre_beneath_open_now(int directory, const char *path);
ssize_t gyre_read_now(int file, void *buf, size_t n, int64_t offset);

/* What was opened, if it is a regular file, with its status; or it is closed,
   and that is -EISDIR, -EACCES, or an error.  Passes on an error. */
int gyre_beneath_regular(int fd, struct stat *status);

/* The nanoseconds of the time it was changed; in those files, too. */
long gyre_stat_nanoseconds(const struct stat *status);

/* How they open: for reading, and never waiting. */
#define GYRE_BENEATH_FLAGS (O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)

#endif
