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

/* The other end of what the child reports by is kept, as by another process that
   was forked at that moment; and which that is, to be closed. */
extern bool children_keep;
extern int children_kept;

#endif
