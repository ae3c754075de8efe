/*
 * route.c - finds the route for a request, down the tree that router.c made;
 * unless its path has no parameters, and is found as a whole.
 *
 * At each node the path can go on in one way of each kind at most, and they are
 * tried in the order in which they are exact.  A node is come to in one way
 * only, so no search comes to more of them than there are.
 */
#include "io/http/server/route.h"

#include <errno.h>

#include "io/http/escape.h"
#include "io/http/internal.h"
#include "io/http/server/internal.h"
#include "io/http/server/router.h"

/* What is looked for, and what has come of it. */
struct search {
    struct gyre_span method;
    struct gyre_http_match *match;
    const char *end;     /* of the path */
    bool escaped;        /* there is an escape in the path */
    bool has_path;       /* for some method */
    const char *deepest; /* where the path goes on from the table that
                            match->around is of; of two there, the more exact */

    /* instead of a route, the methods */
    struct gyre_buf *allow; /* or NULL */
    size_t start;
    int err;
};

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

static bool is_get(const struct gyre_http_place *p)
{
    return gyre_span_equals(p->method, gyre_span_of("GET"));
}

/* List what is served there, and look further. */
static bool list_places(struct search *s, const struct gyre_http_place *p)
{
    for (; p != NULL && !s->err; p = p->beside) {
        s->err = list(s->allow, s->start, p->route->method);
        if (!s->err && is_get(p))
            s->err = list(s->allow, s->start, "HEAD");
    }
    return s->err != 0;
}

static const struct gyre_http_place *of_method(const struct gyre_http_place *p,
                                               struct gyre_span method)
{
    while (p != NULL && !gyre_span_equals(p->method, method))
        p = p->beside;
    return p;
}

/* The place for the method, of those at a path; or NULL. */
static const struct gyre_http_place *pick(const struct gyre_http_place *places,
                                          struct gyre_span method)
{
    const struct gyre_http_place *p = of_method(places, method);

    if (p == NULL && gyre_span_equals(method, gyre_span_of("HEAD")))
        p = of_method(places, gyre_span_of("GET"));
    return p;
}

/* The path ends here: is this what was looked for? */
static bool arrive(struct search *s, const struct gyre_http_node *node)
{
    if (node == NULL || node->places == NULL)
        return false;
    s->has_path = true;
    if (s->allow != NULL)
        return list_places(s, node->places);
    s->match->place = pick(node->places, s->method);
    return s->match->place != NULL;
}

/* The literal that may follow, by halves. */
static const struct gyre_http_node *find_literal(const struct search *s,
                                                 const struct gyre_http_node *n,
                                                 struct gyre_span given)
{
    size_t low = 0, high = n->count;

