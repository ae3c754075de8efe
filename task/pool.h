/*
 * pool.h - threads for work that blocks.
 *
 * A run has three pools, and a program may have more, so that what is slow in
 * one keeps nobody in another waiting: a name server's silence holds up no
 * file, and no computation.  Work gets there by gyre_offload_to
 * (task/offload.h).
 *
 * Threads are started when work comes and none is idle, and end with the pool.
 * They take no signals.  Work waits for them in one line, each piece as long as
 * the deadline it was given.
 *
 * How large a run's own pools are is said in gyre_run_options, or else by
 * GYRE_WORK_THREADS, GYRE_FILES_THREADS and GYRE_NAMES_THREADS in the
 * environment.
 */
#ifndef GYRE_TASK_POOL_H
#define GYRE_TASK_POOL_H

#include <stddef.h>
#include <stdint.h>

#include "timers/time.h"

struct gyre_crew;
struct gyre_loop;

/* The pools of a run, and how many these are. */
enum gyre_pool_kind {
    GYRE_POOL_WORK,  /* computing, and all else: where gyre_offload goes */
    GYRE_POOL_FILES, /* disks */
    GYRE_POOL_NAMES, /* name servers: gyre_resolve */
    GYRE_POOLS,
};

/*
 * A pool: set what is to differ, zero the rest; that is all it needs.  In place
 * from the first work given to it until it is closed, and for one loop.
 */
struct gyre_pool {
    const char *name;  /* of its threads, and in reports; static.  NULL:
                          "pool" */
    unsigned threads;  /* at most; 0: as many as there are processors, and at
                          least 4.  Those stuck with abandoned work do not
                          count, up to as many again */
    unsigned queue;    /* how much work may wait for a thread: more is refused;
                          0: all that comes */
    size_t stack_size; /* of a thread, in bytes; 0: 1 MiB */

    /* private */
    struct gyre_crew *crew; /* NULL until there is work */
    struct gyre_loop *loop; /* it is for, then */
};

/* What has become of a pool's work, since the first of it. */
struct gyre_pool_stats {
    unsigned threads;   /* there are now */
    unsigned queued;    /* pieces of work that wait for one */
    unsigned running;   /* that one is busy with */
    unsigned abandoned; /* threads, to work that nobody waits for any more */
    uint64_t done;      /* that are over */
    uint64_t refused;   /* for want of room */
    gyre_time waited, longest_wait; /* in the queue: all that have begun, and
                                       the one that took longest */
    gyre_time ran, longest_run;     /* all that are over, and the longest */
};

#pragma GCC visibility push(default)

/* A pool of this task's run.  Cannot fail; but it is NULL outside of a task,
   where there is no run. */
struct gyre_pool *gyre_run_pool(enum gyre_pool_kind kind);

/*
 * End the threads of `p`, and wait for them; but not for those whose work was
 * abandoned, which end when they are through.  No other work may be left.  Then
 * `p` is as if it had never been used, and may go.  A run closes its own pools
 * and no others.
 */
void gyre_pool_close(struct gyre_pool *p);

/* On the loop's thread. */
struct gyre_pool_stats gyre_pool_stats(const struct gyre_pool *p);

#pragma GCC visibility pop

#endif
