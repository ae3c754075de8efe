/*
 * offload.c - waiting for a thread to do something.
 *
 * Who must be waited for keeps the record of it in its own frame.  Who may walk
 * away shares a record on the heap with the thread, and the pool tells whose it
 * is in the end: the waiter's, unless it walked away while the work ran.
 */
#include "task/offload.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "task/background.h"
#include "task/crew.h"
#include "task/breach.h"
#include "task/internal.h"

/* What every offload does after its checkpoint: have threads, those of the
   run for work where no pool is named. */
static int prepare(struct gyre_pool **pool, gyre_time deadline)
{
    struct gyre_runtime *rt;
    struct gyre_pool *p = *pool;

    if (deadline == GYRE_NOW)
        return -ETIMEDOUT;
    rt = gyre_current->runtime;
    if (p == NULL)
        p = *pool = &rt->pools[GYRE_POOL_WORK];
    if (p->crew == NULL)
        p->loop = rt->loop;
    assert(p->loop == rt->loop);
    return p->crew != NULL ? 0 : gyre_crew_new(&p->crew, rt->loop, p);
}

/* For the reports. */
static void describe(const struct gyre_wait *w, char *text, size_t n)
{
    const struct gyre_pool *p = w->on;

    snprintf(text, n, "of the pool %s", p->name != NULL ? p->name : "pool");
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

    return gyre_crew_stop(o->base.crew, &o->base);
}

static const struct gyre_wait_kind offloads = {
    .name = "for a thread",
    .abandon = withdraw,
    .describe = describe,
};

static GYRE_NOT_INLINED intptr_t offload(struct gyre_pool *pool,
                                         intptr_t (*work)(void *arg), void *arg,
                                         gyre_time deadline)
{
    struct offload o = {.base = {.run = run, .done = done},
                        .wait.kind = &offloads,
                        .work = work,
                        .arg = arg};
    int err = prepare(&pool, deadline);

    o.wait.on = pool;
    if (err == 0)
        err = gyre_crew_start(pool->crew, &o.base);
    if (err == 0)
        err = park(&o.wait, deadline);
    return err ? err : o.result;
}

intptr_t gyre_offload_to(struct gyre_pool *pool, intptr_t (*work)(void *arg),
                         void *arg, gyre_time deadline)
{
    int err = gyre_checkpoint(deadline);

    return err ? err : offload(pool, work, arg, deadline);
}

intptr_t gyre_offload(intptr_t (*work)(void *arg), void *arg,
                      gyre_time deadline)
{
    return gyre_offload_to(NULL, work, arg, deadline);
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
    struct gyre_work *work = &wait->errand->base;

    if (gyre_crew_stop(work->crew, work))
        return true;
    if (!gyre_crew_abandon(work->crew, work))
        return false;
    wait->errand = NULL;
    return true;
}

static const struct gyre_wait_kind errands = {
    .name = "for a thread",
    .abandon = walk_away,
    .describe = describe,
};

static GYRE_NOT_INLINED int send(struct errand *e, struct gyre_pool *pool,
                                 gyre_time deadline)
{
    struct errand_wait w = {.base = {.kind = &errands, .on = pool},
                            .errand = e};
    int err;

    e->wait = &w.base;
    err = gyre_crew_start(pool->crew, &e->base);
    if (err == 0)
        err = park(&w.base, deadline);
    if (err == 0)
        free(e);
    else if (w.errand != NULL)
        release_errand(&e->base);
    return err;
}

int gyre_offload_abandonable_to(struct gyre_pool *pool, void (*work)(void *arg),
                                void *arg, void (*release)(void *arg),
                                gyre_time deadline)
{
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

int gyre_offload_abandonable(void (*work)(void *arg), void *arg,
                             void (*release)(void *arg), gyre_time deadline)
{
    return gyre_offload_abandonable_to(NULL, work, arg, release, deadline);
}
