/*
 * barrier.h - nobody goes on before all are there.
 *
 * Tasks that work in steps meet at a barrier after each.  When as many wait as
 * it has parties, all go on, and it is ready for the next time at once: who is
 * quick enough to come back before the others have left waits for a new
 * meeting.  Who is cancelled, or whose deadline passes, leaves, and those who
 * wait go on waiting for somebody in his place; if there is none, he, or who
 * finds out, aborts the barrier.
 *
 * For the tasks of one loop, and callbacks, which may reset and abort.  Say how
 * many parties there are, and zero the rest: `{.parties = 3}`.  It allocates
 * nothing, and there is nothing to undo.  It must stay in place while anybody
 * waits.
 */
#ifndef GYRE_TASK_SYNC_BARRIER_H
#define GYRE_TASK_SYNC_BARRIER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "timers/time.h"
#include "task/waiters.h"

struct gyre_barrier {
    size_t parties; /* at least 1; not to be changed while anybody waits */

    /* private */
    struct gyre_waiters waiters;
    size_t waiting;
    bool aborted;
};

#pragma GCC visibility push(default)

/*
 * Wait until all are there.  Returns in which place one has come, from 0, so
 * that exactly one gets each: the one that is to do what must be done once may
 * be the first, or the last.  -EPIPE if the barrier is reset meanwhile, or
 * aborted, or was before.  A cancel point.
 */
ssize_t gyre_barrier_wait(struct gyre_barrier *b, gyre_time deadline)
    __attribute__((warn_unused_result));

/* Whoever waits gets -EPIPE; then it is as new, aborted or not. */
void gyre_barrier_reset(struct gyre_barrier *b);

/* Somebody will not come: whoever waits gets -EPIPE, and whoever comes, until
   it is reset. */
void gyre_barrier_abort(struct gyre_barrier *b);

bool gyre_barrier_is_aborted(const struct gyre_barrier *b);

/* How many wait. */
size_t gyre_barrier_waiting(const struct gyre_barrier *b);

#pragma GCC visibility pop

#endif
