/*
 * accept.h - what a client would rather have.
 *
 * Private to io/http/.  Accept and Accept-Encoding list what may be sent, each
 * with a weight (RFC 9110, 12.4.2, 12.5).
 */
#ifndef GYRE_IO_HTTP_ACCEPT_H
#define GYRE_IO_HTTP_ACCEPT_H

#include "io/http/head.h"

/*
 * How much the fields called `name` of a head, which are as one list (RFC 9110,
 * 5.3), want `what`, a media type or a coding, in thousandths; 0: not at all.
 * The most exact of what matches it decides: the name, "text" and a star, a
 * star; and of equals the first.  Parameters of a media type do not count; a
 * weight that is malformed is 0.  O(length).
 */
int gyre_http_accepts(const struct gyre_http_head *h, const char *name,
                      const char *what);

#endif
