/*
 * time.h - points in time and spans of it, in nanoseconds.
 *
 * There is one kind of time in this library: a gyre_time, counted on the
 * monotonic clock of whoever is asked (a loop; a simulation has its own).  A
 * wait takes the time it must end by, never a span, so a deadline may be handed
 * down through any number of calls without being computed again.
 *
 * Nothing here reads a clock.
 */
#ifndef GYRE_TIMERS_TIME_H
#define GYRE_TIMERS_TIME_H

#include <stdint.h>

typedef int64_t gyre_time;

#define GYRE_MICROSECOND INT64_C(1000)
#define GYRE_MILLISECOND INT64_C(1000000)
#define GYRE_SECOND      INT64_C(1000000000)

#define GYRE_NOW     INT64_C(0) /* already past: try once, never wait */
#define GYRE_FOREVER INT64_MAX  /* never reached: wait without limit */

/* The time `span` after `now`, which is not negative.  Saturates at both
   ends. */
static inline gyre_time gyre_time_after(gyre_time now, gyre_time span)
{
    if (span < 0)
        return now + span > GYRE_NOW ? now + span : GYRE_NOW;
    return span > GYRE_FOREVER - now ? GYRE_FOREVER : now + span;
}

#endif
