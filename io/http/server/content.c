/*
 * content.c - what is in the body of a request, read whole.
 */
#include "io/http/server/content.h"

#include <errno.h>

#include "io/http/internal.h"
#include "io/http/params.h"
#include "io/http/server/exchange.h"

int gyre_http_blame(struct gyre_http_request *r, int err)
{
    if (err == -EPROTO || err == -EMSGSIZE || err == -ENOTSUP)
        r->body_err = err;
    return err;
}

int gyre_http_content_type(struct gyre_http_request *r, struct gyre_span *type)
{
    return gyre_http_blame(
        r, gyre_http_field_only(&r->head, "Content-Type", type));
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
    return gyre_http_blame(r, err == -EMSGSIZE ? -EPROTO : err);
}

static bool may_be_form(struct gyre_span type)
{
    return type.at == NULL ||
           gyre_span_equals_nocase(
               gyre_http_take_value(&type),
               gyre_span_of("application/x-www-form-urlencoded"));
}

int gyre_http_body_form(struct gyre_http_request *r,
                        const struct gyre_form **form, gyre_time deadline)
{
    struct gyre_span body, type;
    int err = gyre_http_content_type(r, &type);

    *form = NULL;
    if (err)
        return err;
    if (!may_be_form(type))
        return gyre_http_blame(r, -ENOTSUP);
    err = gyre_http_body_whole(r, &body, deadline);
    if (err)
        return err;
    /* Once it was read, there is text: a NUL at least. */
    if (r->form.text.length == 0)
        err = gyre_form_read(&r->form, body);
    if (err)
        gyre_buf_cut(&r->form.text, 0);
    else
        *form = &r->form;
    return gyre_http_blame(r, err);
}

void gyre_http_content_drop(struct gyre_http_request *r)
{
    r->opened = false;
    r->parsed = NULL;
    gyre_http_keep_little(&r->whole);
    gyre_http_keep_little(&r->document.text);
    gyre_http_keep_little(&r->document.nodes);
    gyre_http_keep_little(&r->form.text);
    gyre_http_keep_little(&r->form.table);
    gyre_http_parts_free(r);
}

void gyre_http_content_free(struct gyre_http_request *r)
{
    gyre_http_content_drop(r);
    gyre_buf_free(&r->whole);
    gyre_json_free(&r->document);
    gyre_form_free(&r->form);
}
