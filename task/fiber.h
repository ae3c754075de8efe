/*
 * fiber.h - a stack, and where on it to go on.
 *
 * Private to task/, installed nowhere.  A fiber knows no loop, no scheduler,
 * and not who runs next: whoever leaves one names the one to go on.  Fibers
 * never change threads.  Nothing here can fail or allocates, and in a plain
 * build nothing here costs anything beside the switch itself.
 *
 * errno and the floating-point environment belong to the thread, and are not
 * kept for a fiber: see switch.h.  No C++ exception may leave `entry`.
 *
 * To see a parked fiber in gdb (f is a struct gyre_fiber *):
 *
 *     set $sp = f->sp
 *     set $pc = gyre_switch_parked
 *     backtrace
 */
#ifndef GYRE_TASK_FIBER_H
#define GYRE_TASK_FIBER_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "task/sanitize.h"
#include "task/switch.h"

/* Must stay put while it is in use; often at the end of its own stack. */
struct gyre_fiber {
    void *sp;    /* while parked: all it needs lies at and above this */
    char *low;   /* lowest byte of its stack; NULL if adopted */
    size_t size; /* from there to its end; 0 if adopted */

    /* private */
    void (*entry)(void *);
    void *arg;
    struct gyre_sanitizer sanitizer;
};

/* The first function on every fiber's stack, which calls `entry`. */
void gyre_fiber_begin(void *f);

enum { GYRE_FIBER_LEAST = 8192 };

/*
 * Prepare `f` to call entry(arg) on the `size` bytes from `low` when it is
 * first switched to.  The stack is the caller's and is `f`'s until it has
 * ended; of guards, see stack.h.  At least 8 KiB, and 64 KiB for a fiber that
 * calls printf.  `entry` must not return, but end with gyre_fiber_exit.
 */
GYRE_ALWAYS_INLINE void gyre_fiber_init(struct gyre_fiber *f, void *low,
                                        size_t size, void (*entry)(void *),
                                        void *arg)
{
    uintptr_t top = ((uintptr_t)low + size) & ~(uintptr_t)15;

    assert(size >= GYRE_FIBER_LEAST);
    *f = (struct gyre_fiber){
        .sp = gyre_switch_make((void *)top, gyre_fiber_begin, f),
        .low = low,
        .size = size,
        .entry = entry,
        .arg = arg};
    gyre_sanitize_init(&f->sanitizer, low, size);
}

/*
 * Make `f` stand for the stack the calling thread is on, so that others can
 * come back to it.  There is nothing to undo.
 */
void gyre_fiber_adopt(struct gyre_fiber *f);

/*
 * Leave `from`, which is running, and go on with `to`, which is not.  Returns
 * when some fiber switches to `from`.  2 ns, and the processor's prediction of
 * returns is left as it was.
 */
GYRE_ALWAYS_INLINE void gyre_fiber_switch(struct gyre_fiber *from,
                                          struct gyre_fiber *to)
{
    gyre_sanitize_leave(&from->sanitizer, &to->sanitizer, false);
    gyre_switch(&from->sp, to->sp);
    gyre_sanitize_enter(&from->sanitizer);
}

/*
 * Leave `from`, which is running, for good.  Its stack may have been given
 * back to its pool just before (and so may `from` with it, if it lies at the
 * end of that stack), provided that nobody takes or unmaps it until `to` runs.
 */
GYRE_ALWAYS_INLINE _Noreturn void gyre_fiber_exit(struct gyre_fiber *from,
                                                  struct gyre_fiber *to)
{
    gyre_sanitize_leave(&from->sanitizer, &to->sanitizer, true);
    gyre_switch(&from->sp, to->sp);
    __builtin_trap();
}

#endif
