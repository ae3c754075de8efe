/*
 * probe.h - looking on while a loop runs.
 *
 * A table of functions that the loop calls as it goes; any may be NULL.  With
 * no table set a probe costs one test of a pointer.  Traces, histograms and
 * watchdogs are hung in here; they only look, and start or stop nothing.
 *
 * A loop does one thing at a time: what a probe says has begun lasts until the
 * next probe is called, but for `job_started`.
 */
#ifndef GYRE_LOOP_PROBE_H
#define GYRE_LOOP_PROBE_H

#include "timers/time.h"

struct gyre_job;
struct gyre_post;
struct gyre_signal;
struct gyre_timer;
struct gyre_watch;

/* Embed it in what the probes need; keep in place while it is set. */
struct gyre_probes {
    /* `j` was put in the ready queue; it is about to run. */
    void (*job_started)(struct gyre_probes *p, struct gyre_job *j);
    void (*job_runs)(struct gyre_probes *p, struct gyre_job *j);

    /* The loop is about to wait until `until`; it woke with `n` events. */
    void (*poll_begins)(struct gyre_probes *p, gyre_time until);
    void (*poll_ended)(struct gyre_probes *p, int n);

    /* About to call these. */
    void (*post_runs)(struct gyre_probes *p, struct gyre_post *post);
    void (*signal_runs)(struct gyre_probes *p, struct gyre_signal *s,
                        unsigned times);
    void (*watch_runs)(struct gyre_probes *p, struct gyre_watch *w,
                       unsigned events);
    void (*timer_runs)(struct gyre_probes *p, struct gyre_timer *t);

    /* gyre_loop_run or gyre_loop_once is about to return. */
    void (*run_ended)(struct gyre_probes *p);
};

#endif
