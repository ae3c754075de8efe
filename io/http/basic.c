/*
 * basic.c - basic authentication: a name and a password in a field.
 */
#include "io/http/basic.h"

#include <errno.h>
#include <string.h>

#include "io/http/base64.h"
#include "io/http/internal.h"

#define SCHEME "Basic "

/* A colon ends the user; control bytes some servers cannot bear. */
static bool may_be(const char *user, const char *password)
{
    return strchr(user, ':') == NULL && strchr(user, '\t') == NULL &&
           strchr(password, '\t') == NULL &&
           gyre_http_all(gyre_span_of(user), GYRE_HTTP_TEXT) &&
           gyre_http_all(gyre_span_of(password), GYRE_HTTP_TEXT);
}

/* "user:password" into `plain`, and that in letters behind the scheme into
   `value`, with a NUL. */
static int compose(struct gyre_buf *plain, struct gyre_buf *value,
                   const char *user, const char *password)
{
    int err = gyre_buf_append_string(plain, user);
    char *to;

    if (!err)
        err = gyre_buf_append(plain, ":", 1);
    if (!err)
        err = gyre_buf_append_string(plain, password);
    if (err)
        return err;
    to = gyre_buf_reserve(value,
                          sizeof SCHEME - 1 + GYRE_BASE64_SIZE(plain->length));
    if (to == NULL)
        return -ENOMEM;
    memcpy(to, SCHEME, sizeof SCHEME - 1);
    gyre_base64_encode(to + sizeof SCHEME - 1, plain->at, plain->length);
    return 0;
}

int gyre_http_fields_set_basic(struct gyre_http_fields *f, const char *name,
                               const char *user, const char *password)
{
    struct gyre_buf plain = {.allocator = f->text.allocator};
    struct gyre_buf value = {.allocator = f->text.allocator};
    int err = -EINVAL;

    if (may_be(user, password))
        err = compose(&plain, &value, user, password);
    if (!err)
        err = gyre_http_fields_set(f, name, value.at);
    gyre_buf_free(&plain);
    gyre_buf_free(&value);
    return err;
}
