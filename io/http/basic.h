/*
 * basic.h - basic authentication: a name and a password in a field (RFC 7617).
 *
 * Whoever reads the field reads the password: over TLS alone, or on a machine's
 * own loopback.
 */
#ifndef GYRE_IO_HTTP_BASIC_H
#define GYRE_IO_HTTP_BASIC_H

#include "io/http/fields.h"

#pragma GCC visibility push(default)

/*
 * Let the field `name`, "Authorization" or "Proxy-Authorization", say who asks,
 * in UTF-8.  -EINVAL if the user has a colon, or either a control byte;
 * -EMSGSIZE, -ENOMEM as gyre_http_fields_set.  After an error nothing has
 * changed.
 */
int gyre_http_fields_set_basic(struct gyre_http_fields *f, const char *name,
                               const char *user, const char *password);

#pragma GCC visibility pop

#endif
