/*
 * addr_name.c - the name of an address, by libc's getnameinfo on a thread.
 *
 * As resolve.c has it the other way round: who has waited long enough walks
 * away, and leaves the question to the thread.
 */
#include "io/addr.h"

#include <errno.h>
#include <netdb.h>
#include <stdlib.h>

#include "task/offload.h"
#include "task/pool.h"
#include "task/wait.h"
#include "io/internal.h"

enum { NUMERIC = NI_NUMERICHOST | NI_NUMERICSERV };

struct question {
    struct gyre_addr addr;
    int flags;
    int err; /* what came of it */
    struct gyre_addr_name answer;
};

static void ask(void *arg)
{
    struct question *q = arg;
    struct gyre_addr_name *name = &q->answer;
    int failure;

    errno = 0;
    failure = getnameinfo(&q->addr.is.any, q->addr.length, name->host,
                          sizeof name->host, name->service,
                          sizeof name->service, q->flags);
    q->err = gyre_resolve_outcome(failure, errno);
}

static int ask_thread(struct question *q, struct gyre_addr_name *out,
                      gyre_time deadline)
{
    struct question *own = malloc(sizeof *own);
    int err;

    if (own == NULL)
        return -ENOMEM;
    *own = *q;
    err = gyre_offload_abandonable_to(gyre_run_pool(GYRE_POOL_NAMES), ask, own,
                                      free, deadline);
    if (err)
        return err;
    err = own->err;
    if (err == 0)
        *out = own->answer;
    free(own);
    return err;
}

int gyre_addr_name(const struct gyre_addr *a, int flags,
                   struct gyre_addr_name *out, gyre_time deadline)
{
    struct question q = {.addr = *a, .flags = flags};
    int err = gyre_checkpoint(deadline);

    if (err)
        return err;
    if (a->is.any.sa_family != AF_INET && a->is.any.sa_family != AF_INET6)
        return -EINVAL;
    if ((flags & NUMERIC) != NUMERIC)
        return ask_thread(&q, out, deadline);
    ask(&q);
    if (q.err == 0)
        *out = q.answer;
    return q.err;
}
