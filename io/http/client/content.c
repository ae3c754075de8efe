/*
 * content.c - JSON, sent and received by a client.
 */
#include "io/http/client/content.h"

#include <errno.h>

#include "io/http/internal.h"
#include "io/http/params.h"

int gyre_http_call_with_json(struct gyre_http_call *call,
                             struct gyre_http_fields *fields,
                             const struct gyre_buf *json)
{
    int err = gyre_http_fields_set(fields, "Content-Type", "application/json");

    if (err)
        return err;
    if (call->method == NULL)
        call->method = "POST";
    call->fields = fields;
    call->body = json->at;
    call->length = json->length;
    return 0;
}

static bool ends_in(struct gyre_span s, const char *suffix)
{
    size_t n = strlen(suffix);

    return s.length > n &&
           gyre_span_equals_nocase(gyre_span_from(s.at + s.length - n, n),
                                   gyre_span_of(suffix));
}

static bool is_json(struct gyre_span type)
{
    type = gyre_http_take_value(&type);
    return gyre_span_equals_nocase(type, gyre_span_of("application/json")) ||
           ends_in(type, "+json");
}

int gyre_http_response_json(struct gyre_http_response *r,
                            struct gyre_json_document *d,
                            const struct gyre_json_value **root,
                            gyre_time deadline)
{
    struct gyre_span type;
    const char *text;
    size_t n;
    int err =
        gyre_http_field_only(gyre_http_response_head(r), "Content-Type", &type);

    *root = NULL;
    if (err == 0 && !is_json(type))
        err = -ENOTSUP;
    if (err)
        return err;
    err = gyre_http_text(r, &text, &n, deadline);
    return err ? err : gyre_json_parse(d, gyre_span_from(text, n), root);
}
