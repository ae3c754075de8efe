/*
 * pool.h - threads for work that would block the loop.
 *
 * Private to task/, installed nowhere.  Work is done in the order it was given,
 * by threads that are started when needed, up to a limit, and end with the
 * pool.
 *
 *                    [gyre_pool_stop] true: the caller's again
 *                   /
 *      QUEUED -----+---> RUNNING -----+---> OVER ---> done(w), by the loop
 *                       [a thread]     \
 *                                       [gyre_pool_abandon] true: release(w),
 *                                        by the thread, when it is through
 *
 * A thread whose work was abandoned may be stuck for long, in a name server's
 * silence, say.  So it does not count towards the limit, up to as many again;
 * when it comes back there is one too many, and one ends.
 *
 * All calls are for the loop's thread.
 */
#ifndef GYRE_TASK_POOL_H
#define GYRE_TASK_POOL_H

#include <stdbool.h>

#include "loop/job.h"
#include "loop/list.h"
#include "loop/mailbox.h"

struct gyre_loop;
struct gyre_pool;
struct gyre_worker;

/* Set the functions, zero the rest; in place until `done` or `release`. */
struct gyre_work {
    void (*run)(struct gyre_work *w);     /* on a thread of the pool */
    void (*done)(struct gyre_work *w);    /* then, on the loop's */
    void (*release)(struct gyre_work *w); /* instead, if it was abandoned */

    /* private */
    struct gyre_list link;      /* in gyre_pool.queue, or alone */
    struct gyre_worker *worker; /* who runs it, or NULL */
    struct gyre_post post;      /* takes it back to the loop */
    struct gyre_job job;        /* does it all, under simulation */
};

/*
 * Make a pool of at most `limit` threads; 0: as many as there are processors,
 * and at least 4.  Starts none yet.  Under simulation there will be none: work
 * is run by the loop.  -ENOMEM.
 */
int gyre_pool_new(struct gyre_pool **out, struct gyre_loop *l, unsigned limit);

/*
 * End the threads, and wait for them; but not for those whose work was
 * abandoned, which end when they are through.  No other work may be left.  The
 * pool may be NULL.
 */
void gyre_pool_free(struct gyre_pool *p);

/* Queue `w`.  -ENOMEM if there is no thread to do it, and none can be had. */
int gyre_pool_start(struct gyre_pool *p, struct gyre_work *w);

/* Take `w` back, if nobody has begun with it.  False: `done` will be called. */
bool gyre_pool_stop(struct gyre_pool *p, struct gyre_work *w);

/* Leave `w`, which runs, to the thread that runs it.  False: it is over, and
   `done` will be called. */
bool gyre_pool_abandon(struct gyre_pool *p, struct gyre_work *w);

#endif
