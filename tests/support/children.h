/*
 * children.h - what the system gives for children to be made and watched, as a
 * test would have it.
 */
#ifndef TESTS_SUPPORT_CHILDREN_H
#define TESTS_SUPPORT_CHILDREN_H

#include <stdbool.h>

/* No child can be made, and this errno says why; 0: one can. */
extern int children_no_fork;

/* There are no descriptors of processes, as on an old kernel. */
extern bool children_no_pidfd;

/* No thread can be had. */
extern bool children_no_thread;

/* Called before a child is made, unless it is NULL. */
struct gyre_child;
extern void (*children_begin)(const struct gyre_child *c);

#endif
