/*
 * stage.h - a loop to play on, and actors who say their name when called.
 *
 * A test starts some of an actor's parts, runs the loop, and compares what was
 * said with what should have been.
 */
#ifndef TESTS_LOOP_STAGE_H
#define TESTS_LOOP_STAGE_H

#include "loop/job.h"
#include "loop/look.h"
#include "loop/loop.h"
#include "loop/mailbox.h"
#include "loop/signal.h"
#include "loop/sim.h"
#include "loop/timer.h"
#include "loop/watch.h"

struct actor {
    char name;
    void (*act)(struct actor *a); /* what it does then, or NULL */
    struct actor *other;          /* for `act` */
    int left;                     /* for `act` */
    unsigned got;                 /* events, or times, at the latest call */

    struct gyre_job job;
    struct gyre_watch watch;
    struct gyre_timer timer;
    struct gyre_post post;
    struct gyre_signal signal;
};

extern struct gyre_loop *loop;
extern struct gyre_sim *sim;    /* NULL on the system's poller */
extern struct actor a, b, c, d; /* ready to be started */
extern char said[];

/* Open with a loop on a simulation, or on the system. */
void open_simulated(void);
void open_real(void);

/* Free the loop. */
void close_stage(void);

struct actor new_actor(char name);

/* Add `name` to what was said. */
void say(char name);

/* What was said since the last call. */
const char *heard(void);

/* Start a part of `x` on the stage's loop. */
void start_job(struct actor *x);
void start_timer(struct actor *x, gyre_time at);
void start_watch(struct actor *x, int fd, unsigned events);
void start_post(struct actor *x);
void start_signal(struct actor *x, int number);

/* Run the loop, or one round that does not wait, to the end without an error;
   what was said. */
const char *run(void);
const char *turn(void);

#endif
