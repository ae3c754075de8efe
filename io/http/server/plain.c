/*
 * plain.c - paths without parameters, which are found as a whole.
 *
 * Nothing is as exact as they are, so what is among them, for the method that
 * is asked for, is what a search of the tree would come to first.  Those with a
 * '%' are not here: of such a path the escapes are undone, segment by segment.
 */
#include "io/http/server/router.h"

#include <errno.h>
#include <string.h>

#include "io/http/server/internal.h"

/* The order in which they stand: by their paths, and at one by methods. */
static inline int compare(struct gyre_span method, struct gyre_span path,
                          const struct gyre_http_place *p)
{
    int order =
        gyre_http_compare_plain(path, gyre_span_from(p->path, p->length));

    return order != 0 ? order : gyre_http_compare_plain(method, p->method);
}

static uint64_t bit_of(size_t length)
{
    return (uint64_t)1 << length % 64;
}

/* What is not among them has mostly not even the length of one that is. */
const struct gyre_http_place *
gyre_http_plain_find(const struct gyre_http_router *router,
                     struct gyre_span method, struct gyre_span path)
{
    size_t low = 0, high = router->plain_count;

    if (!(router->plain_lengths & bit_of(path.length)))
        return NULL;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = compare(method, path, router->plain[middle]);

        if (order == 0)
            return router->plain[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

static bool is_plain(const struct gyre_http_place *p)
{
    return p->param_count == 0 && memchr(p->path, '%', p->length) == NULL;
}

static void insert(struct gyre_http_router *router,
                   const struct gyre_http_place *p)
{
    struct gyre_span path = gyre_span_from(p->path, p->length);
    size_t i = router->plain_count++;

    while (i > 0 && compare(p->method, path, router->plain[i - 1]) < 0) {
        router->plain[i] = router->plain[i - 1];
        i--;
    }
    router->plain[i] = p;
    router->plain_lengths |= bit_of(p->length);
}

int gyre_http_plain_gather(struct gyre_http_router *router)
{
    size_t n = 0;

    for (struct gyre_http_place *p = router->places; p != NULL; p = p->next)
        n += is_plain(p);
    if (n == 0)
        return 0;
    router->plain =
        gyre_arena_object(&router->arena, n * sizeof(*router->plain));
    if (router->plain == NULL)
        return -ENOMEM;
    for (struct gyre_http_place *p = router->places; p != NULL; p = p->next)
        if (is_plain(p))
            insert(router, p);
    return 0;
}
