/*
 * signals.h - signals of the process, waited for by tasks.
 *
 * A set of signals is started, and from then on none of them is lost: what
 * comes while nobody waits is counted, and is had by who waits next.  Each that
 * comes is had by one of those who wait, in order of arrival; sets are
 * independent of each other, and each has all that come, on any loop.
 * Callbacks have loop/signal.h, which this is built on.
 *
 *      struct gyre_caught caught[] = {{.number = SIGTERM}, {.number = SIGHUP}};
 *      struct gyre_signals signals = {.caught = caught, .n = 2};
 *
 *      err = gyre_signals_start(&signals, gyre_loop_current());
 *      ...
 *      while (gyre_signals_wait(&signals, GYRE_FOREVER) == SIGHUP)
 *          ... read the configuration again ...
 *      gyre_signals_stop(&signals);
 *
 * Nothing is allocated.  A started set keeps the loop alive, for a signal may
 * always come: nobody is called deadlocked meanwhile.  So a program that waits
 * for its end by a signal beside its own work has that set in the background,
 * where it hides no deadlock of the others.
 */
#ifndef GYRE_TASK_SYNC_SIGNALS_H
#define GYRE_TASK_SYNC_SIGNALS_H

#include <stdbool.h>
#include <stddef.h>

#include "timers/time.h"
#include "loop/signal.h"
#include "task/sync/select.h"
#include "task/waiters.h"

struct gyre_loop;
struct gyre_signals;

/* One signal of a set: set `number`, zero the rest. */
struct gyre_caught {
    int number;

    /* private */
    unsigned times; /* it has come, and nobody has had it yet */
    struct gyre_signal signal;
    struct gyre_signals *set;
};

/* Set `caught`, `n`, and `background`; zero the rest.  It and what it points to
   stay in place while it is started. */
struct gyre_signals {
    struct gyre_caught *caught; /* the caller's; those first go first */
    size_t n;
    bool background; /* does not keep the loop alive, and hides no deadlock;
                        read when started */

    /* private */
    struct gyre_loop *loop; /* NULL when idle */
    bool awaited;           /* counted by the loop */
    struct gyre_waiters waiters;
};

#pragma GCC visibility push(default)

/* Catch the signals from now on.  By a task or a callback.  As
   gyre_signal_start, and then none is caught; -EBUSY if the set is started. */
int gyre_signals_start(struct gyre_signals *s, struct gyre_loop *l);

/* Catch them no more: each has again the effect it had before.  Who waits gets
   -EBADF; what came and nobody has had is forgotten.  An idle set is left
   alone. */
void gyre_signals_stop(struct gyre_signals *s);

/* The next signal: its number.  If there are several, the one that is first in
   the set.  -EBADF if the set is stopped, or was meanwhile.  A cancel point. */
int gyre_signals_wait(struct gyre_signals *s, gyre_time deadline)
    __attribute__((warn_unused_result));

/* The same as a case of gyre_select, whose result is the number. */
struct gyre_case gyre_case_signal(struct gyre_signals *s);

#pragma GCC visibility pop

#endif
