/*
 * trace.h - what a loop did, and when: for ui.perfetto.dev and its like.
 *
 * A trace is a ring of records, one for each thing a loop began: a task's turn,
 * a callback, a poll; and for each time one of them made a job ready.  When the
 * ring is full the oldest are overwritten, so that it always has the latest.
 * It is written as JSON in Chrome's trace event format:
 *
 *   - process 1 is the loop, with one track for its polls and one for what it
 *     calls; process 2 is the tasks, each a track of the number of the task;
 *   - a turn of a task is a slice, and so is a call, named by its function;
 *   - an arrow goes from whoever spawned or woke a task, or started a job, to
 *     where that runs next.  Both ends are in the file, or the arrow is not.
 *
 * Times are in microseconds since the first record, by the clock of the loop's
 * poller, which is a virtual one under simulation.
 *
 * Under gyre_run, GYRE_TRACE=FILE in the environment has the run traced and
 * the trace written at its end (task/run/run.h).
 */
#ifndef GYRE_TASK_SHOW_TRACE_H
#define GYRE_TASK_SHOW_TRACE_H

#include <stddef.h>

struct gyre_loop;
struct gyre_trace;

#pragma GCC visibility push(default)

/* Make a trace with room for `records` of 48 bytes each; 0: for 65,536.  The
   caller frees it.  -ENOMEM. */
int gyre_trace_new(struct gyre_trace **out, size_t records);

/* Stop and free a trace.  NULL is left alone. */
void gyre_trace_free(struct gyre_trace *t);

/*
 * Record what `l` does from now on; what was recorded before is forgotten.  On
 * the loop's thread, in a task or not; not while it is started.  A record costs
 * a reading of the clock.  To be stopped before the loop is freed.
 */
void gyre_trace_start(struct gyre_trace *t, struct gyre_loop *l);

/* Record no more, and keep what there is.  Stopping twice is harmless. */
void gyre_trace_stop(struct gyre_trace *t);

/* Write it to `fd`, which waits, with the thread, where that would block.  A
   trace that is started goes on.  0, -ENOMEM, or as write. */
int gyre_trace_write(struct gyre_trace *t, int fd);

#pragma GCC visibility pop

#endif
