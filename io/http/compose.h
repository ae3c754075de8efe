/*
 * compose.h - writes the head of a message.
 *
 * What frames the message and rules the connection is written here and nowhere
 * else, from what the caller says of the body: so what is announced is what is
 * sent, and no field of a user's can gainsay it.
 */
#ifndef GYRE_IO_HTTP_COMPOSE_H
#define GYRE_IO_HTTP_COMPOSE_H

#include <stdbool.h>
#include <stdint.h>

#include "io/buf.h"
#include "io/http/fields.h"
#include "io/http/head.h"

/* What a message to send is made of.  A zeroed one has no body, no fields, and
   asks for the connection to be closed. */
struct gyre_http_envelope {
    const struct gyre_http_fields *fields; /* the user's; may be NULL */
    enum gyre_http_framing framing;
    uint64_t length;        /* with GYRE_HTTP_LENGTH */
    bool keep_alive;        /* the connection is to carry another message */
    bool old;               /* the peer speaks HTTP/1.0; answers only */
    const char *upgrade_to; /* a protocol to ask for, or change to; or NULL */
    const struct gyre_http_fields *defaults; /* sent where `fields` has none of
                                                the name, and a Vary beside it;
                                                may be NULL */
    const char *type; /* a Content-Type to send where `fields` has none; may be
                         NULL */
};

#pragma GCC visibility push(default)

/* The usual phrase for a status; "" for one that has none. */
const char *gyre_http_reason(int status);

/*
 * Append the head of a response, its empty line included.  A NULL `reason` is
 * the usual one; a NULL `date` writes no Date, as does one among the fields.
 *
 * Only 1xx, 204 and 304 have GYRE_HTTP_NO_BODY; 304 may announce the one it
 * stands for, as an answer to HEAD does.  An empty body has a length of 0, or
 * the peer would wait for one.  A body until close is of a connection that is
 * not kept; an old peer knows no chunks.  -EINVAL if it is otherwise, if the
 * status is not 100 to 999, or what is text has control bytes; -ENOMEM.  After
 * an error `out` is as before.
 */
int gyre_http_compose_response(struct gyre_buf *out, int status,
                               const char *reason, const char *date,
                               const struct gyre_http_envelope *envelope);

/*
 * Append the head of a request, its empty line included, for `host`, with its
 * port if that is not the usual one.  -EINVAL if the method is not a token,
 * the target or host has bytes it may not have or is empty, or the body were to
 * go on until the connection closes; -ENOMEM.  After an error `out` is as
 * before.
 */
int gyre_http_compose_request(struct gyre_buf *out, const char *method,
                              struct gyre_span target, struct gyre_span host,
                              const struct gyre_http_envelope *envelope);

#pragma GCC visibility pop

#endif
