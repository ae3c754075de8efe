/*
 * proxy.h - whom a session asks through another.
 *
 * Private to io/http/.
 */
#ifndef GYRE_IO_HTTP_CLIENT_PROXY_H
#define GYRE_IO_HTTP_CLIENT_PROXY_H

#include <stdbool.h>

#include "io/buf.h"
#include "io/http/client/client.h"
#include "io/http/fields.h"
#include "io/http/url.h"

struct gyre_http_course;
struct gyre_stream;

/* A session's proxy.  Embedded. */
struct gyre_http_proxy {
    struct gyre_buf text;   /* its URL, or empty: there is none */
    struct gyre_buf host;   /* its host, with a NUL */
    struct gyre_buf direct; /* a list of hosts that are asked directly */
    struct gyre_http_fields fields; /* for the proxy alone */
    int port;
};

/* Make one of what the options say.  -EINVAL for a URL that is none, or not of
   http; -EMSGSIZE, -ENOMEM.  After an error too it is to be freed. */
int gyre_http_proxy_init(struct gyre_http_proxy *p, struct gyre_allocator *a,
                         const struct gyre_http_session_options *options);
void gyre_http_proxy_free(struct gyre_http_proxy *p);

/* Is `host` asked through it? */
bool gyre_http_proxy_serves(const struct gyre_http_proxy *p,
                            struct gyre_span host);

/*
 * Have the proxy, at the other end of `s`, join that to `host` and `port`.
 * -EACCES if it wants to know who asks, -EHOSTUNREACH if it answers anything
 * else but yes; the status is in c->proxy_status.  -EPROTO, -EMSGSIZE, -EPIPE,
 * -ENOMEM; or as gyre_read and gyre_write.
 */
int gyre_http_proxy_tunnel(const struct gyre_http_proxy *p,
                           struct gyre_stream *s, const char *host, int port,
                           struct gyre_http_course *c, gyre_time deadline);

#endif
