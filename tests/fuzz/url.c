/*
 * url.c - URLs, and references followed: a URL in the first line, a reference
 * in the second.
 *
 * The parts of a URL lie in it, in order, and put together make one that has
 * the same parts.  Where a reference leads is a URL again, in which no segment
 * is left to carry out, and "" leads there from there.
 */
#include "tests/fuzz/targets.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "io/http/url.h"
#include "tests/fuzz/fuzz.h"

static void check_spans(const struct gyre_url *url, const char *data, size_t n)
{
    always(fuzz_within(url->scheme, data, n));
    always(fuzz_within(url->authority, data, n) && url->authority.length > 0);
    always(fuzz_within(url->host, url->authority.at, url->authority.length));
    always(fuzz_within(url->path, data, n) ||
           gyre_span_equals(url->path, gyre_span_of("/")));
    always(fuzz_within(url->query, data, n));
}

static void check_parts(const struct gyre_url *url)
{
    always(url->host.length > 0 && url->host.length <= 255);
    always(url->port > 0 && url->port <= 65535);
    always(url->path.length > 0 && url->path.at[0] == '/');
    always(memchr(url->path.at, '?', url->path.length) == NULL);
    always(memchr(url->path.at, '#', url->path.length) == NULL);
    always(memchr(url->authority.at, '@', url->authority.length) == NULL);
    for (size_t i = 0; i < url->path.length; i++)
        always(url->path.at[i] > ' ' && url->path.at[i] < 0x7f);
    for (size_t i = 0; i < url->query.length; i++)
        always(url->query.at[i] > ' ' && url->query.at[i] < 0x7f);
}

static void same_parts(const struct gyre_url *a, const struct gyre_url *b)
{
    always(a->secure == b->secure && a->port == b->port);
    always(gyre_span_equals(a->authority, b->authority));
    always(gyre_span_equals(a->host, b->host));
    always(gyre_span_equals(a->path, b->path));
    always((a->query.at == NULL) == (b->query.at == NULL));
    always(gyre_span_equals(a->query, b->query));
}

static void put(struct gyre_buf *out, struct gyre_span s)
{
    always(gyre_buf_append(out, s.at, s.length) == 0);
}

/* Its parts, put together, come apart alike. */
static void join_again(const struct gyre_url *url)
{
    struct gyre_buf out = {0};
    struct gyre_url again;

    put(&out, url->scheme);
    put(&out, gyre_span_of("://"));
    put(&out, url->authority);
    put(&out, url->path);
    if (url->query.at != NULL)
        put(&out, gyre_span_of("?"));
    put(&out, url->query);
    always(gyre_url_parse(gyre_span_from(out.at, out.length), &again) == 0);
    same_parts(url, &again);
    gyre_buf_free(&out);
}

/* Whether a segment of `path` is "." or "..". */
static bool has_dots(struct gyre_span path)
{
    const char *at = path.at, *end = path.at + path.length;

    while (at < end) {
        const char *slash = memchr(at, '/', (size_t)(end - at));
        size_t n = (size_t)((slash != NULL ? slash : end) - at);

        if ((n == 1 && at[0] == '.') || (n == 2 && memcmp(at, "..", 2) == 0))
            return true;
        at += n + 1;
    }
    return false;
}

static void check_resolved(const char *text, size_t n)
{
    char *copy = fuzz_copy(text, n);
    struct gyre_buf again = {0};
    struct gyre_url url;

    always(gyre_url_parse(gyre_span_from(copy, n), &url) == 0);
    check_parts(&url);
    always(!has_dots(url.path));
    always(gyre_url_resolve(&again, &url, gyre_span_of("")) == 0);
    always(again.length == n && memcmp(again.at, text, n) == 0);
    gyre_buf_free(&again);
    free(copy);
}

static void follow(const struct gyre_url *base, struct gyre_span reference)
{
    struct gyre_buf out = {0};
    int err;

    put(&out, gyre_span_of("before"));
    err = gyre_url_resolve(&out, base, reference);
    always(err == 0 || err == -EINVAL);
    always(memcmp(out.at, "before", 6) == 0);
    if (err == 0)
        check_resolved(out.at + 6, out.length - 6);
    else
        always(out.length == 6);
    gyre_buf_free(&out);
}

static void check_host(const char *data, size_t n)
{
    struct gyre_url url = {0};

    if (gyre_url_parse_host(gyre_span_from(data, n), &url) < 0)
        return;
    always(url.authority.at == data && url.authority.length == n);
    always(url.host.length > 0 && url.host.length <= 255);
    always(fuzz_within(url.host, data, n));
    always(url.port >= 0 && url.port <= 65535);
    for (size_t i = 0; i < n; i++)
        always(data[i] > ' ' && data[i] < 0x7f &&
               strchr("/?#@\\%", data[i]) == NULL);
}

void fuzz_url(const char *data, size_t n)
{
    static const char usual[] = "http://a/b/c/d;p?q";
    const char *feed = n > 0 ? memchr(data, '\n', n) : NULL;
    size_t first = feed != NULL ? (size_t)(feed - data) : n;
    size_t rest = feed != NULL ? n - first - 1 : 0;
    char *text = fuzz_copy(data, first);
    char *reference = fuzz_copy(feed != NULL ? feed + 1 : data, rest);
    struct gyre_url url = {0}, base;

    check_host(text, first);
    always(gyre_url_parse(gyre_span_of(usual), &base) == 0);
    follow(&base, gyre_span_from(text, first));
    if (gyre_url_parse(gyre_span_from(text, first), &url) == 0) {
        check_spans(&url, text, first);
        check_parts(&url);
        join_again(&url);
        follow(&url, gyre_span_from(reference, rest));
    }
    free(text);
    free(reference);
}
