/*
 * gather.c - several calls at once.
 *
 * The tasks of the calls return 0 whatever becomes of these, so that nothing
 * cancels the scope but a limit, something outside, and `count`, which looks at
 * each result as it comes.
 */
#include "task/gather.h"

#include <errno.h>

#include "loop/result.h"
#include "task/breach.h"
#include "task/internal.h"

struct gyre_gathering {
    struct gyre_scope scope;
    enum gyre_gather how;
    const void *site;              /* who asked for it */
    const struct gyre_call *first; /* that succeeded, or ended; or NULL */
    size_t failures;
    intptr_t failure; /* the latest */
};

/* Does a call that ended so decide what becomes of the others? */
static bool decides(enum gyre_gather how, bool failed)
{
    switch (how) {
    case GYRE_GATHER_ALL: return failed;
    case GYRE_GATHER_ANY: return !failed;
    case GYRE_GATHER_RACE: return true;
    default: return false;
    }
}

static void count(struct gyre_gathering *g, const struct gyre_call *c)
{
    bool failed = gyre_is_error(c->result);

    if (c->result == -ECANCELED && gyre_scope_cancelled(&g->scope))
        return;
    if (failed) {
        g->failures++;
        g->failure = c->result;
    }
    if (!decides(g->how, failed))
        return;
    if (g->how == GYRE_GATHER_ALL) {
        gyre_scope_fail(&g->scope, (int)c->result);
        return;
    }
    if (g->first == NULL)
        g->first = c;
    gyre_scope_cancel(&g->scope);
}

/* What was deferred comes first: it is not to be cancelled on account of how
   its own call has ended. */
static intptr_t call(void *arg)
{
    struct gyre_call *c = arg;

    gyre_current->fn = c->fn; /* what reports are to name */
    gyre_current->spawned_at = c->gathering->site;
    c->result = c->fn(c->arg);
    gyre_defers_run(gyre_current);
    count(c->gathering, c);
    return 0;
}

/* Of a task that cannot be had its future tells, in a tolerant scope to nobody
   but who reads it. */
static void begin(struct gyre_gathering *g, struct gyre_call *c)
{
    struct gyre_future begun;

    c->gathering = g;
    if (gyre_spawn(&g->scope, &begun, call, c) == 0) {
        gyre_future_drop(&begun);
        return;
    }
    c->result = gyre_future_result(&begun);
    count(g, c);
}

/* What to return, if nothing but the calls themselves ended them. */
static intptr_t verdict(const struct gyre_gathering *g)
{
    switch (g->how) {
    case GYRE_GATHER_ALL: return 0;
    case GYRE_GATHER_SETTLED: return (intptr_t)g->failures;
    default: return g->failures > 0 ? g->failure : -ECHILD;
    }
}

static GYRE_NOT_INLINED intptr_t gather(struct gyre_call *calls, size_t n,
                                        enum gyre_gather how, gyre_time limit,
                                        const void *site)
{
    struct gyre_gathering g = {.how = how, .site = site};
    intptr_t result;

    gyre_scope_open_tolerant(&g.scope, limit);
    for (size_t i = 0; i < n; i++)
        begin(&g, &calls[i]);
    result = gyre_scope_close(&g.scope, 0);
    if (g.first != NULL)
        return g.first - calls;
    return result != 0 ? result : verdict(&g);
}

GYRE_NOT_INLINED intptr_t gyre_gather(struct gyre_call *calls, size_t n,
                                      enum gyre_gather how, gyre_time deadline)
{
    const void *site = __builtin_return_address(0);
    int err = gyre_checkpoint(deadline);

    if (err == 0 && deadline == GYRE_NOW)
        err = -ETIMEDOUT;
    if (err == 0)
        return gather(calls, n, how, deadline, site);
    for (size_t i = 0; i < n; i++)
        calls[i].result = err;
    return err;
}
