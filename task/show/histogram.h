/*
 * histogram.h - how long something takes, as a rule and at worst.
 *
 * Spans are counted by powers of two, so that nanoseconds and minutes fit into
 * one picture.  A zeroed histogram is empty; it allocates nothing.
 */
#ifndef GYRE_TASK_SHOW_HISTOGRAM_H
#define GYRE_TASK_SHOW_HISTOGRAM_H

#include <stdint.h>

#include "timers/time.h"

struct gyre_histogram {
    uint64_t n;         /* of all */
    gyre_time longest;  /* of all */
    uint64_t count[64]; /* [i]: of those below 2^i ns, and in none before */
};

#pragma GCC visibility push(default)

/* One more, which took `span`; less than 0 counts as 0. */
void gyre_histogram_add(struct gyre_histogram *h, gyre_time span);

/* Write it to `fd` as text, under `title`: a line for each power of two from
   the first to the last that occurred, and the longest.  0, or as write. */
int gyre_histogram_print(const struct gyre_histogram *h, const char *title,
                         int fd);

#pragma GCC visibility pop

#endif
