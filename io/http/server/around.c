/*
 * around.c - what is called around handlers, and what they hand on to each
 * other.
 *
 * Those of the server stand in one array, and those of the route in another; the
 * request knows who is next, for as long as that one has it.  So a request pays
 * for those there are, with a call, and for nothing else.
 */
#include <errno.h>

#include "io/http/internal.h"
#include "io/http/server/exchange.h"
#include "io/http/server/request.h"

/* ---- who is next ---- */

/* Behind the last of the server's come those of the route. */
static bool has_another(struct gyre_http_request *r)
{
    const struct gyre_http_route *route = r->match.route;

    if (r->around != NULL && r->around->handler != NULL)
        return true;
    if (r->within || r->found != 0 || route->around == NULL)
        return false;
    r->around = route->around;
    r->within = true;
    return r->around->handler != NULL;
}

int gyre_http_rest(struct gyre_http_request *r)
{
    return has_another(r) ? (r->around++)->handler(r) : gyre_http_answer(r);
}

/* The rest has begun a reply, and failed: if the client has seen nothing of it,
   there can be another. */
static int undo_begun(struct gyre_http_request *r, int err)
{
    if (!r->left && err != -ECANCELED && r->kind != GYRE_HTTP_TAKEN) {
        gyre_buf_cut(&r->out, r->settled);
        gyre_http_reply_drop(r);
    }
    return err;
}

/* What the rest has come to: a status, or an error and nothing recorded. */
static int take_stock(struct gyre_http_request *r, int result)
{
    if (gyre_http_reply_begun(r))
        return result < 0 ? undo_begun(r, result) : r->status;
    if (result != -ECANCELED)
        result = gyre_http_conclude(r, result);
    if (result < 0)
        gyre_http_reply_drop(r);
    else if (result > 0 || r->kind == GYRE_HTTP_NO_REPLY)
        result = gyre_http_fail(r, result);
    return result < 0 ? result : r->status;
}

int gyre_http_next(struct gyre_http_request *r)
{
    const struct gyre_http_around *around = r->around;
    bool within = r->within;
    int result;

    gyre_http_fields_keep(&r->reply_fields);
    result = take_stock(r, gyre_http_rest(r));
    r->around = around;
    r->within = within;
    return result;
}

const struct gyre_http_route *gyre_http_route(const struct gyre_http_request *r)
{
    return r->match.route;
}

/* ---- what they hand on ---- */

struct gyre_http_kept {
    struct gyre_http_kept *next;
    const struct gyre_http_slot *slot;
    alignas(max_align_t) char bytes[];
};

void *gyre_http_in_slot(struct gyre_http_request *r,
                        const struct gyre_http_slot *slot)
{
    struct gyre_http_kept *k = r->kept;

    while (k != NULL && k->slot != slot)
        k = k->next;
    if (k != NULL)
        return k->bytes;
    k = gyre_arena_object(&r->arena, sizeof *k + slot->size);
    if (k == NULL)
        return NULL;
    k->slot = slot;
    k->next = r->kept;
    r->kept = k;
    return k->bytes;
}
