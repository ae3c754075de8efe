/*
 * url.c - takes URLs apart, and resolves references to them.
 */
#include "io/http/url.h"

#include <arpa/inet.h>
#include <errno.h>

#include "io/http/internal.h"

enum { HTTP_PORT = 80, HTTPS_PORT = 443, MAX_PORT = 65535, MAX_NAME = 255 };

/* Drop the first `n` bytes of `s`. */
static void skip(struct gyre_span *s, size_t n)
{
    s->at += n;
    s->length -= n;
}

/* Take what comes before the first of the bytes `ends` off the front of `s`. */
static struct gyre_span until(struct gyre_span *s, const char *ends)
{
    const char *at = s->at;
    size_t n = 0;

    while (n < s->length && memchr(ends, at[n], strlen(ends)) == NULL)
        n++;
    if (n > 0)
        skip(s, n);
    return gyre_span_from(at, n);
}

static bool starts_with(struct gyre_span s, const char *prefix)
{
    size_t n = strlen(prefix);

    return s.length >= n && memcmp(s.at, prefix, n) == 0;
}

static bool is_ipv6(struct gyre_span s)
{
    char text[INET6_ADDRSTRLEN];
    struct in6_addr address;

    if (s.length >= sizeof text || memchr(s.at, '\0', s.length) != NULL)
        return false;
    memcpy(text, s.at, s.length);
    text[s.length] = '\0';
    return inet_pton(AF_INET6, text, &address) == 1;
}

/* Take a host off the front of `s`: a name, an address, or one in brackets. */
static int take_host(struct gyre_span *s, struct gyre_span *host)
{
    if (s->length > 0 && s->at[0] == '[') {
        skip(s, 1);
        *host = until(s, "]");
        if (s->length == 0 || !is_ipv6(*host))
            return -EINVAL;
        skip(s, 1);
        return 0;
    }
    *host = gyre_span_from(s->at, gyre_http_prefix(*s, GYRE_HTTP_PLAIN));
    if (host->length == 0 || host->length > MAX_NAME)
        return -EINVAL;
    skip(s, host->length);
    return 0;
}

int gyre_url_parse_host(struct gyre_span text, struct gyre_url *url)
{
    uint64_t port;

    url->authority = text;
    url->port = 0;
    if (take_host(&text, &url->host) < 0)
        return -EINVAL;
    if (text.length == 0)
        return 0;
    if (text.at[0] != ':')
        return -EINVAL;
    skip(&text, 1);
    if (text.length > 5 || gyre_http_decimal(text, MAX_PORT, &port) < 0 ||
        port == 0)
        return -EINVAL;
    url->port = (int)port;
    return 0;
}

/* Take apart what stands behind a URL's scheme. */
static int parse_behind_scheme(struct gyre_span text, struct gyre_url *url)
{
    if (!starts_with(text, "//"))
        return -EINVAL;
    skip(&text, 2);
    if (gyre_url_parse_host(until(&text, "/?#"), url) < 0)
        return -EINVAL;
    if (url->port == 0)
        url->port = url->secure ? HTTPS_PORT : HTTP_PORT;
    text = until(&text, "#");
    if (!gyre_http_all(text, GYRE_HTTP_TARGET))
        return -EINVAL;
    gyre_url_split_target(text, &url->path, &url->query);
    if (url->path.length == 0)
        url->path = gyre_span_of("/");
    return 0;
}

int gyre_url_parse(struct gyre_span text, struct gyre_url *url)
{
    url->scheme = until(&text, ":");
    url->secure = gyre_span_equals_nocase(url->scheme, gyre_span_of("https"));
    if (!url->secure &&
        !gyre_span_equals_nocase(url->scheme, gyre_span_of("http")))
        return -EINVAL;
    if (text.length == 0)
        return -EINVAL;
    skip(&text, 1);
    return parse_behind_scheme(text, url);
}

static int put(struct gyre_buf *out, struct gyre_span s)
{
    return gyre_buf_append(out, s.at, s.length);
}

/* Let go of the last segment of the path that `out` has from `start` on. */
static void drop_segment(struct gyre_buf *out, size_t start)
{
    size_t n = out->length;

    while (n > start && out->at[n - 1] != '/')
        n--;
    gyre_buf_cut(out, n > start ? n - 1 : start);
}

/*
 * Append the absolute path `path` with "." and ".." carried out.  Each step
 * takes a '/' and the segment behind it; ".." above the root stays there.
 */
static int put_without_dots(struct gyre_buf *out, struct gyre_span path)
{
    size_t start = out->length;
    int err = 0;

    while (path.length > 0 && !err) {
        struct gyre_span segment;
        bool up, here;

        skip(&path, 1);
        segment = until(&path, "/");
        up = gyre_span_equals(segment, gyre_span_of(".."));
        here = gyre_span_equals(segment, gyre_span_of("."));
        if (up)
            drop_segment(out, start);
        if (up || here)
            segment.length = 0;
        if (path.length > 0 && (up || here))
            continue;
        err = gyre_buf_append(out, "/", 1);
        if (!err)
            err = put(out, segment);
    }
    return err;
}

/* Whether a reference begins with a scheme, and so is a URL by itself. */
static bool has_scheme(struct gyre_span s)
{
    struct gyre_span scheme = until(&s, ":/?#");

    return scheme.length > 0 && s.length > 0 && s.at[0] == ':';
}

/*
 * Let `url`, a copy of the base, mean what `reference`, a path or query or
 * both, means there.  A relative path is merged with the base's in `merged`.
 */
static int apply(struct gyre_url *url, struct gyre_span reference,
                 struct gyre_buf *merged)
{
    struct gyre_span path, query;
    int err = 0;

    gyre_url_split_target(reference, &path, &query);
    if (path.length > 0 || query.at != NULL)
        url->query = query;
    if (path.length == 0)
        return 0;
    if (path.at[0] != '/') {
        while (url->path.at[url->path.length - 1] != '/')
            url->path.length--;
        err = put(merged, url->path);
        if (!err)
            err = put(merged, path);
        path = gyre_span_from(merged->at, merged->length);
    }
    url->path = path;
    return err;
}

static int put_url(struct gyre_buf *out, const struct gyre_url *url)
{
    int err;

    err = gyre_buf_append_string(out, url->secure ? "https://" : "http://");
    if (!err)
        err = put(out, url->authority);
    if (!err)
        err = put_without_dots(out, url->path);
    if (!err && url->query.at != NULL)
        err = gyre_buf_append(out, "?", 1);
    return err ? err : put(out, url->query);
}

int gyre_url_resolve(struct gyre_buf *out, const struct gyre_url *base,
                     struct gyre_span reference)
{
    struct gyre_buf merged = {.allocator = out->allocator};
    struct gyre_url url = *base;
    size_t start = out->length;
    int err;

    reference = until(&reference, "#");
    if (!gyre_http_all(reference, GYRE_HTTP_TARGET))
        return -EINVAL;
    if (has_scheme(reference))
        err = gyre_url_parse(reference, &url);
    else if (starts_with(reference, "//"))
        err = parse_behind_scheme(reference, &url);
    else
        err = apply(&url, reference, &merged);
    if (!err)
        err = put_url(out, &url);
    if (err)
        gyre_buf_cut(out, start);
    gyre_buf_free(&merged);
    return err;
}
