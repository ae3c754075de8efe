/*
 * stack_guard.h - what lies below a stack, and faults when it is touched.
 *
 * Private to task/, installed nowhere: how stack.c has guards made.
 */
#ifndef GYRE_TASK_STACK_GUARD_H
#define GYRE_TASK_STACK_GUARD_H

#include <stddef.h>

/*
 * How guards are made.  The kernel's guard pages (Linux 6.13) leave a mapping
 * whole, and one call makes those of many stacks (6.15).  mprotect, which is
 * everywhere, splits a mapping in two for each stack, so that a process gets no
 * more than half of vm.max_map_count: 32,000 stacks.
 */
enum gyre_guard {
    GYRE_GUARD_BEST,     /* decided when the first is made */
    GYRE_GUARD_TOGETHER, /* MADV_GUARD_INSTALL, of many in a call */
    GYRE_GUARD_INSTALL,  /* the same, of one */
    GYRE_GUARD_MPROTECT
};

/*
 * Make guards of some of the `n` places of `size` bytes that lie `stride`
 * apart, the first at `first`; in the way of `*mode`, or another, if that turns
 * out not to work.  Returns how many it made, from the first on; 0 if there was
 * no memory.
 */
size_t gyre_guards_make(enum gyre_guard *mode, char *first, size_t size,
                        size_t stride, size_t n);

#endif
