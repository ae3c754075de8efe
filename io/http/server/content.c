/*
 * content.c - what is in the body of a request.
 */
#include <errno.h>

#include "io/http/json/document.h"
#include "io/http/server/exchange.h"
#include "io/http/server/request.h"

/* The body came, but is not what it was to be: the client is told, if the
   handler passes this on, and the connection is none the worse. */
static int blame(struct gyre_http_request *r)
{
    r->body_err = -EPROTO;
    return r->body_err;
}

int gyre_http_body_json(struct gyre_http_request *r,
                        const struct gyre_json_value **value,
                        gyre_time deadline)
{
    struct gyre_span body;
    int err = gyre_http_body_whole(r, &body, deadline);

    *value = NULL;
    if (err)
        return err;
    if (r->parsed == NULL)
        err = gyre_json_parse(&r->document, body, &r->parsed);
    *value = r->parsed;
    return err == 0 || err == -ENOMEM ? err : blame(r);
}
