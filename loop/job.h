/*
 * job.h - a call to make soon.
 *
 * Jobs are the loop's ready queue: first come, first served, but in a loop with
 * a seed (loop/random.h).  Starting one allocates nothing and cannot fail.
 */
#ifndef GYRE_LOOP_JOB_H
#define GYRE_LOOP_JOB_H

#include <stdbool.h>

#include "loop/list.h"

struct gyre_loop;

/* Set `run`, zero the rest; keep it in place while it is started. */
struct gyre_job {
    void (*run)(struct gyre_job *j);

    /* private */
    struct gyre_list link; /* in the ready queue; NULL if idle */
};

#pragma GCC visibility push(default)

/*
 * Run `j` once, in the next pass, behind what is started already.  A started
 * job stays where it is in the queue.  It is idle again by the time `run` is
 * called, which may start it anew, or free it.  O(1).
 */
void gyre_job_start(struct gyre_loop *l, struct gyre_job *j);

/* Do not run `j` after all.  An idle job is left alone.  O(1). */
void gyre_job_stop(struct gyre_loop *l, struct gyre_job *j);

/* True from gyre_job_start until the job is about to run, or is stopped. */
bool gyre_job_started(const struct gyre_job *j);

/*
 * Run `j` next, in this pass, before all that is started already; a started job
 * stays where it is.  From no job, it is one of the first of the next round, in
 * the order in which these were started.  A round ends when no such job is
 * left, so a job that always starts another keeps the loop from polling.  O(1).
 */
void gyre_job_start_next(struct gyre_loop *l, struct gyre_job *j);

/*
 * For schedulers on top of the loop, which run jobs themselves: the next job
 * within this round's budget, now idle, or NULL when it is time to return to
 * the loop.  To be called from within a job only.
 */
struct gyre_job *gyre_loop_take(struct gyre_loop *l);

#pragma GCC visibility pop

#endif
