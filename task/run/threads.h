/*
 * threads.h - the same program on several threads, each in a run of its own.
 *
 * For programs that use all processors: what one loop has is not shared with
 * another, so each thread has its own listeners, on one port (the option
 * `balance` of io/tcp.h), its own sessions, its own state.  What they do have
 * in common goes by portals (task/portal.h) and channels (task/sync/channel.h).
 */
#ifndef GYRE_TASK_RUN_THREADS_H
#define GYRE_TASK_RUN_THREADS_H

#include <stdint.h>

struct gyre_run_options;

#pragma GCC visibility push(default)

/*
 * Run fn(index, arg) as the main task of `n` runs, each on a thread of its own,
 * with `index` from 0 on; the first is on the caller's.  0 for as many as there
 * are processors for this process.  Returns when all have ended: the first
 * error of one of the runs, as gyre_run has them, or 0.
 *
 * An error ends them all: the others are cancelled, as by gyre_loop_stop, and
 * what they return for that is not counted.  So are all, those too that have
 * yet to begin, by the first SIGINT or SIGTERM, unless the process ignores it;
 * the next is whose it was before.  With the option `ignore_interrupt` both are
 * left alone.  -ENOMEM if a thread is not to be had; then those that have begun
 * are cancelled.
 *
 * `options` are those of each run; NULL for the defaults.  They have no loop,
 * no poller and no allocator, which one run alone could use.
 */
intptr_t gyre_run_threads(const struct gyre_run_options *options, unsigned n,
                          intptr_t (*fn)(unsigned index, void *arg), void *arg);

#pragma GCC visibility pop

#endif
