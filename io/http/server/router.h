/*
 * router.h - a table of routes, and those below it, made ready to be searched.
 *
 * Private to io/http/.  A tree: at a node stands what is served at a path, and
 * below it what may follow, segment by segment, in the order in which it is to
 * be tried.  What has no parameters is beside that in an array, to be found as
 * a whole.  All of it is in one arena.
 */
#ifndef GYRE_IO_HTTP_ROUTER_H
#define GYRE_IO_HTTP_ROUTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "io/http/arena.h"
#include "io/http/server/internal.h"
#include "io/http/server/route.h"
#include "io/http/span.h"

/* A route in its place: with what stands before it, and around it. */
struct gyre_http_place {
    struct gyre_http_place *next;          /* of all, as the tables have them */
    struct gyre_http_place *beside;        /* at the same path; or NULL */
    const struct gyre_http_route *route;   /* the caller's */
    const char *path;                      /* whole */
    size_t length;                         /* of that */
    const char *name;                      /* whole: "admin:user"; or NULL */
    const struct gyre_http_around *around; /* whole; or NULL */
    uint64_t body_limit;                   /* or 0 */
    struct gyre_span method;
    struct gyre_span params[GYRE_HTTP_PARAMS]; /* their names */
    size_t param_count;
    int directory; /* for the server: open, or -1 */
};

/* A path so far. */
struct gyre_http_node {
    struct gyre_span text;            /* of the segment, if it is a literal */
    struct gyre_http_node **literals; /* that may follow, sorted */
    size_t count, room;               /* of these */
    struct gyre_http_node *number, *name, *tail; /* that may; or NULL */
    struct gyre_http_place *places;              /* served here; or NULL */
    const struct gyre_http_around *around; /* what is below a table; or NULL */
};

struct gyre_http_router {
    struct gyre_allocator *allocator;
    struct gyre_arena arena;
    struct gyre_http_node root;
    struct gyre_http_place *places;       /* all */
    struct gyre_http_place **last;        /* where the next one goes */
    const struct gyre_http_place **plain; /* without parameters, sorted */
    size_t plain_count;
    uint64_t plain_lengths; /* a bit for each length of theirs, modulo 64 */
};

/* ---- plain.c ---- */

/* The order in which they stand: by their paths, and at one by methods. */
static inline int gyre_http_plain_compare(struct gyre_span method,
                                          struct gyre_span path,
                                          const struct gyre_http_place *p)
{
    int order =
        gyre_http_compare_plain(path, gyre_span_from(p->path, p->length));

    return order != 0 ? order : gyre_http_compare_plain(method, p->method);
}

static inline uint64_t gyre_http_plain_bit(size_t length)
{
    return (uint64_t)1 << length % 64;
}

/*
 * The place for that method and path, if it is among those; or NULL.  What is
 * not there has mostly not even the length of one that is.  Inline, as every
 * request passes here.
 */
static inline const struct gyre_http_place *
gyre_http_plain_find(const struct gyre_http_router *router,
                     struct gyre_span method, struct gyre_span path)
{
    size_t low = 0, high = router->plain_count;

    if (!(router->plain_lengths & gyre_http_plain_bit(path.length)))
        return NULL;
    while (low < high) {
        size_t middle = (low + high) / 2;
        const struct gyre_http_place *p = router->plain[middle];
        int order = gyre_http_plain_compare(method, path, p);

        if (order == 0)
            return p;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

/* Gather them, when all places are there: -ENOMEM. */
int gyre_http_plain_gather(struct gyre_http_router *router);

#endif
