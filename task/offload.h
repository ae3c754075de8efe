/*
 * offload.h - work that blocks, done on another thread.
 *
 * Work is queued to the run's pool of threads, which are started when needed, up
 * to a limit, and end with the run.  The work runs outside of any task: it must
 * not call the library, but for gyre_post and gyre_remote_future_set.  Under
 * simulation it runs at once, on the calling thread.
 */
#ifndef GYRE_TASK_OFFLOAD_H
#define GYRE_TASK_OFFLOAD_H

#include "timers/time.h"

#include <stdint.h>

#pragma GCC visibility push(default)

/*
 * Have work(arg) done by a thread, and return what it returned.  A cancel point
 * while the work is queued: -ECANCELED and -ETIMEDOUT mean it has not run and
 * never will.  Once it runs it is waited for, whatever happens.  `arg` is the
 * caller's throughout.  -ENOMEM, or as pthread_create if there is no thread.
 */
intptr_t gyre_offload(intptr_t (*work)(void *arg), void *arg,
                      gyre_time deadline) __attribute__((warn_unused_result));

/*
 * The same, for work that can be walked away from: -ECANCELED and -ETIMEDOUT
 * return at once, though the work may still run.  `arg` is the library's from the
 * call on, and release(arg) is called exactly once, when nobody needs it any more:
 * on the loop's thread before this returns, if the work is over by then (so what
 * the caller wants of it must be in the return value, or copied by `release`), or
 * else by the thread that did the work, or would have.
 */
intptr_t gyre_offload_abandonable(intptr_t (*work)(void *arg), void *arg,
                                  void (*release)(void *arg),
                                  gyre_time deadline)
    __attribute__((warn_unused_result));

#pragma GCC visibility pop

#endif
