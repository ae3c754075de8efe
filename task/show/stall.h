/*
 * stall.h - is a loop kept by something it called?
 *
 * Private to task/, installed nowhere.  A loop goes on when it polls, and when
 * another task has its turn; one that sleeps is kept by nobody.  Whoever looks
 * now and then, from another thread, finds out how long it has not gone on, to
 * within the time between looks.
 */
#ifndef GYRE_TASK_SHOW_STALL_H
#define GYRE_TASK_SHOW_STALL_H

#include <stdbool.h>
#include <stdint.h>

#include "timers/time.h"
#include "loop/look.h"

enum gyre_verdict { GYRE_GOES_ON, GYRE_STALLS, GYRE_WENT_ON };

/* What is known of one loop.  Set the limit, zero the rest. */
struct gyre_stall {
    gyre_time limit;

    /* private, as of the latest look */
    uint64_t polls;
    const void *task;
    gyre_time since; /* it has not gone on */
    bool told;
};

/*
 * Look, at the time `now`: GYRE_STALLS, once, when the loop has not gone on for
 * the limit; GYRE_WENT_ON when it has, after that.  Then `lasted`, which may be
 * NULL, is how long it had not.  `task` has its turn, or is NULL.
 */
enum gyre_verdict gyre_stall_look(struct gyre_stall *s,
                                  struct gyre_loop_pulse pulse,
                                  const void *task, gyre_time now,
                                  gyre_time *lasted);

/* The process did not run, and may have been stopped: what was seen before does
   not count. */
void gyre_stall_forgive(struct gyre_stall *s, gyre_time now);

#endif
