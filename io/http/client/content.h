/*
 * content.h - JSON, sent and received by a client.
 *
 *     err = gyre_http_call_with_json(&call, &fields, &out);
 *     if (err == 0)
 *         err = gyre_http_call(session, &call, &response, deadline);
 *     if (err == 0)
 *         err = gyre_http_response_json(response, &d, &root, deadline);
 */
#ifndef GYRE_IO_HTTP_CLIENT_CONTENT_H
#define GYRE_IO_HTTP_CLIENT_CONTENT_H

#include "timers/time.h"
#include "io/buf.h"
#include "io/http/client/client.h"
#include "io/http/fields.h"
#include "io/http/json/document.h"

#pragma GCC visibility push(default)

/* Have `call` send `json`, as application/json: with POST, if it has no method.
   `fields` are all that it sends, and may hold others; they and `json` are the
   caller's, to be kept until the call is over.  Errors as gyre_http_fields_
   set. */
int gyre_http_call_with_json(struct gyre_http_call *call,
                             struct gyre_http_fields *fields,
                             const struct gyre_buf *json);

/*
 * Read the rest of the body into `d`, whatever the status is; as
 * gyre_json_parse.  -ENOTSUP if Content-Type is neither application/json nor
 * a kin of it ("application/problem+json"), -EPROTO if there are two of it, and
 * nothing was read; otherwise as gyre_http_text.  After an error `root` is
 * NULL.
 */
int gyre_http_response_json(struct gyre_http_response *r,
                            struct gyre_json_document *d,
                            const struct gyre_json_value **root,
                            gyre_time deadline)
    __attribute__((warn_unused_result));

#pragma GCC visibility pop

#endif
