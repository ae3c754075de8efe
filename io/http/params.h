/*
 * params.h - a value and its parameters, as Content-Type and
 * Content-Disposition have them: form-data; name="a"; filename="b".
 *
 * Private to io/http/.
 */
#ifndef GYRE_IO_HTTP_PARAMS_H
#define GYRE_IO_HTTP_PARAMS_H

#include "io/http/span.h"

/* Take the value itself off the front of `field`: what is before the first
   semicolon, without blanks. */
struct gyre_span gyre_http_take_value(struct gyre_span *field);

/*
 * Take the next parameter off the front of `params`; 1, or 0 at the end.  Of a
 * quoted value `value` is what is between the quotes, with its backslashes.
 * -EPROTO if there is no name, no '=', or no end to the quotes.
 */
int gyre_http_next_param(struct gyre_span *params, struct gyre_span *name,
                         struct gyre_span *value);

/*
 * Write to `out`, which has room for value.length + 1, what the value of a
 * parameter stands for, and a NUL, and return the end.  A backslash escapes a
 * quote or a backslash alone: others are sent unescaped by some, in names of
 * files.
 */
char *gyre_http_param_write(char *out, struct gyre_span value);

#endif
