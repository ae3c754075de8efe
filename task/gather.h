/*
 * gather.h - several calls at once.
 *
 * Each runs as a task of its own, in a scope that is closed before the return:
 * so all have ended by then, and what they work on may be in the caller's
 * frame.
 *
 *     struct gyre_call calls[] = {{fetch, &a}, {fetch, &b}, {fetch, &c}};
 *     intptr_t failed = gyre_gather(calls, 3, GYRE_GATHER_SETTLED, deadline);
 *
 * Who wants to see them one after the other, as they end, spawns them and asks
 * for gyre_scope_next (task/scope.h).
 */
#ifndef GYRE_TASK_GATHER_H
#define GYRE_TASK_GATHER_H

#include <stddef.h>
#include <stdint.h>

#include "timers/time.h"

struct gyre_gathering;

/* One of the calls: set the first two, zero the rest. */
struct gyre_call {
    intptr_t (*fn)(void *arg);
    void *arg;
    intptr_t result; /* what it returned; filled in, whatever happens */

    /* private */
    struct gyre_gathering *gathering;
};

/*
 * What ends it early.  A call has failed if its result is an error, or if there
 * was no stack for it: -ENOMEM.  -ECANCELED of one that was cancelled is no
 * failure, and no end that counts.
 */
enum gyre_gather {
    GYRE_GATHER_ALL,     /* the first failure: it cancels the others */
    GYRE_GATHER_SETTLED, /* nothing: failures stay in the results */
    GYRE_GATHER_ANY,     /* the first to succeed cancels the others */
    GYRE_GATHER_RACE,    /* the first to end cancels the others */
};

#pragma GCC visibility push(default)

/*
 * Run the `n` calls, all at once, and wait until the last has ended.  Returns
 *   - of all: 0, or the first failure;
 *   - settled: how many have failed;
 *   - of any: the index of the first that succeeded, or, if each has failed,
 *     the last failure;
 *   - of a race: the index of the first that ended.
 * -ECHILD for any, or a race, of none.  When `deadline` passes, or the caller
 * is cancelled, all are cancelled and waited for: then it is -ETIMEDOUT, or
 * -ECANCELED, unless there was a first by then; with GYRE_NOW, or in a
 * cancelled scope, none is begun, and the results say so.  A cancel point.
 *
 * To have them begin one after the other, as connecting to several addresses
 * does, each call but the first begins with a gyre_sleep.
 */
intptr_t gyre_gather(struct gyre_call *calls, size_t n, enum gyre_gather how,
                     gyre_time deadline) __attribute__((warn_unused_result));

#pragma GCC visibility pop

#endif
