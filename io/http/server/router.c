/*
 * router.c - makes a tree of tables of routes.
 *
 * Tables that stand one below the other are walked together, and each route is
 * given its place with what stands before it: its whole path and name, and what
 * is around it in one array.  So nothing of that is left to do for a request.
 */
#include "io/http/server/router.h"

#include <errno.h>

#include "loop/allocator.h"
#include "io/http/server/internal.h"

/* What stands before the routes of a table. */
struct before {
    const char *path; /* "" for the first */
    const char *name; /* with a ':' behind it, or "" */
    const struct gyre_http_around *around;
    uint64_t body_limit; /* or 0 */
    int tables;
};

/* ---- parts ---- */

/* The strings, one behind the other; NULL if there is no memory. */
static const char *join(struct gyre_http_router *router, const char *a,
                        const char *b, const char *c)
{
    size_t n = strlen(a), m = strlen(b), l = strlen(c);
    char *out = gyre_arena_take(&router->arena, n + m + l + 1);

    if (out == NULL)
        return NULL;
    memcpy(out, a, n);
    memcpy(out + n, b, m);
    memcpy(out + n + m, c, l + 1);
    return out;
}

static size_t count(const struct gyre_http_around *a)
{
    size_t n = 0;

    while (a != NULL && a[n].handler != NULL)
        n++;
    return n;
}

/* Those of `outer`, and then those of `inner`. */
static int chain(struct gyre_http_router *router,
                 const struct gyre_http_around *outer,
                 const struct gyre_http_around *inner,
                 const struct gyre_http_around **out)
{
    size_t n = count(outer), m = count(inner);
    struct gyre_http_around *all;

    *out = m > 0 ? inner : outer;
    if (n == 0 || m == 0)
        return 0;
    all = gyre_arena_object(&router->arena, (n + m + 1) * sizeof *all);
    if (all == NULL)
        return -ENOMEM;
    memcpy(all, outer, n * sizeof *all);
    memcpy(all + n, inner, m * sizeof *all);
    *out = all;
    return 0;
}

/* ---- nodes ---- */

/* Where among those that follow `text` is, or would be. */
static size_t seek(const struct gyre_http_node *node, struct gyre_span text)
{
    size_t i = 0;

    while (i < node->count &&
           gyre_http_compare_plain(node->literals[i]->text, text) < 0)
        i++;
    return i;
}

/* Room for one more literal.  What was there before stays in the arena. */
static int widen(struct gyre_http_router *router, struct gyre_http_node *node)
{
    size_t room = node->room > 0 ? 2 * node->room : 4;
    struct gyre_http_node **wider;

    if (node->count < node->room)
        return 0;
    wider = gyre_arena_object(&router->arena, room * sizeof *wider);
    if (wider == NULL)
        return -ENOMEM;
    if (node->count > 0)
        memcpy(wider, node->literals, node->count * sizeof *wider);
    node->literals = wider;
    node->room = room;
    return 0;
}

static struct gyre_http_node *add_literal(struct gyre_http_router *router,
                                          struct gyre_http_node *node,
                                          struct gyre_span text)
{
    size_t i = seek(node, text);
    struct gyre_http_node *new;

    if (i < node->count && gyre_span_equals(node->literals[i]->text, text))
        return node->literals[i];
    new = gyre_arena_object(&router->arena, sizeof *new);
    if (new == NULL || widen(router, node) != 0)
        return NULL;
    new->text = text;
    memmove(&node->literals[i + 1], &node->literals[i],
            (node->count - i) * sizeof *node->literals);
    node->literals[i] = new;
    node->count++;
    return new;
}

static struct gyre_http_node *add_param(struct gyre_http_router *router,
                                        struct gyre_http_node **at)
{
    if (*at == NULL)
        *at = gyre_arena_object(&router->arena, sizeof **at);
    return *at;
}

/* The node for a segment behind `node`; NULL if there is no memory. */
static struct gyre_http_node *follow(struct gyre_http_router *router,
                                     struct gyre_http_node *node,
                                     const struct gyre_http_segment *s)
{
    switch (s->kind) {
    case GYRE_HTTP_INT: return add_param(router, &node->number);
    case GYRE_HTTP_NAME: return add_param(router, &node->name);
    case GYRE_HTTP_TAIL: return add_param(router, &node->tail);
    default: return add_literal(router, node, s->text);
    }
}

/* The node for a whole path, whose names are noted in `p`.  -EINVAL if they are
   too many, or one of them is twice there. */
static int lead(struct gyre_http_router *router, struct gyre_http_place *p,
                struct gyre_http_node **out)
{
    struct gyre_http_node *node = &router->root;
    const char *path = p->path;

    while (*path != '\0') {
        struct gyre_http_segment s = gyre_http_next_segment(&path);

        node = follow(router, node, &s);
        if (node == NULL)
            return -ENOMEM;
        if (s.kind == GYRE_HTTP_LITERAL)
            continue;
        if (p->param_count == GYRE_HTTP_PARAMS)
            return -EINVAL;
        for (size_t i = 0; i < p->param_count; i++)
            if (gyre_span_equals(p->params[i], s.text))
                return -EINVAL;
        p->params[p->param_count++] = s.text;
    }
    *out = node;
    return 0;
}

