/*
 * event.h - something that has happened, or not yet.
 *
 * Any number of tasks wait for it; once it is set, all go on, and nobody waits
 * until it is cleared.  For tasks and callbacks of one loop; other threads set
 * a struct gyre_remote_future (task/future.h).
 *
 * A zeroed event is clear; it allocates nothing, and there is nothing to undo.
 * It must stay in place while anybody waits.
 */
#ifndef GYRE_TASK_SYNC_EVENT_H
#define GYRE_TASK_SYNC_EVENT_H

#include <stdbool.h>

#include "timers/time.h"
#include "task/sync/select.h"
#include "task/waiters.h"

struct gyre_event {
    /* private */
    struct gyre_waiters waiters;
    bool set;
};

#pragma GCC visibility push(default)

/* It has happened: whoever waits goes on, in order of arrival.  Setting it
   twice is harmless. */
void gyre_event_set(struct gyre_event *e);

/* It is yet to happen.  Those who were woken before go on all the same. */
void gyre_event_clear(struct gyre_event *e);

bool gyre_event_is_set(const struct gyre_event *e);

/* Wait until it is set.  0; a cancel point. */
int gyre_event_wait(struct gyre_event *e, gyre_time deadline)
    __attribute__((warn_unused_result));

/* The same as a case of gyre_select. */
struct gyre_case gyre_case_event(struct gyre_event *e);

/* How many wait.  O(n). */
size_t gyre_event_waiting(const struct gyre_event *e);

#pragma GCC visibility pop

#endif
