/*
 * orders.h - every order of some events, and tasks that wait for theirs.
 *
 * An event is a letter, an order a string of them, in which a dot stands for
 * what happens between two events, if anything may.
 */
#ifndef TESTS_TASK_SYNC_ORDERS_H
#define TESTS_TASK_SYNC_ORDERS_H

#include <stdbool.h>

#include "task/wait.h"

enum { LONGEST = 24 }; /* of an order */

/*
 * Call each(order, arg) with every order of the letters in `events`, each with
 * all choices of dots between them.  `pairs` has words of two letters, of which
 * the second never comes before the first.
 */
void every_order(const char *events, const char *pairs,
                 void (*each)(const char *order, void *arg), void *arg);

/* Where a task stays, whatever happens, until it is opened; one at a time. */
struct gate {
    struct gyre_wait wait;
    bool parked;
    bool open;
};

void gate_pass(struct gate *g);
void gate_open(struct gate *g);

#endif
