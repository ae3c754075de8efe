/*
 * cookie.c - cookies that are sent, and cookies that are to be set.
 *
 * The first line is a Cookie field and a Set-Cookie field.  What is found lies
 * in it; a cookie that is read from one can be composed, and that reads as the
 * same, unless its parts are none that we would send.  A jar gives it to the
 * host that set it, and to its neighbours at most.
 */
#include "tests/fuzz/targets.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "io/http/cookie.h"
#include "io/http/url.h"
#include "io/http/client/jar.h"
#include "tests/fuzz/fuzz.h"

static const int64_t now = INT64_C(1767225600);

static void check_sent(struct gyre_span field)
{
    struct gyre_span rest = field, name, value;

    while (gyre_cookie_next(&rest, &name, &value)) {
        char *plain = fuzz_string(name);

        always(name.length > 0 && strlen(plain) == name.length);
        always(fuzz_within(name, field.at, field.length));
        always(fuzz_within(value, field.at, field.length));
        always(memchr(value.at, ';', value.length) == NULL);
        always(strpbrk(plain, "=; \t\",") == NULL);
        always(gyre_cookie_find(field, plain).at <= value.at);
        always(gyre_cookie_find(field, plain).at != NULL);
        free(plain);
    }
}

/* But for a tab, which may stand in a value. */
static bool has_control(struct gyre_span s)
{
    for (size_t i = 0; i < s.length; i++)
        if (((unsigned char)s.at[i] < ' ' && s.at[i] != '\t') ||
            s.at[i] == 0x7f)
            return true;
    return false;
}

static void check_parts(const struct gyre_cookie_set *c, struct gyre_span text)
{
    always(c->name.length > 0);
    always(c->name.length + c->value.length <= GYRE_COOKIE_MAX);
    always(fuzz_within(c->name, text.at, text.length));
    always(fuzz_within(c->value, text.at, text.length));
    always(fuzz_within(c->path, text.at, text.length));
    always(fuzz_within(c->domain, text.at, text.length));
    always(!has_control(c->name) && !has_control(c->value));
    always(c->path.at == NULL || (c->path.length > 0 && c->path.at[0] == '/'));
    always(c->domain.at == NULL || c->domain.length > 0);
}

static void same(const struct gyre_cookie_set *a,
                 const struct gyre_cookie_set *b)
{
    always(gyre_span_equals(a->name, b->name));
    always(gyre_span_equals(a->value, b->value));
    always(gyre_span_equals_nocase(a->domain, b->domain));
    always(a->path.at == NULL || gyre_span_equals(a->path, b->path));
    always(a->secure == b->secure && a->http_only == b->http_only);
    always(a->same_site == b->same_site);
    always(a->persistent == b->persistent);
    always(!a->persistent || a->expires == b->expires || a->expires <= now);
}

/* A cookie of these parts, if we would send it, reads as the same. */
static void compose_again(const struct gyre_cookie_set *c)
{
    char *name = fuzz_string(c->name), *value = fuzz_string(c->value);
    char *path = fuzz_string(c->path), *domain = fuzz_string(c->domain);
    struct gyre_cookie cookie = {
        .name = name,
        .value = value,
        .path = c->path.at != NULL ? path : NULL,
        .domain = c->domain.at != NULL ? domain : NULL,
        .max_age = c->persistent && c->expires > now ? c->expires - now : 0,
        .expire = c->persistent && c->expires <= now,
        .secure = c->secure,
        .http_only = c->http_only,
        .same_site = c->same_site};
    struct gyre_cookie_set again;
    struct gyre_buf out = {0};
    int err = gyre_cookie_compose(&out, &cookie);

    always(err == 0 ||
           ((err == -EINVAL || err == -EMSGSIZE) && out.length == 0));
    if (err == 0 && !cookie.expire) {
        struct gyre_span text = {out.at, out.length};

        always(!has_control(text));
        always(gyre_cookie_read(text, now, &again) == 0);
        same(c, &again);
    }
    gyre_buf_free(&out);
    free(name);
    free(value);
    free(path);
    free(domain);
}

/* What `jar` gives for `text`, a URL. */
static struct gyre_buf give(struct gyre_http_jar *jar, const char *text)
{
    struct gyre_buf out = {0};
    struct gyre_url url;

    always(gyre_url_parse(gyre_span_of(text), &url) == 0);
    always(gyre_http_jar_give(jar, &url, now, &out) == 0);
    always(out.length <= 8000);
    always(!has_control(gyre_span_from(out.at, out.length)));
    always(out.length == 0 || memchr(out.at, ';', out.length) == NULL);
    return out;
}

/* What a host sets goes to that host, and to its neighbours at most; and not in
   the clear, if it says so. */
static void check_jar(struct gyre_span text, bool secure)
{
    static const char *const urls[] = {"https://a.b.example/c/d",
                                       "http://a.b.example/c/d",
                                       "https://b.example/", "https://evil/"};
    struct gyre_http_jar *jar;
    struct gyre_buf given;
    struct gyre_url url;
    int err;

    always(gyre_http_jar_new(&jar, NULL, NULL) == 0);
    always(gyre_url_parse(gyre_span_of(urls[0]), &url) == 0);
    err = gyre_http_jar_take(jar, &url, text, now);
    always(err == 0 || err == -EPROTO || err == -EACCES);
    always(gyre_http_jar_count(jar) <= (err == 0));
    for (int i = 0; i < 4; i++) {
        given = give(jar, urls[i]);
        always(given.length == 0 || (err == 0 && i < 3));
        always(given.length == 0 || i != 1 || !secure);
        gyre_buf_free(&given);
    }
    gyre_http_jar_free(jar);
}

void fuzz_cookie(const char *data, size_t n)
{
    char *copy = fuzz_copy(data, n);
    struct gyre_span text = gyre_span_from(copy, n);
    struct gyre_cookie_set c;
    int64_t seconds;
    int err;

    check_sent(text);
    err = gyre_cookie_read(text, now, &c);
    always(err == 0 || err == -EPROTO);
    if (err == 0) {
        check_parts(&c, text);
        compose_again(&c);
    }
    check_jar(text, err == 0 && c.secure);
    err = gyre_cookie_date(text, &seconds);
    always(err == -EINVAL || err == 0);
    if (err == 0)
        always(seconds > INT64_C(-12000000000) &&
               seconds < INT64_C(253402300800));
    free(copy);
}
