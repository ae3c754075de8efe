/*
 * url.h - URLs of the web: taking them apart, and following references.
 *
 * Strict: what is not a URL by RFC 3986 is refused and not mended, except that
 * the few visible characters which browsers leave unescaped may stand in paths
 * and queries.  User names and passwords are refused.  Nothing is copied, and
 * escapes are left alone: for those see escape.h.  -EINVAL unless said.
 */
#ifndef GYRE_IO_HTTP_URL_H
#define GYRE_IO_HTTP_URL_H

#include <stdbool.h>
#include <stddef.h>

#include "io/buf.h"
#include "io/http/span.h"

/* An absolute URL.  Spans point into its text, but for a path not written. */
struct gyre_url {
    struct gyre_span scheme;    /* "http" or "https", in any case */
    struct gyre_span authority; /* host and, if written, port */
    struct gyre_span host;      /* a name, or an address; IPv6 without [] */
    int port;                   /* written or implied */
    struct gyre_span path;      /* still escaped; "/" if there is none */
    struct gyre_span query;     /* still escaped, without '?'; may be absent */
    bool secure;                /* https */
};

/* Divide a request target at its '?'.  `query` is absent without one. */
static inline void gyre_url_split_target(struct gyre_span target,
                                         struct gyre_span *path,
                                         struct gyre_span *query)
{
    const char *mark = NULL;

    if (target.length > 0)
        mark = (const char *)memchr(target.at, '?', target.length);
    *path = target;
    *query = gyre_span_of(NULL);
    if (mark != NULL) {
        path->length = (size_t)(mark - target.at);
        *query = gyre_span_from(mark + 1, target.length - path->length - 1);
    }
}

#pragma GCC visibility push(default)

/* Take an absolute http or https URL apart.  A fragment is dropped. */
int gyre_url_parse(struct gyre_span text, struct gyre_url *url);

/* Take `host[:port]` apart: authority, host, and port, 0 if none is written. */
int gyre_url_parse_host(struct gyre_span text, struct gyre_url *url);

/*
 * Append to `out` the absolute URL that `reference`, as in a Location field,
 * means when met at `base` (RFC 3986, 5.2), without its fragment.  -EINVAL if
 * that is no http or https URL; -ENOMEM.  After an error `out` is as before.
 */
int gyre_url_resolve(struct gyre_buf *out, const struct gyre_url *base,
                     struct gyre_span reference);

#pragma GCC visibility pop

#endif
