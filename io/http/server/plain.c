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

static bool is_plain(const struct gyre_http_place *p)
{
    return p->param_count == 0 && memchr(p->path, '%', p->length) == NULL;
}

static void insert(struct gyre_http_router *router,
                   const struct gyre_http_place *p)
{
    struct gyre_span path = gyre_span_from(p->path, p->length);
    size_t i = router->plain_count++;

    while (i > 0 &&
           gyre_http_plain_compare(p->method, path, router->plain[i - 1]) < 0) {
        router->plain[i] = router->plain[i - 1];
        i--;
    }
    router->plain[i] = p;
    router->plain_lengths |= gyre_http_plain_bit(p->length);
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
