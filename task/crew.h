/*
 * crew.h - the threads of a pool, and their work.
 *
 * Private to task/, installed nowhere.  Work is done in the order it was given,
 * by threads that are started when needed, up to a limit, and end with the
 * crew.
 *
 *                    [gyre_crew_stop] true: the caller's again
 *                   /
 *      QUEUED -----+---> RUNNING -----+---> OVER ---> done(w), by the loop
 *                       [a thread]     \
 *                                       [gyre_crew_abandon] true: release(w),
 *                                        by the thread, when it is through
 *
 * A thread whose work was abandoned may be stuck for long, in a name server's
 * silence, say.  So it does not count towards the limit, up to as many again;
 * when it comes back there is one too many, and one ends.
 *
 * All calls are for the loop's thread.
 */
#ifndef GYRE_TASK_CREW_H
#define GYRE_TASK_CREW_H

#include <stdbool.h>

#include "loop/job.h"
#include "loop/list.h"
#include "loop/mailbox.h"
#include "task/pool.h"

struct gyre_worker;

/* Set the functions, zero the rest; in place until `done` or `release`. */
struct gyre_work {
    void (*run)(struct gyre_work *w);     /* on a thread of the crew */
    void (*done)(struct gyre_work *w);    /* then, on the loop's */
    void (*release)(struct gyre_work *w); /* instead, if it was abandoned */

    /* private */
    struct gyre_list link;      /* in gyre_crew.queue, or alone */
    struct gyre_worker *worker; /* who runs it, or NULL */
    struct gyre_post post;      /* takes it back to the loop */
    struct gyre_job job;        /* does it all, under simulation */
    struct gyre_crew *crew;
    gyre_time since; /* it is queued, or running */
};

/*
 * Make a crew of which `p` says how large it is, and what else there is to say;
 * it is not looked at again.  Starts no thread yet.  Under simulation there
 * will be none: work is run by the loop.  -ENOMEM.
 */
int gyre_crew_new(struct gyre_crew **out, struct gyre_loop *l,
                  const struct gyre_pool *p);

/*
 * End the threads, and wait for them; but not for those whose work was
 * abandoned, which end when they are through.  No other work may be left.  The
 * crew may be NULL.
 */
void gyre_crew_free(struct gyre_crew *c);

/* Queue `w`.  -ENOMEM if there is no thread to do it, and none can be had;
   -EBUSY if as much as may already waits for one. */
int gyre_crew_start(struct gyre_crew *c, struct gyre_work *w);

/* Take `w` back, if nobody has begun with it.  False: `done` will be called. */
bool gyre_crew_stop(struct gyre_crew *c, struct gyre_work *w);

/* Leave `w`, which runs, to the thread that runs it.  False: it is over, and
   `done` will be called. */
bool gyre_crew_abandon(struct gyre_crew *c, struct gyre_work *w);

struct gyre_pool_stats gyre_crew_stats(struct gyre_crew *c);

#endif