/* ---- places ---- */

static bool is_named(const struct gyre_http_router *router, const char *name)
{
    for (struct gyre_http_place *p = router->places; p != NULL; p = p->next)
        if (p->name != NULL && strcmp(p->name, name) == 0)
            return true;
    return false;
}

/* Put it at its node, behind those that are there. */
static int settle(struct gyre_http_router *router, struct gyre_http_place *p)
{
    struct gyre_http_place **at;
    struct gyre_http_node *node;
    int err = lead(router, p, &node);

    if (err)
        return err;
    for (at = &node->places; *at != NULL; at = &(*at)->beside)
        if (gyre_span_equals((*at)->method, p->method))
            return -EINVAL;
    if (p->name != NULL && is_named(router, p->name))
        return -EINVAL;
    *at = p;
    *router->last = p;
    router->last = &p->next;
    return 0;
}

/* A place for the route, with what stands before it: -ENOMEM. */
static int place(struct gyre_http_router *router,
                 const struct gyre_http_route *route, const struct before *b,
                 struct gyre_http_place **out)
{
    struct gyre_http_place *p = gyre_arena_object(&router->arena, sizeof *p);

    if (p == NULL)
        return -ENOMEM;
    p->route = route;
    p->method = gyre_span_of(route->method);
    p->directory = -1;
    p->body_limit = route->body_limit > 0 ? route->body_limit : b->body_limit;
    p->path = join(router, b->path, route->path, "");
    if (route->name != NULL)
        p->name = join(router, b->name, route->name, "");
    if (p->path == NULL || (route->name != NULL && p->name == NULL))
        return -ENOMEM;
    p->length = strlen(p->path);
    *out = p;
    return chain(router, b->around, route->around, &p->around);
}

/* ---- tables ---- */

static int add_table(struct gyre_http_router *router,
                     const struct gyre_http_route *routes,
                     const struct before *before,
                     const struct gyre_http_route **wrong);

/* The table that `p->route` stands for.  What is around it is also around what
   is not found there; but a group has no place of its own to look in. */
static int add_below(struct gyre_http_router *router, struct gyre_http_place *p,
                     const struct before *b,
                     const struct gyre_http_route **wrong)
{
    struct before here = {.path = p->path,
                          .name = b->name,
                          .around = p->around,
                          .body_limit = p->body_limit,
                          .tables = b->tables + 1};
    struct gyre_http_node *node;
    int err = lead(router, p, &node);

    if (err == 0 && here.tables > GYRE_HTTP_TABLES)
        err = -EINVAL;
    if (err)
        return err;
    if (p->name != NULL)
        here.name = join(router, p->name, ":", "");
    if (here.name == NULL)
        return -ENOMEM;
    if (p->route->path[0] != '\0' && node->around == NULL)
        node->around = p->around;
    return add_table(router, p->route->routes, &here, wrong);
}

static int add(struct gyre_http_router *router,
               const struct gyre_http_route *route, const struct before *b,
               const struct gyre_http_route **wrong)
{
    struct gyre_http_place *p;
    int err = gyre_http_route_check(route);

    if (err == 0)
        err = place(router, route, b, &p);
    if (err)
        return err;
    return route->routes != NULL ? add_below(router, p, b, wrong)
                                 : settle(router, p);
}

static int add_table(struct gyre_http_router *router,
                     const struct gyre_http_route *routes,
                     const struct before *before,
                     const struct gyre_http_route **wrong)
{
    int err = 0;

    for (; routes->path != NULL && !err; routes++) {
        err = add(router, routes, before, wrong);
        if (err == -EINVAL && *wrong == NULL)
            *wrong = routes;
    }
    return err;
}

/* ---- the whole ---- */

int gyre_http_router_new(struct gyre_http_router **out,
                         const struct gyre_http_route *routes,
                         const struct gyre_http_around *around,
                         struct gyre_allocator *a,
                         const struct gyre_http_route **wrong)
{
    struct before nothing = {.path = "", .name = "", .around = around};
    const struct gyre_http_route *blamed = NULL;
    struct gyre_http_router *router = gyre_resize(a, NULL, 0, sizeof *router);
    int err;

    if (router == NULL)
        return -ENOMEM;
    *router = (struct gyre_http_router){
        .allocator = a, .arena.allocator = a, .root.around = around};
    router->last = &router->places;
    err = add_table(router, routes, &nothing, &blamed);
    if (err == 0)
        err = gyre_http_plain_gather(router);
    if (wrong != NULL)
        *wrong = blamed;
    if (err)
        gyre_http_router_free(router);
    else
        *out = router;
    return err;
}

void gyre_http_router_free(struct gyre_http_router *router)
{
    if (router == NULL)
        return;
    gyre_arena_empty(&router->arena);
    gyre_resize(router->allocator, router, sizeof *router, 0);
}
