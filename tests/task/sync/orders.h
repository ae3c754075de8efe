/*
 * orders.h - every order of some events.
 *
 * An event is a letter, an order a string of them, in which a dot stands for
 * what happens between two events, if anything may.
 */
#ifndef TESTS_TASK_SYNC_ORDERS_H
#define TESTS_TASK_SYNC_ORDERS_H

enum { LONGEST = 24 }; /* of an order */

/*
 * Call play(order, arg) with every order of the letters in `events`, each with
 * all choices of dots between them.  `pairs` has words of two letters, of which
 * the second never comes before the first.
 */
void every_order(const char *events, const char *pairs,
                 void (*play)(const char *order, void *arg), void *arg);

#endif
