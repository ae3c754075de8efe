/*
 * signal.h - calls on the loop's thread when the process gets a signal.
 *
 * Any number of loops, in any threads, may ask for the same signal, each any
 * number of times; all are called.  Each start puts up a handler of ours for
 * that signal, if there is none; when the last one stops, what stood there
 * before is put back, unless somebody has put up another meanwhile.  Signals
 * that come faster than a loop looks are counted.
 *
 * A started signal does not keep the loop alive.
 */
#ifndef GYRE_LOOP_SIGNAL_H
#define GYRE_LOOP_SIGNAL_H

#include <stdbool.h>

#include "loop/list.h"

struct gyre_loop;

/* Set `caught`, zero the rest; keep in place while started. */
struct gyre_signal {
    void (*caught)(struct gyre_signal *s, unsigned times);
    bool once; /* stopped by the first, before the call: the handler itself
                  puts back what stood there before, unless one that is not
                  `once` is started too, so the next is not held up by a
                  loop that does not look */

    /* private */
    int number;            /* 0 when idle */
    unsigned seen;         /* of the process's count when last called */
    struct gyre_list link; /* in gyre_loop.signals */
};

#pragma GCC visibility push(default)

/*
 * Call `s` each time the process has got signal `number`, and say how many
 * times since the last call.  -EINVAL for a number that cannot be caught;
 * -EBUSY if `s` is started; -ECANCELED of a parent's loop
 * (gyre_loop_inherited); or as sigaction.
 */
int gyre_signal_start(struct gyre_loop *l, struct gyre_signal *s, int number);

/* Do not call `s` any more.  Returns how often the signal has come and `s` was
   not told.  An idle signal is left alone, and that is 0. */
unsigned gyre_signal_stop(struct gyre_loop *l, struct gyre_signal *s);

/* Does the process ignore signal `number`?  A shell has its background jobs
   ignore SIGINT, and a program should leave it at that.  Any thread. */
bool gyre_signal_ignored(int number);

/* Is nothing of the program's set up for signal `number`: is it neither ignored
   nor caught, but perhaps by loops?  Any thread. */
bool gyre_signal_unclaimed(int number);

/* Is another signal started in `l` for the same number as `s`, which is
   started? */
bool gyre_signal_shared(const struct gyre_loop *l, const struct gyre_signal *s);

/* True from gyre_signal_start until gyre_signal_stop. */
bool gyre_signal_started(const struct gyre_signal *s);

#pragma GCC visibility pop

#endif
