/*
 * route.c - finds the route for a request, by walking the table.
 *
 * Nothing is built from the table: a path is compared with each route's, and of
 * those that match the most exact is kept.  A table is short, and most of it is
 * passed over at the first letter that differs.
 */
#include "io/http/server/route.h"

#include <errno.h>

#include "io/http/escape.h"
#include "io/http/server/internal.h"

/* What letters alone tell of two paths, before any braces or escapes. */
enum resemblance { DIFFERENT, THE_SAME, UNSURE };

static enum resemblance compare(const char *pattern, struct gyre_span path)
{
    size_t i = 0;

    while (i < path.length && pattern[i] == path.at[i] && pattern[i] != '{' &&
           pattern[i] != '\0')
        i++;
    if (pattern[i] == '{' || (i < path.length && path.at[i] == '%'))
        return UNSURE;
    return i == path.length && pattern[i] == '\0' ? THE_SAME : DIFFERENT;
}

/* Whether `path` is one of `route`'s; if so, `m` has its parameters. */
static bool match_path(const struct gyre_http_route *route,
                       struct gyre_span path, struct gyre_http_match *m)
{
    const char *pattern = route->path;
    enum resemblance found = compare(pattern, path);

    if (path.length == 0 || path.at[0] != '/' || found == DIFFERENT)
        return false;
    m->route = route;
    m->param_count = 0;
    if (found == THE_SAME)
        return true;
    while (*pattern != '\0' && path.length > 0) {
        struct gyre_http_segment s = gyre_http_next_segment(&pattern);
        struct gyre_span given = {path.at + 1, path.length - 1};
        const char *slash = memchr(given.at, '/', given.length);

        if (slash != NULL && s.kind != GYRE_HTTP_TAIL)
            given.length = (size_t)(slash - given.at);
        if (!gyre_http_admits(&s, given))
            return false;
        if (s.kind != GYRE_HTTP_LITERAL)
            m->params[m->param_count++] =
                (struct gyre_http_param){s.text, given};
        path.at += 1 + given.length;
        path.length -= 1 + given.length;
    }
    return *pattern == '\0' && path.length == 0;
}

static bool is_method(const struct gyre_http_route *route, const char *method)
{
    return strcmp(route->method, method) == 0;
}

/* Whether `method` may be done there. */
enum serving {
    NOT_SERVED,
    SERVED_AS_GET, /* HEAD, of which the route says nothing */
    SERVED
};

static enum serving serves(const struct gyre_http_route *route,
                           struct gyre_span method)
{
    if (gyre_span_equals(method, gyre_span_of(route->method)))
        return SERVED;
    if (is_method(route, "GET") &&
        gyre_span_equals(method, gyre_span_of("HEAD")))
        return SERVED_AS_GET;
    return NOT_SERVED;
}

/* Whether every escape of `path` can be undone. */
static bool is_sound(struct gyre_span path)
{
    const char *escape = path.length ? memchr(path.at, '%', path.length) : NULL;

    while (escape != NULL) {
        size_t n = path.length - (size_t)(escape - path.at);
        char byte[4];

        if (n < 3 ||
            gyre_url_unescape(byte, gyre_span_from(escape, 3), false) < 0)
            return false;
        path = gyre_span_from(escape + 3, n - 3);
        escape = memchr(path.at, '%', path.length);
    }
    return true;
}

/* Whether `found` is to be had rather than `best`, for `method`. */
static bool is_better(const struct gyre_http_match *found,
                      const struct gyre_http_match *best,
                      struct gyre_span method)
{
    int order;

    if (best->route == NULL)
        return true;
    order = gyre_http_compare_paths(found->route->path, best->route->path);
    if (order == 0)
        return serves(found->route, method) > serves(best->route, method);
    return order < 0;
}

int gyre_http_routes_find(const struct gyre_http_route *routes,
                          struct gyre_span method, struct gyre_span path,
                          struct gyre_http_match *match)
{
    bool options = gyre_span_equals(method, gyre_span_of("OPTIONS"));
    bool has_path = options && gyre_span_equals(path, gyre_span_of("*"));
    struct gyre_http_match found;

    match->route = NULL;
    match->param_count = 0;
    if (!is_sound(path))
        return 400;
    for (; routes->path != NULL; routes++) {
        if (!match_path(routes, path, &found))
            continue;
        has_path = true;
        if (serves(routes, method) != NOT_SERVED &&
            is_better(&found, match, method))
            *match = found;
    }
    if (match->route != NULL)
        return 0;
    if (!has_path)
        return 404;
    return options ? 204 : 405;
}

/* Append `method` to the list that `out` has from `start` on, once. */
static int list(struct gyre_buf *out, size_t start, const char *method)
{
    struct gyre_span so_far = {NULL, 0};
    int err = 0;

    if (out->length > start)
        so_far = gyre_span_from(out->at + start, out->length - start);
    if (gyre_span_lists(so_far, method))
        return 0;
    if (so_far.length > 0)
        err = gyre_buf_append(out, ", ", 2);
    return err ? err : gyre_buf_append_string(out, method);
}

int gyre_http_routes_allow(const struct gyre_http_route *routes,
                           struct gyre_span path, struct gyre_buf *out)
{
    bool any = gyre_span_equals(path, gyre_span_of("*"));
    struct gyre_http_match found;
    size_t start = out->length;
    int err = 0;

    for (; routes->path != NULL && !err; routes++) {
        if (!any && !match_path(routes, path, &found))
            continue;
        err = list(out, start, routes->method);
        if (!err && is_method(routes, "GET"))
            err = list(out, start, "HEAD");
    }
    return err ? err : list(out, start, "OPTIONS");
}

struct gyre_span gyre_http_match_param(const struct gyre_http_match *match,
                                       const char *name)
{
    struct gyre_span wanted = gyre_span_of(name);

    for (size_t i = 0; i < match->param_count; i++)
        if (gyre_span_equals(match->params[i].name, wanted))
            return match->params[i].value;
    return gyre_span_of(NULL);
}
