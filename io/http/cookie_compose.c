/*
 * cookie_compose.c - a cookie to set, as a field's value.
 *
 * All is checked before anything is written: a value from a user's hands can
 * neither end the field nor add an attribute to it.
 */
#include "io/http/cookie.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "io/http/internal.h"

static bool is_value(struct gyre_span s)
{
    for (size_t i = 0; i < s.length; i++)
        if (s.at[i] <= ' ' || s.at[i] > '~' ||
            memchr("\",;\\", s.at[i], 4) != NULL)
            return false;
    return true;
}

/* Spaces stand in no URL's path, and would be lost at the ends. */
static bool is_path(struct gyre_span s)
{
    return s.length > 0 && s.at[0] == '/' &&
           memchr(s.at, ';', s.length) == NULL &&
           memchr(s.at, ' ', s.length) == NULL &&
           memchr(s.at, '\t', s.length) == NULL && gyre_http_is_text(s);
}

static bool is_domain(struct gyre_span s)
{
    for (size_t i = 0; i < s.length; i++) {
        char c = gyre_http_lower(s.at[i]);

        if (!gyre_http_is_digit(c) && (c < 'a' || c > 'z') && c != '-' &&
            (c != '.' || i == 0 || s.at[i - 1] == '.'))
            return false;
    }
    return s.length > 0 && s.at[s.length - 1] != '.';
}

/* A cookie to set, its defaults filled in. */
struct parts {
    struct gyre_span name, value, path, domain;
};

static struct parts parts_of(const struct gyre_cookie *c)
{
    return (struct parts){
        .name = gyre_span_of(c->name),
        .value = gyre_span_of(c->value && !c->expire ? c->value : ""),
        .path = gyre_span_of(c->path ? c->path : "/"),
        .domain = gyre_span_of(c->domain),
    };
}

static int check(const struct gyre_cookie *c, const struct parts *p)
{
    if (p->name.length == 0 || !gyre_http_all(p->name, GYRE_HTTP_TOKEN) ||
        !is_value(p->value) || !is_path(p->path) ||
        (p->domain.at != NULL && !is_domain(p->domain)) || c->max_age < 0)
        return -EINVAL;
    if (c->same_site == GYRE_COOKIE_NONE && !c->secure)
        return -EINVAL;
    if (!gyre_cookie_keeps_promise(p->name, c->secure, p->path, p->domain))
        return -EINVAL;
    if (p->name.length + p->value.length > GYRE_COOKIE_MAX ||
        p->path.length > GYRE_COOKIE_ATTRIBUTE_MAX ||
        p->domain.length > GYRE_COOKIE_ATTRIBUTE_MAX)
        return -EMSGSIZE;
    return 0;
}

static int put(struct gyre_buf *out, const char *before, struct gyre_span s)
{
    int err = gyre_buf_append_string(out, before);

    return err ? err : gyre_buf_append(out, s.at, s.length);
}

static int put_all(struct gyre_buf *out, const struct gyre_cookie *c,
                   const struct parts *p)
{
    static const char *const same_site[] = {
        "", "; SameSite=Strict", "; SameSite=Lax", "; SameSite=None"};
    char age[80] = "";
    int err = put(out, "", p->name);

    /* Old clients know Expires alone. */
    if (c->expire)
        snprintf(age, sizeof age, "; Max-Age=0; Expires=%s",
                 "Thu, 01 Jan 1970 00:00:00 GMT");
    else if (c->max_age > 0)
        snprintf(age, sizeof age, "; Max-Age=%" PRId64, c->max_age);
    if (err == 0)
        err = put(out, "=", p->value);
    if (err == 0)
        err = put(out, "; Path=", p->path);
    if (err == 0 && p->domain.at != NULL)
        err = put(out, "; Domain=", p->domain);
    if (err == 0)
        err = gyre_buf_append_string(out, age);
    if (err == 0 && c->secure)
        err = gyre_buf_append_string(out, "; Secure");
    if (err == 0 && c->http_only)
        err = gyre_buf_append_string(out, "; HttpOnly");
    if (err == 0)
        err = gyre_buf_append_string(out, same_site[c->same_site]);
    return err;
}

int gyre_cookie_compose(struct gyre_buf *out, const struct gyre_cookie *c)
{
    struct parts p = parts_of(c);
    size_t before = out->length;
    int err = check(c, &p);

    if (err == 0)
        err = put_all(out, c, &p);
    if (err)
        gyre_buf_cut(out, before);
    return err;
}
