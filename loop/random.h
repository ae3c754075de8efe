/*
 * random.h - numbers that look random, and can be had again.
 *
 * A loop has one generator.  It begins with the loop's seed, and says the same
 * on every system; so whoever takes all that is left to chance from it, delays
 * in a test, say, needs the seed alone to see the same again.
 *
 * A loop with a seed also shuffles its jobs: those of a pass run in an order
 * drawn from the generator.  What is promised by passes holds under every seed:
 * what a job starts waits for the next one, and a task that yields comes after
 * all of its own.  It may come before what was started in that, though: who
 * spawns a task and yields has not seen it run.  And a cancel point may send
 * its task to the back of the queue though it has credits left.  Under
 * simulation the same seed gives the same run; on the system's poller what
 * comes from outside still comes when it likes.
 */
#ifndef GYRE_LOOP_RANDOM_H
#define GYRE_LOOP_RANDOM_H

#include <stdint.h>

struct gyre_loop;

#pragma GCC visibility push(default)

/* The seed the loop was made with; 0: its jobs run in order. */
uint64_t gyre_loop_seed(const struct gyre_loop *l);

/* The next number, any of 64 bits.  Not for secrets. */
uint64_t gyre_loop_random(struct gyre_loop *l);

#pragma GCC visibility pop

#endif
