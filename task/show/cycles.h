/*
 * cycles.h - tasks that wait for each other, round and round.
 *
 * Private to task/ and what is above it; installed nowhere.  Whoever waits for
 * something that has an owner waits for that task, and who closes a scope for
 * all that are left in it.  Where that leads round, nobody on the way goes on,
 * unless a deadline or a cancellation ends one of the waits; the rest of the
 * program may live.
 *
 * Of cycles that share tasks it finds one at least.
 */
#ifndef GYRE_TASK_SHOW_CYCLES_H
#define GYRE_TASK_SHOW_CYCLES_H

#include <stddef.h>

#include "task/internal.h"

/* Shown each cycle, by the task of the lowest number in it: from there on,
   `search.to` is who a task waits for, until it leads back.  It must not wake
   anybody, nor search. */
struct gyre_cycle_visitor {
    void (*cycle)(struct gyre_cycle_visitor *v, struct gyre_task *first);
};

/* Show `v` the cycles among the tasks of a run; how many are there?  Allocates
   nothing.  O(tasks and what they wait for). */
size_t gyre_cycles_walk(struct gyre_runtime *rt, struct gyre_cycle_visitor *v);

/* How many tasks there are in the cycle that `first` is in. */
size_t gyre_cycle_length(const struct gyre_task *first);

#endif
