/*
 * around.c - what is called around handlers, and what they hand on to each
 * other.
 *
 * Those around a route stand in one array, which router.c has made of all of
 * them; the request knows who is next, for as long as that one has it.  So it
 * pays for those there are, with a call, and for nothing else.
 */
#include <errno.h>

#include "io/http/internal.h"
#include "io/http/server/exchange.h"
#include "io/http/server/request.h"

/* ---- who is next ---- */

int gyre_http_rest(struct gyre_http_request *r)
{
    const struct gyre_http_around *a = r->around;

    if (a == NULL || a->handler == NULL)
        return gyre_http_answer(r);
    r->around++;
    return a->handler(r);
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
    int result;

    gyre_http_fields_keep(&r->reply_fields);
    result = take_stock(r, gyre_http_rest(r));
    r->around = around;
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
