/*
 * ready.h - the ready queue, for who switches from one job to the next.
 *
 * Private to loop/ and what is above it, installed nowhere.  What is inline is
 * in the way of every wait of a task; the rest is in job.c and loop.c.
 */
#ifndef GYRE_LOOP_READY_H
#define GYRE_LOOP_READY_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "loop/job.h"
#include "loop/list.h"
#include "loop/loop.h"

/* What a struct gyre_loop begins with. */
struct gyre_ready {
    struct gyre_list next; /* jobs for the next pass, in order */
    struct gyre_list pass; /* jobs left in this one */
    uint64_t jobs;         /* taken from there so far */
    uint64_t enough;       /* that many end the round; 0: there is none */
    size_t awaiting;       /* as gyre_loop_awaits counts */
    const char *quiet;     /* the gyre_thread_mark of who runs the loop, if that
                              is all: nobody is told of its jobs, and no seed
                              decides their order; or NULL */
};

/* Each thread has one, at an address that no other has: which tells them apart
   without a call. */
extern _Thread_local char gyre_thread_mark
    __attribute__((visibility("hidden"), tls_model("initial-exec")));

static inline struct gyre_ready *gyre_loop_ready(struct gyre_loop *l)
{
    return (struct gyre_ready *)(void *)l;
}

/* The first of the pass, which has not ended. */
static inline struct gyre_job *gyre_ready_first(struct gyre_ready *r)
{
    r->jobs++;
    return GYRE_OWNER(gyre_list_take(&r->pass), struct gyre_job, link);
}

/* As gyre_job_start, of a job that is idle. */
static inline __attribute__((always_inline)) void
gyre_ready_add(struct gyre_loop *l, struct gyre_job *j)
{
    struct gyre_ready *r = gyre_loop_ready(l);

    if (r->quiet == &gyre_thread_mark)
        gyre_list_append(&r->next, &j->link);
    else
        gyre_job_start(l, j);
}

/* As gyre_loop_take. */
static inline __attribute__((always_inline)) struct gyre_job *
gyre_ready_take(struct gyre_loop *l)
{
    struct gyre_ready *r = gyre_loop_ready(l);

    if (r->quiet == NULL || gyre_list_empty(&r->pass))
        return gyre_loop_take(l);
    return gyre_ready_first(r);
}

/* Both, by the job `j` that runs: it goes behind all others, and may be what is
   next. */
static inline __attribute__((always_inline)) struct gyre_job *
gyre_ready_rotate(struct gyre_loop *l, struct gyre_job *j)
{
    struct gyre_ready *r = gyre_loop_ready(l);

    if (r->quiet == NULL) {
        gyre_job_start(l, j);
        return gyre_loop_take(l);
    }
    gyre_list_append(&r->next, &j->link);
    return gyre_list_empty(&r->pass) ? gyre_loop_take(l) : gyre_ready_first(r);
}

/* As gyre_loop_awaits, by who takes back what it has given. */
static inline __attribute__((always_inline)) void
gyre_ready_awaits(struct gyre_loop *l, int more)
{
    struct gyre_ready *r = gyre_loop_ready(l);

    if (r->quiet != &gyre_thread_mark) {
        gyre_loop_awaits(l, more);
        return;
    }
    r->awaiting += (size_t)more;
    assert(r->awaiting <= SIZE_MAX / 2);
}

#endif
