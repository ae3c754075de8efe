/*
 * offload.c - waiting for a thread to do something.
 *
 * Who must be waited for keeps the record of it in its own frame.  Who may walk
 * away shares a record on the heap with the thread, and the pool tells whose it
 * is in the end: the waiter's, unless it walked away while the work ran.
 */
#include "task/offload.h"

#include <errno.h>
#include <stdlib.h>

#include "task/background.h"
#include "task/internal.h"
#include "task/pool.h"

/* What every offload does after its checkpoint: have a pool. */
static int prepare(struct gyre_pool **pool, gyre_time deadline)
{
    struct gyre_runtime *rt;
    int err = 0;

    if (deadline == GYRE_NOW)
        return -ETIMEDOUT;
    rt = gyre_current->runtime;
    if (rt->pool == NULL)
        err = gyre_pool_new(&rt->pool, rt->loop, rt->threads);
    *pool = rt->pool;
    return err;
}

/* Park until the work is done; the loop lives on for the sake of it. */
static int park(struct gyre_wait *w, gyre_time deadline)
{
    struct gyre_loop *l = gyre_current->runtime->loop;
    int err;

    gyre_awaits_begin(l);
    err = (int)gyre_wait_park(w, deadline);
    gyre_awaits_end(l);
    return err;
}

/* ---- waited for ---- */

struct offload {
    struct gyre_work base;
    struct gyre_wait wait;
    struct gyre_pool *pool;
    intptr_t (*work)(void *arg);
    void *arg;
    intptr_t result;
};

static void run(struct gyre_work *w)
{
    struct offload *o = GYRE_OWNER(w, struct offload, base);

    o->result = o->work(o->arg);
}

static void done(struct gyre_work *w)
{
    gyre_wait_wake(&GYRE_OWNER(w, struct offload, base)->wait, 0);
}

static bool withdraw(struct gyre_wait *w)
{
    struct offload *o = GYRE_OWNER(w, struct offload, wait);

    return gyre_pool_stop(o->pool, &o->base);
}

static const struct gyre_wait_kind offloads = {
    .name = "for a thread",
    .abandon = withdraw,
};

static GYRE_NOT_INLINED intptr_t offload(intptr_t (*work)(void *arg), void *arg,
                                         gyre_time deadline)
{
    struct offload o = {.base = {.run = run, .done = done},
                        .wait.kind = &offloads,
                        .work = work,
                        .arg = arg};
    int err = prepare(&o.pool, deadline);

    if (err == 0)
        err = gyre_pool_start(o.pool, &o.base);
    if (err == 0)
        err = park(&o.wait, deadline);
    return err ? err : o.result;
}

intptr_t gyre_offload(intptr_t (*work)(void *arg), void *arg,
                      gyre_time deadline)
{
    int err = gyre_checkpoint(deadline);

    return err ? err : offload(work, arg, deadline);
}

/* ---- walked away from ---- */

struct errand {
    struct gyre_work base;
    struct gyre_wait *wait; /* the waiter's */
    void (*work)(void *arg);
    void (*release)(void *arg);
    void *arg;
};

/* A wait for an errand, and whether it is still the waiter's. */
struct errand_wait {
    struct gyre_wait base;
    struct gyre_pool *pool;
    struct errand *errand; /* NULL: it is the thread's */
};

static void run_errand(struct gyre_work *w)
{
    struct errand *e = GYRE_OWNER(w, struct errand, base);

    e->work(e->arg);
}

static void errand_done(struct gyre_work *w)
{
    gyre_wait_wake(GYRE_OWNER(w, struct errand, base)->wait, 0);
}

static void release_errand(struct gyre_work *w)
{
    struct errand *e = GYRE_OWNER(w, struct errand, base);

    e->release(e->arg);
    free(e);
}

static bool walk_away(struct gyre_wait *w)
{
    struct errand_wait *wait = GYRE_OWNER(w, struct errand_wait, base);

    if (gyre_pool_stop(wait->pool, &wait->errand->base))
        return true;
    if (!gyre_pool_abandon(wait->pool, &wait->errand->base))
        return false;
    wait->errand = NULL;
    return true;
}

static const struct gyre_wait_kind errands = {
    .name = "for a thread",
    .abandon = walk_away,
};

static GYRE_NOT_INLINED int send(struct errand *e, struct gyre_pool *pool,
                                 gyre_time deadline)
{
    struct errand_wait w = {.base.kind = &errands, .pool = pool, .errand = e};
    int err;

    e->wait = &w.base;
    err = gyre_pool_start(pool, &e->base);
    if (err == 0)
        err = park(&w.base, deadline);
    if (err == 0)
        free(e);
    else if (w.errand != NULL)
        release_errand(&e->base);
    return err;
}

int gyre_offload_abandonable(void (*work)(void *arg), void *arg,
                             void (*release)(void *arg), gyre_time deadline)
{
    struct gyre_pool *pool;
    struct errand *e = NULL;
    int err = gyre_checkpoint(deadline);

    if (err == 0)
        err = prepare(&pool, deadline);
    if (err == 0) {
        e = calloc(1, sizeof *e);
        err = e == NULL ? -ENOMEM : 0;
    }
    if (err) {
        release(arg);
        return err;
    }
    e->base = (struct gyre_work){
        .run = run_errand, .done = errand_done, .release = release_errand};
    e->work = work;
    e->release = release;
    e->arg = arg;
    return send(e, pool, deadline);
}
