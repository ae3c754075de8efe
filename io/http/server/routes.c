/*
 * routes.c - whether a route makes sense, and the paths that routes have.
 */
#include "io/http/server/route.h"

#include <errno.h>

#include "io/http/escape.h"
#include "io/http/internal.h"
#include "io/http/server/internal.h"
#include "io/http/server/router.h"

/* The kind of a path's last segment; MALFORMED if any of them is. */
static enum gyre_http_segment_kind last_kind(const char *path)
{
    enum gyre_http_segment_kind kind = GYRE_HTTP_MALFORMED;

    if (*path != '/')
        return kind;
    while (*path != '\0') {
        kind = gyre_http_next_segment(&path).kind;
        if (kind == GYRE_HTTP_MALFORMED)
            return kind;
    }
    return kind;
}

/* Those of the other table follow where this one ends. */
static int check_table(const struct gyre_http_route *route)
{
    enum gyre_http_segment_kind kind = GYRE_HTTP_LITERAL;
    size_t n = strlen(route->path);

    if (n > 0)
        kind = last_kind(route->path);
    if (kind == GYRE_HTTP_MALFORMED || kind == GYRE_HTTP_TAIL ||
        (n > 0 && route->path[n - 1] == '/') || route->method != NULL ||
        route->handler != NULL || route->directory != NULL ||
        route->files != NULL)
        return -EINVAL;
    return 0;
}

int gyre_http_route_check(const struct gyre_http_route *route)
{
    enum gyre_http_segment_kind kind = last_kind(route->path);
    struct gyre_span method = gyre_span_of(route->method);

    if (route->routes != NULL)
        return check_table(route);
    if (kind == GYRE_HTTP_MALFORMED || method.length == 0 ||
        !gyre_http_all(method, GYRE_HTTP_TOKEN) ||
        (route->handler == NULL) == (route->directory == NULL))
        return -EINVAL;
    if (route->files != NULL && route->directory == NULL)
        return -EINVAL;
    if (route->directory != NULL &&
        (kind != GYRE_HTTP_TAIL ||
         !gyre_span_equals(method, gyre_span_of("GET"))))
        return -EINVAL;
    return 0;
}

/* The value of the parameter `name` among those given; absent if it is not. */
static struct gyre_span find(const struct gyre_http_param *params, size_t n,
                             struct gyre_span name)
{
    for (size_t i = 0; i < n; i++)
        if (gyre_span_equals(params[i].name, name))
            return params[i].value;
    return gyre_span_of(NULL);
}

/* Whether what reads the URL would take some of this for steps, and take
   them. */
static bool has_steps(struct gyre_span value)
{
    while (value.length > 0) {
        const char *slash = memchr(value.at, '/', value.length);
        size_t n = slash != NULL ? (size_t)(slash - value.at) : value.length;
        struct gyre_span segment = gyre_span_from(value.at, n);

        if (gyre_span_equals(segment, gyre_span_of(".")) ||
            gyre_span_equals(segment, gyre_span_of("..")))
            return true;
        n += slash != NULL;
        value = gyre_span_from(value.at + n, value.length - n);
    }
    return false;
}

/* Whether a plain `value` may stand where a path has `s`.  A number has no
   escapes when it is plain. */
static bool may_stand(const struct gyre_http_segment *s, struct gyre_span value)
{
    if (value.at == NULL || has_steps(value))
        return false;
    if (s->kind == GYRE_HTTP_LITERAL)
        return true;
    if (!gyre_http_admits(s, value))
        return false;
    return s->kind != GYRE_HTTP_INT ||
           memchr(value.at, '%', value.length) == NULL;
}

/* Append '/' and a segment, or the segments of a tail. */
static int put_segment(struct gyre_buf *out, const struct gyre_http_segment *s,
                       struct gyre_span value)
{
    int err = gyre_buf_append(out, "/", 1);

    if (!may_stand(s, value))
        return -EINVAL;
    if (err)
        return err;
    return gyre_url_escape(out, value,
                           s->kind == GYRE_HTTP_TAIL ? "/!$&'()*+,;=:@"
                                                     : "!$&'()*+,;=:@");
}

static int put_path(struct gyre_buf *out, const char *path,
                    const struct gyre_http_param *params, size_t n)
{
    int err = 0;

    while (*path != '\0' && !err) {
        struct gyre_http_segment s = gyre_http_next_segment(&path);

        err = put_segment(
            out, &s,
            s.kind == GYRE_HTTP_LITERAL ? s.text : find(params, n, s.text));
    }
    return err;
}

static const struct gyre_http_place *
find_named(const struct gyre_http_router *router, const char *name)
{
    const struct gyre_http_place *p = router->places;

    while (p != NULL && (p->name == NULL || strcmp(p->name, name) != 0))
        p = p->next;
    return p;
}

int gyre_http_router_url(const struct gyre_http_router *router,
                         const char *name, const struct gyre_http_param *params,
                         size_t n, struct gyre_buf *out)
{
    const struct gyre_http_place *place = find_named(router, name);
    size_t start = out->length;
    int err;

    if (place == NULL)
        return -ENOENT;
    err = put_path(out, place->path, params, n);
    /* After two slashes a host would be read. */
    if (!err && out->length - start > 1 &&
        memcmp(out->at + start, "//", 2) == 0)
        err = -EINVAL;
    if (err)
        gyre_buf_cut(out, start);
    return err;
}
