/*
 * onlookers.h - who looks on while a program runs, as its environment asks.
 *
 * Private to task/, installed nowhere.  What can be asked for is in run.h.
 */
#ifndef GYRE_TASK_RUN_ONLOOKERS_H
#define GYRE_TASK_RUN_ONLOOKERS_H

#include "task/show/accounts.h"
#include "task/show/watchdog.h"

struct gyre_loop;
struct gyre_out;
struct gyre_trace;

/* For how long something is kept. */
struct gyre_keeping {
    bool lasting;   /* until the run ends */
    unsigned spans; /* for a while, by so many */
};

/* Those of one run; zeroed there are none. */
struct gyre_onlookers {
    struct gyre_accounts accounts;
    struct gyre_keeping counting; /* by those */
    bool printing;                /* them, at the end */
    struct gyre_trace *trace;     /* or NULL */
    struct gyre_keeping tracing;
    const char *file; /* that it goes to, or NULL */
    struct gyre_watched watched;
};

/* Before the run of `l`; the limit is that of gyre_run_options. */
void gyre_onlookers_begin(struct gyre_onlookers *o, struct gyre_loop *l,
                          gyre_time stall_limit);

/* In the main task, before its function and after. */
void gyre_onlookers_enter(struct gyre_onlookers *o);
void gyre_onlookers_leave(struct gyre_onlookers *o);

/* Answer with what there is: accounts, or a trace; or begin to keep that, and
   say so.  In the run. */
void gyre_onlookers_top(struct gyre_onlookers *o, struct gyre_out *out);
void gyre_onlookers_trace(struct gyre_onlookers *o, struct gyre_out *out);

/* Have it to answer with, from the beginning to the end of a span; spans may
   overlap. */
void gyre_onlookers_top_begin(struct gyre_onlookers *o);
void gyre_onlookers_top_end(struct gyre_onlookers *o);
void gyre_onlookers_trace_begin(struct gyre_onlookers *o);
void gyre_onlookers_trace_end(struct gyre_onlookers *o);

/* When all tasks have ended. */
void gyre_onlookers_end(struct gyre_onlookers *o);

/* On which descriptor the environment wants the run of `l` to be drawn; 0: on
   none. */
int gyre_onlookers_step(struct gyre_loop *l);

#endif
