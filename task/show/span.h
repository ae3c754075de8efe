/*
 * span.h - a length of time, in a column.
 *
 * Private to task/, installed nowhere.
 */
#ifndef GYRE_TASK_SHOW_SPAN_H
#define GYRE_TASK_SHOW_SPAN_H

#include "timers/time.h"

struct gyre_out;

/* Add `span` as "  1.500 ms", right-aligned in 11 columns, in the unit in which
   it is at least 1; what is finer than a thousandth of that is cut off. */
void gyre_put_column(struct gyre_out *o, gyre_time span);

#endif
