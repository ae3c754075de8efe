/*
 * base.h - what a session has for every call: a URL to begin at, and fields.
 *
 * Private to io/http/.
 */
#ifndef GYRE_IO_HTTP_CLIENT_BASE_H
#define GYRE_IO_HTTP_CLIENT_BASE_H

#include <stdbool.h>

#include "io/buf.h"
#include "io/http/client/client.h"
#include "io/http/fields.h"
#include "io/http/url.h"

/* Embedded in a session. */
struct gyre_http_base {
    struct gyre_buf text; /* the URL, or empty */
    struct gyre_url url;  /* points into `text` */
    struct gyre_http_fields fields;
    struct gyre_http_fields plain; /* the same without credentials */
};

/* Make one of what the options say.  -EINVAL for a URL that is none; -EMSGSIZE,
   -ENOMEM.  After an error too it is to be freed. */
int gyre_http_base_init(struct gyre_http_base *b, struct gyre_allocator *a,
                        const struct gyre_http_session_options *options);
void gyre_http_base_free(struct gyre_http_base *b);

/*
 * Append to `text` the URL that `reference` means at `b`, without its user and
 * password; those go into `fields`, unless it has some.  -EINVAL, -ENOMEM,
 * -EMSGSIZE.  What has been appended after an error means nothing.
 */
int gyre_http_base_resolve(const struct gyre_http_base *b,
                           const char *reference, struct gyre_buf *text,
                           struct gyre_http_fields *fields);

/* Append `url` without its user and password; those go into the field `name` of
   `f`, unless it has one.  As above. */
int gyre_http_part_user(struct gyre_span url, struct gyre_buf *text,
                        struct gyre_http_fields *f, const char *name);

/* Are the credentials among the fields of `b` for whoever is at `url`? */
bool gyre_http_base_trusts(const struct gyre_http_base *b,
                           const struct gyre_url *url);

bool gyre_http_same_origin(const struct gyre_url *a, const struct gyre_url *b);

/* Take out of `f` what is for one origin alone. */
void gyre_http_leave_credentials(struct gyre_http_fields *f);

#endif
