/*
 * base.c - what a session has for every call: a URL to begin at, and fields.
 *
 * Credentials are for an origin: those in a URL for its own; those in fields of
 * the session for that of its URL, or if it has none, for wherever a call goes
 * first.  They are taken out of URLs before these go anywhere, so that none is
 * shown with them.
 */
#include "io/http/client/base.h"

#include <errno.h>
#include <string.h>

#include "loop/allocator.h"
#include "io/http/basic.h"
#include "io/http/escape.h"

#define AUTHORIZATION "Authorization"

/* ---- credentials ---- */

void gyre_http_leave_credentials(struct gyre_http_fields *f)
{
    gyre_http_fields_remove(f, AUTHORIZATION);
    gyre_http_fields_remove(f, "Proxy-Authorization");
    gyre_http_fields_remove(f, "Cookie");
}

bool gyre_http_same_origin(const struct gyre_url *a, const struct gyre_url *b)
{
    return a->secure == b->secure && a->port == b->port &&
           gyre_span_equals_nocase(a->host, b->host);
}

bool gyre_http_base_trusts(const struct gyre_http_base *b,
                           const struct gyre_url *url)
{
    return b->text.length == 0 || gyre_http_same_origin(&b->url, url);
}

/* Find what stands between "//" and '@' in a URL, or a reference with a host:
   absent if nothing does. */
static struct gyre_span user_info(struct gyre_span url)
{
    size_t i = 0, from;

    while (i < url.length && strchr(":/?#", url.at[i]) == NULL)
        i++;
    if (i < url.length && url.at[i] == ':')
        i++;
    if (url.length - i < 2 || memcmp(url.at + i, "//", 2) != 0)
        return gyre_span_of(NULL);
    from = i += 2;
    while (i < url.length && strchr("/?#@", url.at[i]) == NULL)
        i++;
    return i < url.length && url.at[i] == '@'
               ? gyre_span_from(url.at + from, i - from)
               : gyre_span_of(NULL);
}

/* Have the field `name` say who `info`, "user" or "user:password", is, if it
   says of nobody yet. */
static int introduce(struct gyre_http_fields *f, const char *name,
                     struct gyre_span info)
{
    struct gyre_buf room = {.allocator = f->text.allocator};
    char *user = gyre_buf_reserve(&room, info.length + 2), *colon;
    int err = 0;

    if (user == NULL)
        return -ENOMEM;
    memcpy(user, info.at, info.length);
    user[info.length] = user[info.length + 1] = '\0';
    colon = strchr(user, ':');
    if (colon == NULL)
        colon = user + info.length;
    *colon = '\0';
    if (strlen(user) != (size_t)(colon - user) ||
        gyre_url_unescape(user, gyre_span_of(user), false) < 0 ||
        gyre_url_unescape(colon + 1, gyre_span_of(colon + 1), false) < 0 ||
        info.length == 0)
        err = -EINVAL;
    if (!err && gyre_http_fields_get(f, name).at == NULL)
        err = gyre_http_fields_set_basic(f, name, user, colon + 1);
    gyre_buf_free(&room);
    return err;
}

int gyre_http_part_user(struct gyre_span url, struct gyre_buf *text,
                        struct gyre_http_fields *f, const char *name)
{
    struct gyre_span info = user_info(url);
    size_t before;
    int err;

    if (info.at == NULL)
        return gyre_buf_append(text, url.at, url.length);
    before = (size_t)(info.at - url.at);
    err = gyre_buf_append(text, url.at, before);
    if (!err)
        err = gyre_buf_append(text, info.at + info.length + 1,
                              url.length - before - info.length - 1);
    return err ? err : introduce(f, name, info);
}

/* ---- URLs ---- */

int gyre_http_base_resolve(const struct gyre_http_base *b,
                           const char *reference, struct gyre_buf *text,
                           struct gyre_http_fields *fields)
{
    struct gyre_buf plain = {.allocator = text->allocator};
    struct gyre_span url = gyre_span_of(reference);
    int err;

    if (b->text.length == 0)
        return gyre_http_part_user(url, text, fields, AUTHORIZATION);
    err = gyre_http_part_user(url, &plain, fields, AUTHORIZATION);
    if (!err)
        err = gyre_url_resolve(text, &b->url,
                               gyre_span_from(plain.at, plain.length));
    gyre_buf_free(&plain);
    return err;
}

/* ---- making one ---- */

static int init_url(struct gyre_http_base *b, const char *url)
{
    int err = gyre_http_part_user(gyre_span_of(url), &b->text, &b->fields,
                                  AUTHORIZATION);

    return err ? err
               : gyre_url_parse(gyre_span_from(b->text.at, b->text.length),
                                &b->url);
}

static int copy(struct gyre_http_fields *to,
                const struct gyre_http_fields *from)
{
    return from == NULL
               ? 0
               : gyre_buf_append(&to->text, from->text.at, from->text.length);
}

int gyre_http_base_init(struct gyre_http_base *b, struct gyre_allocator *a,
                        const struct gyre_http_session_options *options)
{
    int err;

    b->text.allocator = a;
    b->fields.text.allocator = b->plain.text.allocator = a;
    err = copy(&b->fields, options->fields);
    if (!err && gyre_http_fields_get(&b->fields, "User-Agent").at == NULL)
        err = gyre_http_fields_set(&b->fields, "User-Agent", "gyre");
    if (!err && options->base_url != NULL)
        err = init_url(b, options->base_url);
    if (!err)
        err = copy(&b->plain, &b->fields);
    gyre_http_leave_credentials(&b->plain);
    return err;
}

void gyre_http_base_free(struct gyre_http_base *b)
{
    gyre_buf_free(&b->text);
    gyre_http_fields_free(&b->fields);
    gyre_http_fields_free(&b->plain);
}
