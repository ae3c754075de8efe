/*
 * look.h - looking on while a loop runs: what failed, what is started, and what
 * was done.
 *
 * For the loop's own thread.  What happens at each step is told by probes,
 * which are described in loop/probe.h.
 */
#ifndef GYRE_LOOP_LOOK_H
#define GYRE_LOOP_LOOK_H

#include <stdbool.h>
#include <stdint.h>

struct gyre_job;
struct gyre_loop;
struct gyre_timer;
struct gyre_watch;

/* What a loop has done since it was made. */
struct gyre_loop_stats {
    uint64_t polls;  /* times the poller was asked */
    uint64_t jobs;   /* jobs run */
    uint64_t events; /* readiness events delivered */
    uint64_t stale;  /* readiness events dropped, as meant for a watch
                        that was stopped or replaced */
    uint64_t posts;  /* posts run, signals apart */
};

/* What a watchdog on another thread sees of a loop.  One that is not asleep and
   does not poll is kept by something that it called. */
struct gyre_loop_pulse {
    uint64_t polls; /* as in gyre_loop_stats */
    bool asleep;    /* it waits, or is about to, or it does not run */
};

/*
 * Told of failures that nobody awaits: of a task in a tolerant scope without a
 * future, of a listener that has no descriptors left.  It returns without
 * waiting for anything: it may stand on the loop's own stack.  Embed it; keep
 * it while it is set.
 */
struct gyre_failure_hook {
    void (*failed)(struct gyre_failure_hook *h, const char *what, int err);
};

/* Shown what is live by gyre_loop_walk.  Any function may be NULL. */
struct gyre_loop_visitor {
    void (*job)(struct gyre_loop_visitor *v, struct gyre_job *j);
    void (*watch)(struct gyre_loop_visitor *v, struct gyre_watch *w);
    void (*timer)(struct gyre_loop_visitor *v, struct gyre_timer *t);
};

#pragma GCC visibility push(default)

/* Call `h` for failures that nobody awaits; NULL for the default, which writes
   a line to standard error. */
void gyre_loop_on_failure(struct gyre_loop *l, struct gyre_failure_hook *h);

/* Report such a failure: `err` is negative errno, `what` says what failed.  On
   the loop's thread. */
void gyre_loop_fail(struct gyre_loop *l, const char *what, int err);

/* Show `v` every job, watch and timer that is started, each once, in no order.
   It must not start or stop any. */
void gyre_loop_walk(struct gyre_loop *l, struct gyre_loop_visitor *v);

/*
 * Write what is started, signals too, to the descriptor `fd`, a line each, for
 * a person to read: what it is, what it waits for, and the name of the function
 * that it calls (or where that is, if it has none: loop/symbol.h).  Who started
 * it is not noted, for to start is a few stores; but on the loop that a
 * gyre_run makes, with GYRE_DEBUG=1 in the environment, it is, and told in
 * lines below.  Returns how many are started.
 */
int gyre_loop_print(struct gyre_loop *l, int fd);

struct gyre_loop_stats gyre_loop_stats(const struct gyre_loop *l);

/* Any thread, while the loop exists. */
struct gyre_loop_pulse gyre_loop_pulse(const struct gyre_loop *l);

#pragma GCC visibility pop

#endif
