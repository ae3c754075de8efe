/*
 * timers.h - a queue of timers, which fires each when it is due.
 *
 * The queue knows no clock and waits for nothing: whoever owns it says what
 * time it is, and asks how long there is to wait.  A timer lives in its owner's
 * storage, so that starting one allocates nothing and cannot fail.  A queue,
 * with all that is started in it, belongs to one thread at a time.
 *
 * Times are in nanoseconds.  No timer fires early.  Timers fire in the order
 * they are due, and those due at the same time in the order they were started.
 */
#ifndef GYRE_TIMERS_TIMERS_H
#define GYRE_TIMERS_TIMERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "timers/time.h"

/*
 * One timer.  The caller provides the storage, zeroes it, which makes the timer
 * idle, and fills in the first three fields.  It must stay where it is for as
 * long as it is started; once it is idle the queue holds no pointer to it.
 */
struct gyre_timer {
    void (*fire)(struct gyre_timer *t); /* see gyre_timers_fire */
    gyre_time every; /* 0: fire once; else the beat of a repeating timer */
    bool background; /* does not count as awaited; read when started */

    /* private */
    bool awaited;             /* counted in gyre_timers.awaited */
    uint16_t slot;            /* in wheel.slots; 0: in the heap, due */
    struct gyre_timer *next;  /* in its lane, or sibling in the heap */
    struct gyre_timer **link; /* what points to it; NULL when idle */
    gyre_time at;             /* when it is due */
    uint64_t order;           /* of starting; breaks ties */
    struct gyre_timer *child; /* first of its children in the heap */
};

enum { GYRE_TIMER_LEVELS = 8, GYRE_TIMER_SLOTS = 64, GYRE_TIMER_LANES = 4 };

/* Timers due at about the same time, spread over a few lists. */
struct gyre_timer_slot {
    /* private */
    struct gyre_timer *lanes[GYRE_TIMER_LANES];
};

/* Timers that are due later, the finer sorted the sooner: see wheel.c. */
struct gyre_timer_wheel {
    /* private */
    uint64_t cursor;                      /* the tick reached */
    uint64_t occupied[GYRE_TIMER_LEVELS]; /* slots with timers */
    struct gyre_timer_slot slots[GYRE_TIMER_LEVELS * GYRE_TIMER_SLOTS];
};

/* A queue, of some 17 kB.  A zeroed one is empty, and its time is 0. */
struct gyre_timers {
    /* private */
    gyre_time now;                       /* of the latest pass */
    uint64_t order;                      /* timers ever started */
    struct gyre_timer_visitor *observer; /* see gyre_timers_observe */
    size_t awaited;                      /* started and not background */
    struct gyre_timer *due;        /* a heap: those due in a tick reached */
    struct gyre_timer_wheel wheel; /* all the others */
};

/*
 * Someone to whom every started timer is shown.  Embed it in a struct of your
 * own to find your data from `v`.
 */
struct gyre_timer_visitor {
    void (*visit)(struct gyre_timer_visitor *v, struct gyre_timer *t);
};

#pragma GCC visibility push(default)

/*
 * Fire `t` when the time is `at`.  If `t` is started already, in this queue, it
 * is moved, and counts as started now.  A time before that of the latest pass
 * counts as that pass's, so `t` fires in the next one, after whatever was due
 * earlier.  At GYRE_FOREVER it never fires, but is started all the same.
 * Cannot fail.  O(1), and for one that is moved as gyre_timers_stop.
 */
void gyre_timers_start(struct gyre_timers *q, struct gyre_timer *t,
                       gyre_time at);

/*
 * Do not fire `t` after all.  It is idle on return and may be freed or reused.
 * An idle one is left alone; one started in another queue must not be given.
 * Cannot fail.  O(1), or O(log n) amortized among the n timers due in the same
 * quarter of a millisecond as the latest pass.
 */
void gyre_timers_stop(struct gyre_timers *q, struct gyre_timer *t);

/* Stop all that are started.  O(n). */
void gyre_timers_stop_all(struct gyre_timers *q);

/* True from when `t` is started until it is stopped, or fires and is done. */
bool gyre_timer_started(const struct gyre_timer *t);

/* When `t` is to fire; GYRE_FOREVER when it is idle. */
gyre_time gyre_timer_due(const struct gyre_timer *t);

/*
 * A time to wait until: no timer is due before it, and GYRE_FOREVER if none
 * ever will be.  It is exactly when the earliest is due if no more than 16
 * timers are ever to fire, or if the latest pass was in the same quarter of a
 * millisecond (of 2^18 ns).  In a crowd it may be sooner: a pass at that time
 * fires nothing but brings the answer nearer, and after at most 8 such passes
 * it is exact.  It is later than the latest pass unless a timer is due.  O(1).
 */
gyre_time gyre_timers_next(const struct gyre_timers *q);

/* How many timers are started and not `background`. */
size_t gyre_timers_awaited(const struct gyre_timers *q);

/*
 * One pass, at time `now`, which must not be earlier than the pass before:
 * call `fire` of each timer that is due and was started before the pass.
 *
 * A timer is idle by the time it is fired, unless it repeats: then it has been
 * started again, for the first of due + every, due + 2 * every, ... that lies
 * after `now`.  So the rhythm is kept, and missed beats are skipped.
 *
 * `fire` may start and stop any timer, its own too, and free what is idle; what
 * it starts waits for the next pass.  It must not call gyre_timers_fire.
 * O(log n) amortized, n being those due in the same quarter of a millisecond.
 */
void gyre_timers_fire(struct gyre_timers *q, gyre_time now);

/* Show each timer to `v` just before it fires, while it is started still; NULL
   to show them to nobody.  The visitor may ask what it likes of the timer, when
   it was due say, but nothing of the queue. */
void gyre_timers_observe(struct gyre_timers *q, struct gyre_timer_visitor *v);

/*
 * Show every started timer to `v`, each once, in no particular order.  The
 * visitor may ask what it likes of the timer, but nothing of the queue.  O(n).
 */
void gyre_timers_walk(struct gyre_timers *q, struct gyre_timer_visitor *v);

#pragma GCC visibility pop

#endif
