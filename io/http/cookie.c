/*
 * cookie.c - cookies, as they are sent back, and as they were set.
 */
#include "io/http/cookie.h"

#include <errno.h>

#include "io/http/internal.h"

/* ---- sent back ---- */

/* Take what is before the next semicolon off the front of `text`. */
static struct gyre_span next_part(struct gyre_span *text)
{
    const char *end = memchr(text->at, ';', text->length);
    size_t n = end != NULL ? (size_t)(end - text->at) : text->length;
    struct gyre_span part = gyre_span_from(text->at, n);

    n += end != NULL;
    *text = gyre_span_from(text->at + n, text->length - n);
    return gyre_span_trim(part);
}

/* Divide `part` at its first '='; false if it has none. */
static bool divide(struct gyre_span part, struct gyre_span *name,
                   struct gyre_span *value)
{
    const char *equals =
        part.length > 0 ? memchr(part.at, '=', part.length) : NULL;
    size_t n;

    *name = gyre_span_trim(part);
    *value = gyre_span_of("");
    if (equals == NULL)
        return false;
    n = (size_t)(equals - part.at);
    *name = gyre_span_trim(gyre_span_from(part.at, n));
    *value = gyre_span_trim(gyre_span_from(equals + 1, part.length - n - 1));
    return true;
}

static bool is_token(struct gyre_span s)
{
    return s.length > 0 && gyre_http_all(s, GYRE_HTTP_TOKEN);
}

static struct gyre_span unquote(struct gyre_span s)
{
    if (s.length < 2 || s.at[0] != '"' || s.at[s.length - 1] != '"')
        return s;
    return gyre_span_from(s.at + 1, s.length - 2);
}

bool gyre_cookie_next(struct gyre_span *field, struct gyre_span *name,
                      struct gyre_span *value)
{
    while (field->length > 0)
        if (divide(next_part(field), name, value) && is_token(*name)) {
            *value = unquote(*value);
            return true;
        }
    return false;
}

struct gyre_span gyre_cookie_find(struct gyre_span field, const char *name)
{
    struct gyre_span wanted = gyre_span_of(name);
    struct gyre_span key, value;

    while (gyre_cookie_next(&field, &key, &value))
        if (gyre_span_equals(key, wanted))
            return value;
    return gyre_span_of(NULL);
}

/* ---- promises in a name ---- */

static bool begins(struct gyre_span s, const char *prefix)
{
    size_t n = strlen(prefix);

    return s.length >= n && gyre_span_equals_nocase(gyre_span_from(s.at, n),
                                                    gyre_span_of(prefix));
}

bool gyre_cookie_keeps_promise(struct gyre_span name, bool secure,
                               struct gyre_span path, struct gyre_span domain)
{
    if (begins(name, "__Secure-"))
        return secure;
    if (begins(name, "__Host-"))
        return secure && domain.at == NULL &&
               gyre_span_equals(path, gyre_span_of("/"));
    return true;
}

/* ---- as they were set ---- */

/* Of both that say how long it is kept, Max-Age counts. */
struct ages {
    int64_t now;
    bool by_age;
};

static void read_age(struct gyre_cookie_set *c, struct gyre_span value,
                     struct ages *ages)
{
    bool negative = value.length > 0 && value.at[0] == '-';
    struct gyre_span digits = {value.at + negative, value.length - negative};
    uint64_t age;

    for (size_t i = 0; i < digits.length; i++)
        if (!gyre_http_is_digit(digits.at[i]))
            return;
    if (digits.length == 0)
        return;
    if (gyre_http_decimal(digits, (uint64_t)(INT64_MAX - ages->now), &age) < 0)
        age = (uint64_t)(INT64_MAX - ages->now);
    ages->by_age = c->persistent = true;
    c->expires = negative ? INT64_MIN : ages->now + (int64_t)age;
}

static void read_date(struct gyre_cookie_set *c, struct gyre_span value,
                      const struct ages *ages)
{
    int64_t seconds;

    if (ages->by_age || gyre_cookie_date(value, &seconds) < 0)
        return;
    c->persistent = true;
    c->expires = seconds;
}

static void read_domain(struct gyre_cookie_set *c, struct gyre_span value)
{
    if (value.length > 0 && value.at[0] == '.')
        value = gyre_span_from(value.at + 1, value.length - 1);
    c->domain = value.length > 0 ? value : gyre_span_of(NULL);
}

static void read_same_site(struct gyre_cookie_set *c, struct gyre_span value)
{
    static const char *const words[] = {NULL, "Strict", "Lax", "None"};

    c->same_site = GYRE_COOKIE_UNSAID;
    for (int i = GYRE_COOKIE_STRICT; i <= GYRE_COOKIE_NONE; i++)
        if (gyre_span_equals_nocase(value, gyre_span_of(words[i])))
            c->same_site = (enum gyre_cookie_same_site)i;
}

static void read_attribute(struct gyre_cookie_set *c, struct gyre_span name,
                           struct gyre_span value, struct ages *ages)
{
    if (gyre_span_equals_nocase(name, gyre_span_of("Expires")))
        read_date(c, value, ages);
    else if (gyre_span_equals_nocase(name, gyre_span_of("Max-Age")))
        read_age(c, value, ages);
    else if (gyre_span_equals_nocase(name, gyre_span_of("Domain")))
        read_domain(c, value);
    else if (gyre_span_equals_nocase(name, gyre_span_of("Path")))
        c->path =
            value.length > 0 && value.at[0] == '/' ? value : gyre_span_of(NULL);
    else if (gyre_span_equals_nocase(name, gyre_span_of("Secure")))
        c->secure = true;
    else if (gyre_span_equals_nocase(name, gyre_span_of("HttpOnly")))
        c->http_only = true;
    else if (gyre_span_equals_nocase(name, gyre_span_of("SameSite")))
        read_same_site(c, value);
}

int gyre_cookie_read(struct gyre_span text, int64_t now,
                     struct gyre_cookie_set *out)
{
    struct gyre_cookie_set c = {{0}};
    struct ages ages = {.now = now > 0 ? now : 0};

    if (!gyre_http_is_text(text) || text.length == 0 ||
        !divide(next_part(&text), &c.name, &c.value) || c.name.length == 0 ||
        c.name.length + c.value.length > GYRE_COOKIE_MAX)
        return -EPROTO;
    while (text.length > 0) {
        struct gyre_span name, value;

        divide(next_part(&text), &name, &value);
        if (value.length <= GYRE_COOKIE_ATTRIBUTE_MAX)
            read_attribute(&c, name, value, &ages);
    }
    if (!gyre_cookie_keeps_promise(c.name, c.secure, c.path, c.domain))
        return -EPROTO;
    *out = c;
    return 0;
}
