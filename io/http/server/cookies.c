/*
 * cookies.c - the cookies of a request, and of its reply.
 */
#include "io/http/cookie.h"
#include "io/http/server/exchange.h"
#include "io/http/server/request.h"

/* One field has them all; but who divides it in two, as a gateway may, is
   understood. */
const char *gyre_http_cookie(struct gyre_http_request *r, const char *name)
{
    struct gyre_span wanted = gyre_span_of("Cookie");

    for (size_t i = 0; i < r->head.field_count; i++) {
        const struct gyre_http_field *f = &r->head.fields[i];
        struct gyre_span value = {0};

        if (gyre_span_equals_nocase(f->name, wanted))
            value = gyre_cookie_find(f->value, name);
        if (value.at != NULL)
            return gyre_http_copy(r, value);
    }
    return NULL;
}

int gyre_http_set_cookie(struct gyre_http_request *r,
                         const struct gyre_cookie *c)
{
    struct gyre_buf text = {.allocator = r->arena.allocator};
    int err = gyre_cookie_compose(&text, c);

    if (err == 0)
        err = gyre_buf_append(&text, "", 1);
    if (err == 0)
        err = gyre_http_add_header(r, "Set-Cookie", text.at);
    gyre_buf_free(&text);
    return err;
}
