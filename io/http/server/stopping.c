/*
 * stopping.c - handlers that hear of it when the server begins to stop.
 */
#include <errno.h>

#include "task/scope.h"
#include "io/http/server/exchange.h"
#include "io/http/server/request.h"

int gyre_http_when_stopping(struct gyre_http_request *r, struct gyre_job *j)
{
    if (j != NULL && r->connection->service->ending)
        return -ECANCELED;
    r->stopping = j;
    return 0;
}

/* The rest, which is cancelled then. */
struct stoppable {
    struct gyre_job stopping;
    struct gyre_scope scope;
    bool stopped;
};

static void stop(struct gyre_job *j)
{
    struct stoppable *rest = GYRE_OWNER(j, struct stoppable, stopping);

    rest->stopped = true;
    gyre_scope_cancel(&rest->scope);
}

/* What was sent of a reply until then is all of it. */
int gyre_http_unless_stopping(struct gyre_http_request *r)
{
    struct stoppable rest = {.stopping.run = stop};
    int result = gyre_http_when_stopping(r, &rest.stopping);

    if (result)
        return result;
    gyre_scope_open(&rest.scope, GYRE_FOREVER);
    result = gyre_http_next(r);
    (void)gyre_http_when_stopping(r, NULL);
    (void)gyre_scope_close(&rest.scope, 0);
    return rest.stopped && result == -ECANCELED && r->kind == GYRE_HTTP_STREAMED
               ? 0
               : result;
}
