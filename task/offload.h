/*
 * offload.h - work that blocks, done on another thread.
 *
 * Work goes to a pool of threads (task/pool.h): one that is named, or the run's
 * own for work.  It runs outside of any task: of the library it may call only
 * what is for any thread, as gyre_post, gyre_remote_future_set, and portals
 * (task/portal.h).  Under simulation the loop itself does it, in its next pass.
 */
#ifndef GYRE_TASK_OFFLOAD_H
#define GYRE_TASK_OFFLOAD_H

#include <stdint.h>

#include "timers/time.h"

struct gyre_pool;

#pragma GCC visibility push(default)

/*
 * Have work(arg) done by a thread, and return what it returned.  While it is
 * queued this is a cancel point: -ECANCELED and -ETIMEDOUT mean that it has not
 * run and never will.  Once it runs it is waited for, whatever happens; a
 * cancellation meanwhile is returned by the next cancel point.  With GYRE_NOW
 * it never runs.  `arg` is the caller's throughout.  -ENOMEM if no thread can
 * be started; -EBUSY if the pool's queue is full.
 */
intptr_t gyre_offload(intptr_t (*work)(void *arg), void *arg,
                      gyre_time deadline) __attribute__((warn_unused_result));

/* The same, in the pool `pool`; NULL: the run's for work. */
intptr_t gyre_offload_to(struct gyre_pool *pool, intptr_t (*work)(void *arg),
                         void *arg, gyre_time deadline)
    __attribute__((warn_unused_result));

/*
 * The same, for work that can be walked away from while it runs.  Returns
 *   - 0 when work(arg) is over: `arg` is the caller's again, with whatever the
 *     work has left in it;
 *   - an error as gyre_offload otherwise, at once: then `arg` is the library's,
 *     and release(arg) is called, once, when nobody needs it any more.  That is
 *     before the return if the work has not begun, and then it never will; or
 *     else when it is over, by the thread that did it.
 * So `arg` lives on the heap, and to look up a name, say, is
 *
 *     err = gyre_offload_abandonable(look_up, l, free_lookup, deadline);
 *     if (err)
 *         return err;
 *     ... l->found ...
 *     free_lookup(l);
 */
int gyre_offload_abandonable(void (*work)(void *arg), void *arg,
                             void (*release)(void *arg), gyre_time deadline)
    __attribute__((warn_unused_result));
int gyre_offload_abandonable_to(struct gyre_pool *pool, void (*work)(void *arg),
                                void *arg, void (*release)(void *arg),
                                gyre_time deadline)
    __attribute__((warn_unused_result));

#pragma GCC visibility pop

#endif
