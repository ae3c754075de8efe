/*
 * sim.h - a simulated poller: virtual time and virtual readiness.
 *
 * A loop on it runs an hour of timers in microseconds, and always in the same
 * way.  Its clock starts at one second and stands still while callbacks run;
 * when nothing is ready it jumps to the next deadline, unless a hold is out
 * (gyre_loop_hold), for then something outside is awaited in real time.
 *
 * Real descriptors cannot be watched under simulation (-ENOTSUP), for their
 * readiness would come at a real time; use memory streams, or descriptors of
 * the simulation's own.
 */
#ifndef GYRE_LOOP_SIM_H
#define GYRE_LOOP_SIM_H

#include "loop/poller.h"

struct gyre_sim;

#pragma GCC visibility push(default)

/* Make a simulation.  It is freed with the mailbox of the loop its poller is
   given to, and that is with the loop if no thread holds on to it.  -ENOMEM, or
   as pipe. */
int gyre_sim_new(struct gyre_sim **out);

/* The poller to make a loop on. */
struct gyre_poller *gyre_sim_poller(struct gyre_sim *s);

/*
 * Open a virtual descriptor: a number reserved in the process, on which nothing
 * but gyre_sim_ready makes anything ready.  Close it with gyre_sim_close.  A
 * descriptor, -ENOMEM, or as open.
 */
int gyre_sim_open(struct gyre_sim *s);
void gyre_sim_close(struct gyre_sim *s, int fd);

/*
 * `fd` is now ready for `events` (GYRE_READ and so on), and for no others.  The
 * loop is told in its next poll, or when its watch is started.
 */
void gyre_sim_ready(struct gyre_sim *s, int fd, unsigned events);

/* Move the clock on by `span` nanoseconds, now. */
void gyre_sim_advance(struct gyre_sim *s, gyre_time span);

#pragma GCC visibility pop

#endif
