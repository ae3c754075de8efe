/*
 * stack.h - a pool of stacks, each with a guard below it.
 *
 * Private to task/, installed nowhere.  All stacks of a pool have one size.
 * They are cut from large mappings, of which only the pages touched cost
 * memory, and are used again in last-in, first-out order, while they are warm
 * in the cache.  Touching one of the 16 KiB below a stack faults.
 *
 * A frame larger than that could step over the guard without touching it; code
 * compiled with -fstack-clash-protection does not.
 *
 * A pool belongs to one thread.
 */
#ifndef GYRE_TASK_STACK_H
#define GYRE_TASK_STACK_H

#include <stdbool.h>
#include <stddef.h>

#include "task/stack_guard.h"

/* One stack.  Read-only outside stack.c, and valid as long as the pool. */
struct gyre_stack {
    char *low;   /* lowest usable byte, on a page boundary */
    size_t size; /* bytes from there to the end; a multiple of 64 */

    struct gyre_stacks *pool; /* that it is of; NULL: of none */

    /* private */
    struct gyre_stack *next; /* in gyre_stacks.idle */
    unsigned valgrind;       /* its number there */
    bool bare;               /* holds no page: not used yet, or trimmed */
};

struct gyre_stack_slab;

struct gyre_stacks {
    bool painted; /* new stacks are, by paint.h; set before any is taken */
    size_t size;  /* of a stack, in whole pages */
    size_t warm;  /* idle ones that hold pages */
    size_t keep;  /* for its owner: how many are to stay so */

    /* private */
    struct gyre_stack_slab *slabs; /* newest, and only one unfinished, first */
    struct gyre_stack *idle;       /* last given first; bare ones at the end */
    size_t page;
    size_t gap;       /* bytes of a guard */
    size_t slab_size; /* bytes the next slab aims at */
    size_t taken;     /* stacks out */
    size_t unused;    /* of the warm, those nobody took since
                         gyre_stacks_relax */
    enum gyre_guard guard;
};

/*
 * Prepare a pool of stacks of `size` bytes, 0 for 64 KiB; rounded up to whole
 * pages and to 16 KiB, the least that leaves room for a signal handler beside
 * a few frames (printf of a double takes 8 KiB); four times that under a
 * sanitizer.  At most 1 GiB.  Up to 2 KiB of each are left unused at its end,
 * so that stacks do not compete for the same lines of the cache.
 * GYRE_GUARD_BEST is for everybody, the other modes are for tests.  Maps
 * nothing yet, and cannot fail.
 */
void gyre_stacks_init(struct gyre_stacks *p, size_t size, enum gyre_guard mode);

/*
 * Take a stack, whose contents are arbitrary, or paint.  Returns 0; -ENOMEM if
 * no memory or, with mprotect, no further mapping is to be had, and then all is
 * as before.  O(1).  3 ns and no system call if one was given back; a new stack
 * costs a page fault, every sixteenth a system call (where guards are not made
 * together, each), and a new mapping every so often two more.
 */
int gyre_stacks_take(struct gyre_stacks *p, struct gyre_stack **out);

/*
 * Give a stack back; its pages stay.  A fiber may give the one it stands on
 * if it ends before anybody takes one: see gyre_fiber_exit.  O(1).
 */
void gyre_stacks_give(struct gyre_stacks *p, struct gyre_stack *s);

/*
 * Return to the system the pages of all stacks that are not taken, but for the
 * `keep` given last.  Guards and address space stay.  Not by a fiber that has
 * just given its own.  O(stacks not taken).
 */
void gyre_stacks_trim(struct gyre_stacks *p, size_t keep);

/*
 * The same for those that nobody took since the last call, but for `keep`: to
 * be called now and then, so that what a burst needed is not held for ever, and
 * what the next one needs is.  Returns whether any more than `keep` are still
 * there.
 */
bool gyre_stacks_relax(struct gyre_stacks *p, size_t keep);

/*
 * The stack that has `address` in its memory or in its guard, taken or not, or
 * NULL.  Only reads: may be called by a handler of SIGSEGV.  O(mappings), of
 * which there are some twenty for 10,000 stacks.
 */
const struct gyre_stack *gyre_stacks_find(const struct gyre_stacks *p,
                                          const void *address);

/*
 * Unmap everything.  All stacks must have been given back.  What is left is a
 * pool as gyre_stacks_init made it.
 */
void gyre_stacks_free(struct gyre_stacks *p);

#endif
