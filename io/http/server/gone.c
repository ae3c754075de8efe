/*
 * gone.c - whether the peer is still there.
 *
 * That it has ended, or reset the connection, is seen by reading, and only when
 * all that has come before is read: so one looks when the body has ended, and
 * no further than the first byte of what comes next.
 */
#include <errno.h>

#include "task/scope.h"
#include "task/task.h"
#include "io/http/server/exchange.h"
#include "io/http/server/request.h"

/* Somebody looks out while handlers are at work. */
struct gyre_http_vigil {
    struct gyre_http_request *request;
    struct gyre_scope scope; /* theirs */
    struct gyre_job readable;
    bool kept; /* it is, or is over: not twice */
    bool gone; /* so is the peer */
};

/* What is to be seen of the peer. */
enum sight { SILENT, SPOKE, ENDED };

static enum sight look_at(struct gyre_stream *s)
{
    char byte;
    ssize_t n = gyre_peek(s, &byte, 1, GYRE_NOW);

    if (n > 0)
        return SPOKE;
    return n == -ETIMEDOUT || n == -EBUSY || n == -ECANCELED || n == -ENOMEM
               ? SILENT
               : ENDED;
}

static void wait_for_end(struct gyre_http_vigil *v)
{
    struct gyre_stream *s = v->request->connection->stream;

    if (s != NULL)
        (void)gyre_stream_when_readable(s, &v->readable);
}

/* Something has come: the end, or the next request, behind which nothing is to
   be seen; or nothing after all. */
static void look(struct gyre_job *j)
{
    struct gyre_http_vigil *v = GYRE_OWNER(j, struct gyre_http_vigil, readable);
    struct gyre_stream *s = v->request->connection->stream;
    enum sight sight = s != NULL ? look_at(s) : SPOKE;

    if (sight == SILENT)
        wait_for_end(v);
    if (sight != ENDED)
        return;
    v->gone = true;
    gyre_scope_cancel(&v->scope);
}

void gyre_http_vigil_begin(struct gyre_http_request *r)
{
    struct gyre_http_vigil *v = r->vigil;

    if (v == NULL || v->kept || !gyre_http_body_ended(&r->came.body))
        return;
    v->kept = true;
    wait_for_end(v);
}

void gyre_http_vigil_end(struct gyre_http_request *r)
{
    struct gyre_http_vigil *v = r->vigil;

    if (v == NULL)
        return;
    if (v->kept && r->connection->stream != NULL)
        gyre_stream_forget(r->connection->stream);
    v->kept = true;
}

/* One look-out is enough. */
int gyre_http_unless_gone(struct gyre_http_request *r)
{
    struct gyre_http_vigil v = {.request = r, .readable.run = look};
    int result, cause;

    if (r->vigil != NULL)
        return gyre_http_next(r);
    gyre_scope_open(&v.scope, GYRE_FOREVER);
    r->vigil = &v;
    gyre_http_vigil_begin(r);
    result = gyre_http_next(r);
    gyre_http_vigil_end(r);
    r->vigil = NULL;
    cause = (int)gyre_scope_close(&v.scope, result);
    return v.gone && result == -ECANCELED ? result : cause;
}

bool gyre_http_peer_gone(struct gyre_http_request *r)
{
    struct gyre_stream *s = r->connection->stream;

    if (s == NULL || gyre_stream_broken(s) || r->send_err != 0 ||
        (r->vigil != NULL && r->vigil->gone))
        return true;
    if (!gyre_http_body_ended(&r->came.body) ||
        (r->vigil != NULL && r->vigil->kept))
        return false;
    return look_at(s) == ENDED;
}
