/*
 * jar.h - the cookies a client was told to keep (RFC 6265).
 *
 * A session that is given one (client.h) fills it from its answers, those that
 * refer it elsewhere too, and sends what is in it; several may share one.  It
 * is bounded, lives in memory, and does no I/O.
 *
 * It knows no list of the domains under which anybody can have one (co.uk): a
 * server there could set cookies for its neighbours.  Those for a domain of one
 * label (com) are refused, unless it is the host itself.  What SameSite says is
 * for browsers, which visit pages; here every request is the program's own.
 */
#ifndef GYRE_IO_HTTP_CLIENT_JAR_H
#define GYRE_IO_HTTP_CLIENT_JAR_H

#include <stddef.h>
#include <stdint.h>

#include "io/buf.h"
#include "io/http/span.h"
#include "io/http/url.h"

struct gyre_allocator;
struct gyre_http_jar;

/* What a jar holds at most; 0 is the default.  All hosts whose last two labels
   are the same are one site, so that one with many domains above it has no more
   room than others. */
struct gyre_http_jar_limits {
    size_t per_site; /* cookies of one site; 180 */
    size_t cookies;  /* in all; 3000 */
};

#pragma GCC visibility push(default)

/* Make one that is empty; NULL is libc's allocator, and the defaults.  The
   caller frees it, after the sessions it was given to.  -ENOMEM. */
int gyre_http_jar_new(struct gyre_http_jar **out, struct gyre_allocator *a,
                      const struct gyre_http_jar_limits *limits);
void gyre_http_jar_free(struct gyre_http_jar *j);

/*
 * Keep the cookie that a Set-Cookie field of an answer from `url` sets, at the
 * time `now` in seconds since 1970; or forget it, if it says so.  Where there
 * are too many the one that was not sent for longest goes: of a site that has
 * too many, those that are not secure first.  -EPROTO if it is to be ignored,
 * as gyre_cookie_read, or is for a path over GYRE_COOKIE_ATTRIBUTE_MAX; -EACCES
 * if it is not for that host to set, nor in the clear what is sent over TLS
 * alone; -ENOMEM.  O(cookies).
 */
int gyre_http_jar_take(struct gyre_http_jar *j, const struct gyre_url *url,
                       struct gyre_span set_cookie, int64_t now);

/*
 * Append the value of a Cookie field for a request to `url`, those of longer
 * paths first, then the older; nothing if there is none.  What would make it
 * more than 8000 bytes stays out.  -ENOMEM, and `out` is as before.
 * O(cookies).
 */
int gyre_http_jar_give(struct gyre_http_jar *j, const struct gyre_url *url,
                       int64_t now, struct gyre_buf *out);

/* Forget them all. */
void gyre_http_jar_clear(struct gyre_http_jar *j);

/* How many there are, those that have expired since it last looked too. */
size_t gyre_http_jar_count(const struct gyre_http_jar *j);

#pragma GCC visibility pop

#endif
