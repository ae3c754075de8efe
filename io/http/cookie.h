/*
 * cookie.h - cookies (RFC 6265): what a client sends back, and how it is told
 * to.
 *
 *     Cookie: a=1; b=2              gyre_cookie_next, gyre_cookie_find
 *     Set-Cookie: a=1; Path=/       gyre_cookie_compose, gyre_cookie_read
 *
 * Values are opaque: nothing is escaped or unescaped.  It keeps no cookies, and
 * knows no clock.
 */
#ifndef GYRE_IO_HTTP_COOKIE_H
#define GYRE_IO_HTTP_COOKIE_H

#include <stdbool.h>
#include <stdint.h>

#include "io/buf.h"
#include "io/http/span.h"

enum {
    GYRE_COOKIE_MAX = 4096,          /* bytes of name and value, at most */
    GYRE_COOKIE_ATTRIBUTE_MAX = 1024 /* of a path, or a domain */
};

/* Whether it is sent with requests that other sites cause. */
enum gyre_cookie_same_site {
    GYRE_COOKIE_UNSAID, /* as the client likes: mostly as LAX */
    GYRE_COOKIE_STRICT,
    GYRE_COOKIE_LAX, /* only where a link is followed */
    GYRE_COOKIE_NONE /* no matter who caused them; only if `secure` */
};

/* A cookie to set.  What is 0 or NULL has the default. */
struct gyre_cookie {
    const char *name;   /* a token */
    const char *value;  /* visible ASCII but for " , ; and \; "" */
    const char *path;   /* that it is for, and those below; "/" */
    const char *domain; /* that it is for, and those below; the host alone */
    int64_t max_age;    /* seconds it is kept; until the client ends */
    bool expire;        /* it is to be forgotten; value and max_age are not
                           looked at */
    bool secure;        /* not to be sent in the clear */
    bool http_only;     /* not to be shown to scripts */
    enum gyre_cookie_same_site same_site;
};

/* A cookie as a client was told to set it; spans are of the text. */
struct gyre_cookie_set {
    struct gyre_span name, value;
    struct gyre_span path;   /* absent: the directory of the URL's path */
    struct gyre_span domain; /* without a dot before it, in any case; absent:
                                the host alone */
    bool persistent;         /* kept until `expires`, or while the client is */
    int64_t expires;         /* seconds since 1970; it may have passed */
    bool secure, http_only;
    enum gyre_cookie_same_site same_site;
};

#pragma GCC visibility push(default)

/*
 * Take the next cookie off the front of `field`, the value of a Cookie field.
 * Quotes around a value are not part of it.  What has no '=', or a name that is
 * no token, is passed over.  False at the end.
 */
bool gyre_cookie_next(struct gyre_span *field, struct gyre_span *name,
                      struct gyre_span *value);

/* The value of the first cookie called `name`, case and all, which is that of
   the longest path; absent if there is none.  O(length of field). */
struct gyre_span gyre_cookie_find(struct gyre_span field, const char *name);

/*
 * Append the value of a Set-Cookie field.  -EINVAL if a part has bytes it may
 * not have: nothing in it can end the field, or add to it; if the path does not
 * begin with '/', or max_age is below 0; and for what clients refuse: SameSite
 * None, or a name that begins with __Secure-, without `secure`; __Host-, also
 * with a domain, or another path than "/".  -EMSGSIZE if a part is too long;
 * -ENOMEM.  After an error `out` is as before.
 */
int gyre_cookie_compose(struct gyre_buf *out, const struct gyre_cookie *c);

/*
 * Read the value of a Set-Cookie field as RFC 6265 (5.2) says, at the time
 * `now`, in seconds since 1970.  What it does not know, or cannot read, it
 * passes over.  -EPROTO if there is no cookie in it, or one that is to be
 * ignored: without a '=' or a name; with control bytes; longer than
 * GYRE_COOKIE_MAX; or whose name begins with __Secure- or __Host- and promises
 * what is not so.  Whether the origin may set such a cookie at all is for the
 * caller to decide.
 */
int gyre_cookie_read(struct gyre_span text, int64_t now,
                     struct gyre_cookie_set *out);

/* Read a date as RFC 6265 (5.1.1) says, which is nearly anything that has a
   day, a month, a year, and a time.  -EINVAL. */
int gyre_cookie_date(struct gyre_span text, int64_t *seconds);

#pragma GCC visibility pop

#endif
