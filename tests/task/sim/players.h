/*
 * players.h - what the tasks of a program do that uses all that tasks have.
 *
 * A player is a function that does one small thing with what all share, and
 * returns 0 or why it could not.  What is shared is a family's own, as are the
 * books that are kept of it: whatever happens to the players, and in whatever
 * order, they must balance.
 *
 * Each wait has a deadline, so that none is for ever when a task was cancelled
 * on which another counts.
 */
#ifndef TESTS_TASK_SIM_PLAYERS_H
#define TESTS_TASK_SIM_PLAYERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "timers/time.h"
#include "task/task.h"

#define MS   GYRE_MILLISECOND
#define SOON gyre_in(50 * MS)

struct family {
    int (*const *players)(void);
    size_t n;
    void (*open)(void);    /* before a run */
    void (*balance)(void); /* after it: want()s what must be so */
};

extern const struct family locks_family, queues_family, tasks_family;

/* Something that must be so: what is not is said, on standard error. */
#define want(condition) want_that(condition, #condition)
void want_that(bool it_is_so, const char *what);

/* How often it was not, since the last time this was asked. */
int wrong(void);

/* Soon, or now: so that all may happen before all. */
gyre_time a_while(void);

/* A task that sleeps that long. */
intptr_t sleep_a_while(void *arg);

/* A number below `n`, as the order has it. */
int any_of(int n);

/* The player among the locks who looks whether anybody has the mutex, and does
   without: as if he did not know that others run while he waits. */
int add_without_lock(void);

#endif
