/*
 * backtrace.h - who has called whom: of a task that is parked, too.
 *
 * Private to task/ and what is above it; installed nowhere.  Tasks have stacks
 * of their own, so what a parked one is in the middle of can be read there,
 * every frame, without waking or touching it.
 *
 * A frame is told by the address its call returns to; gyre_name_site
 * (loop/symbol.h) names it.  The innermost comes first: the function of the
 * library that waits, such as gyre_sleep.  What is below that (the switch) is
 * left out, and so is what is above the task's own function.
 *
 * Frames are found by the compiler's unwinder, which knows its way through
 * optimized code, without frame pointers as well (walk_unwind.c).  Where a
 * program cannot be linked with that, as with musl's compiler wrapper, they are
 * found along frame pointers (walk_frames.c): as far as everybody has been
 * compiled with -fno-omit-frame-pointer, as the library is, and in tasks; of a
 * callback, whose stack is not known, only the first.  With the portable switch
 * (switch_ucontext.c) nothing is found of a parked task.
 *
 * Nothing here allocates, and handlers of signals may call it.  2 us for ten
 * frames.
 */
#ifndef GYRE_TASK_SHOW_BACKTRACE_H
#define GYRE_TASK_SHOW_BACKTRACE_H

#include <stddef.h>

struct gyre_task;

/*
 * Put the frames of `t`, no more than `max`, at `frames`, and return how many
 * there are: none for a task that has not begun yet.  `t` belongs to this
 * thread's loop; if it is the one that runs, the first frame is the caller's.
 */
size_t gyre_backtrace(const struct gyre_task *t, const void **frames,
                      size_t max);

/*
 * The same of the task that runs, but from the call on that returns to `site`,
 * which is among those it is in the middle of; if it is not found, that alone.
 */
size_t gyre_backtrace_from(const void *site, const void **frames, size_t max);

/*
 * In a handler of a signal: the frames of what it has interrupted on this
 * thread, a task or not, the innermost being the place itself.  `context` is
 * the handler's third argument.
 */
size_t gyre_backtrace_interrupted(const void *context, const void **frames,
                                  size_t max);

#endif
