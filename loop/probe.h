/*
 * probe.h - looking on while a loop runs.
 *
 * Tables of functions that the loop calls as it goes; any may be NULL.  With
 * none started a probe costs one test of a pointer.  Traces, accounts and
 * histograms are hung in here; they only look, and start or stop nothing.
 *
 * A loop does one thing at a time: what a probe says has begun lasts until the
 * next probe is called, but for `job_started`, `started` and `printed`.
 */
#ifndef GYRE_LOOP_PROBE_H
#define GYRE_LOOP_PROBE_H

#include "timers/time.h"

struct gyre_job;
struct gyre_loop;
struct gyre_post;
struct gyre_signal;
struct gyre_timer;
struct gyre_watch;

/* Embed it in what the probes need; set those wanted, zero the rest; keep in
   place while it is started. */
struct gyre_probes {
    /* `j` was put in the ready queue; it is about to run. */
    void (*job_started)(struct gyre_probes *p, struct gyre_job *j);
    void (*job_runs)(struct gyre_probes *p, struct gyre_job *j);

    /* The loop is about to wait until `until`; it woke with `n` events. */
    void (*poll_begins)(struct gyre_probes *p, gyre_time until);
    void (*poll_ended)(struct gyre_probes *p, int n);

    /* About to call these.  A timer may be asked when it was due. */
    void (*post_runs)(struct gyre_probes *p, struct gyre_post *post);
    void (*signal_runs)(struct gyre_probes *p, struct gyre_signal *s,
                        unsigned times);
    void (*watch_runs)(struct gyre_probes *p, struct gyre_watch *w,
                       unsigned events);
    void (*timer_runs)(struct gyre_probes *p, struct gyre_timer *t);

    /* A timer, watch or signal was started, or asked for something else;
       gyre_loop_print has written the line of one, or of a job, to `fd`. */
    void (*started)(struct gyre_probes *p, const void *object);
    void (*printed)(struct gyre_probes *p, const void *object, int fd);

    /* gyre_loop_run or gyre_loop_once is about to return. */
    void (*run_ended)(struct gyre_probes *p);

    /* private */
    struct gyre_probes *next; /* in gyre_loop.probes */
};

#pragma GCC visibility push(default)

/* Call these too, before those that are started already.  `p` must be idle. */
void gyre_probes_start(struct gyre_loop *l, struct gyre_probes *p);

/* Do not call them any more.  Idle ones are left alone. */
void gyre_probes_stop(struct gyre_loop *l, struct gyre_probes *p);

#pragma GCC visibility pop

#endif