    while (low < high) {
        size_t middle = (low + high) / 2;
        struct gyre_span text = n->literals[middle]->text;
        int order = s->escaped ? gyre_http_compare_escaped(given, text)
                               : gyre_http_compare_plain(given, text);

        if (order == 0)
            return n->literals[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

static bool descend(struct search *s, const struct gyre_http_node *node,
                    const char *at);

/* Take `given` for a parameter, and go on behind it. */
static bool descend_param(struct search *s, const struct gyre_http_node *node,
                          struct gyre_span given)
{
    struct gyre_http_match *m = s->match;

    if (node == NULL)
        return false;
    m->params[m->param_count++].value = given;
    if (descend(s, node, given.at + given.length))
        return true;
    m->param_count--;
    return false;
}

static bool is_number(struct gyre_span given)
{
    int64_t value;

    return gyre_http_read_int(given, &value);
}

/* The segment that begins at `at`. */
static struct gyre_span segment(const struct search *s, const char *at)
{
    size_t most = (size_t)(s->end - at);
    const char *slash = memchr(at, '/', most);

    return gyre_span_from(at, slash != NULL ? (size_t)(slash - at) : most);
}

/* Is there, but for a literal, no way on? */
static bool has_literals_alone(const struct gyre_http_node *node)
{
    return node->number == NULL && node->name == NULL && node->tail == NULL;
}

/* Take `given` for what it can be but a literal, and go on. */
static bool descend_params(struct search *s, const struct gyre_http_node *node,
                           struct gyre_span given)
{
    struct gyre_span all = {given.at, (size_t)(s->end - given.at)};

    if (node->number != NULL && is_number(given) &&
        descend_param(s, node->number, given))
        return true;
    if (given.length > 0 && descend_param(s, node->name, given))
        return true;
    return descend_param(s, node->tail, all);
}

static void note_around(struct search *s, const struct gyre_http_node *node,
                        const char *at)
{
    if (node->around == NULL || at <= s->deepest)
        return;
    s->match->around = node->around;
    s->deepest = at;
}

/* Go on from `node` at `at`, which is the end of the path, or a slash.  Where a
   literal is the only way there is nothing to come back for. */
static bool descend(struct search *s, const struct gyre_http_node *node,
                    const char *at)
{
    const struct gyre_http_node *literal;
    struct gyre_span given;

    note_around(s, node, at);
    while (at < s->end) {
        given = segment(s, at + 1);
        literal = find_literal(s, node, given);
        at = given.at + given.length;
        if (!has_literals_alone(node))
            return (literal != NULL && descend(s, literal, at)) ||
                   descend_params(s, node, given);
        if (literal == NULL)
            return false;
        node = literal;
        note_around(s, node, at);
    }
    return arrive(s, node);
}

static const char *find_escape(struct gyre_span path)
{
    return path.length > 0 ? memchr(path.at, '%', path.length) : NULL;
}

/* Whether every escape of `path` can be undone, from the first on. */
static bool is_sound(struct gyre_span path, const char *escape)
{
    while (escape != NULL) {
        size_t n = path.length - (size_t)(escape - path.at);
        char byte[4];

        if (n < 3 ||
            gyre_url_unescape(byte, gyre_span_from(escape, 3), false) < 0)
            return false;
        path = gyre_span_from(escape + 3, n - 3);
        escape = find_escape(path);
    }
    return true;
}

static void search(const struct gyre_http_router *router, struct search *s,
                   struct gyre_span path)
{
    if (path.length == 0 || path.at[0] != '/')
        return;
    s->end = path.at + path.length;
    s->deepest = path.at;
    (void)descend(s, &router->root, path.at);
}

static void note_place(struct gyre_http_match *m)
{
    m->route = m->place->route;
    m->around = m->place->around;
}

/* The names of the parameters are those of the route that was found. */
static void name_params(struct gyre_http_match *m)
{
    for (size_t i = 0; i < m->param_count; i++)
        m->params[i].name = m->place->params[i];
}

/* The same as gyre_http_router_find, of what is not found as a whole. */
static GYRE_SELDOM int find_in_tree(const struct gyre_http_router *router,
                                    struct gyre_span method,
                                    struct gyre_span path,
                                    struct gyre_http_match *match)
{
    const char *escape = find_escape(path);
    struct search s = {
        .method = method, .match = match, .escaped = escape != NULL};
    bool options;

    match->route = NULL;
    match->around = router->root.around;
    if (!is_sound(path, escape))
        return 400;
    search(router, &s, path);
    if (match->place != NULL) {
        note_place(match);
        name_params(match);
        return 0;
    }
    options = gyre_span_equals(method, gyre_span_of("OPTIONS"));
    if (options && gyre_span_equals(path, gyre_span_of("*")))
        return 204;
    if (!s.has_path)
        return 404;
    return options ? 204 : 405;
}

int gyre_http_router_find(const struct gyre_http_router *router,
                          struct gyre_span method, struct gyre_span path,
                          struct gyre_http_match *match)
{
    match->param_count = 0;
    match->place = gyre_http_plain_find(router, method, path);
    if (match->place == NULL)
        return find_in_tree(router, method, path, match);
    note_place(match);
    return 0;
}

int gyre_http_router_allow(const struct gyre_http_router *router,
                           struct gyre_span path, struct gyre_buf *out)
{
    struct gyre_http_match match = {0};
    struct search s = {.match = &match,
                       .escaped = find_escape(path) != NULL,
                       .allow = out,
                       .start = out->length};

    if (gyre_span_equals(path, gyre_span_of("*"))) {
        for (struct gyre_http_place *p = router->places; p && !s.err;
             p = p->next)
            (void)list_places(&s, p);
    } else {
        search(router, &s, path);
    }
    return s.err ? s.err : list(out, s.start, "OPTIONS");
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
