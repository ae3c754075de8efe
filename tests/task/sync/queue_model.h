/*
 * queue_model.h - a model of queues, and every order of events to hold a real
 * one to it.
 *
 * Three tasks come to a queue of capacity 0, 1 or 2, each to put, to take, or
 * for whichever of the two is possible first.  In between, in every order, any
 * of them is cancelled, the deadline of any passes, callbacks put and take, and
 * the queue is closed, in either way: two of these things, or three once all
 * have come.  The tasks run after each event; or not before all is over, so
 * that what was handed to a task and what befell it meet.
 *
 * The model has no waiting and no waking: it knows who is there, and what may
 * happen among those who are.  That it agrees says that no item is lost, none
 * comes twice, their order is kept, and nobody waits for what is there.
 */
#ifndef TESTS_TASK_SYNC_QUEUE_MODEL_H
#define TESTS_TASK_SYNC_QUEUE_MODEL_H

#include <stdbool.h>

/* The callbacks put CALLED, task `i` puts i + 1. */
enum { TASKS = 3, MOST = 6, CALLED = 9 };

/*
 * '1', '2', '3': a task comes; 'a', 'b', 'c': it is cancelled; 'A', 'B', 'C':
 * its deadline passes; 'p', 't': a callback puts, takes; 'k', 'K': the queue is
 * closed, closed now.
 */
struct scenario {
    int capacity;
    char kinds[TASKS + 1]; /* 'p'uts, 't'akes, or does 'e'ither */
    char order[MOST + 1];
    bool together; /* what comes after the last task has come */
};

/* What came of it, or should; an item of 0 is none. */
struct outcome {
    int result[TASKS], item[TASKS];
    int put, take, taken; /* by callbacks */
    int putting, taking;  /* who waits in the end */
    int dropped;
    int left[MOST];
};

/* Perform everything that can happen with tasks of these kinds and with these
   events, and compare.  Returns how much that was. */
long model_check(struct outcome (*perform)(const struct scenario *c),
                 const char *kinds, const char *events);

#endif
