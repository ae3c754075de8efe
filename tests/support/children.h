/*
 * children.h - what the system gives for children to be made and watched, as a
 * test would have it.
 */
#ifndef TESTS_SUPPORT_CHILDREN_H
#define TESTS_SUPPORT_CHILDREN_H

#include <stdatomic.h>
#include <stdbool.h>

/* No child can be made, and this errno says why; 0: one can. */
extern int children_no_fork;

/* There are no descriptors of processes, as on an old kernel. */
extern bool children_no_pidfd;

/* So many threads can be had yet; below 0: any number.  And what is called when
   there is none left, unless it is NULL. */
extern atomic_int children_threads;
extern void (*children_no_thread)(void);

/* How many threads were to be woken that wait on a condition; where all are,
   very many. */
extern atomic_int children_woken;

/* Called before a child is made, unless it is NULL. */
struct gyre_child;
extern void (*children_begin)(const struct gyre_child *c);

#endif
