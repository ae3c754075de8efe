/*
 * breach.h - what was left by mistake, and is found out.
 *
 * Private to task/, installed nowhere.  Scopes and bindings stand in frames of
 * who makes them, and have to be gone before these are.  Every call that a task
 * makes of the library looks whether that was forgotten.
 */
#ifndef GYRE_TASK_BREACH_H
#define GYRE_TASK_BREACH_H

#include "task/internal.h"

#define GYRE_NOT_INLINED __attribute__((noinline))

/* Where the frames of those who called end, and that of this function begins.
   Its frame address will not do: as gcc has it on AArch64, that is the lower
   end.  (clang gives that here, too; there a frame's own size is missed.) */
#define GYRE_FRAME __builtin_dwarf_cfa()

/* Abort: `what` is wrong with a scope of task `t`, which was opened at
   `site`. */
_Noreturn void gyre_scope_breach(const struct gyre_task *t, const void *site,
                                 const char *what);
_Noreturn void gyre_scope_left(const struct gyre_task *t);

/* The same for other things that are left: `thing` was so at `site`. */
_Noreturn void gyre_task_breach(const struct gyre_task *t, const char *thing,
                                const void *site, const char *what);

/* Is `p` on the stack of `t`, below `sp`, where no live frame is? */
static inline bool gyre_task_below(const struct gyre_task *t, const void *p,
                                   const void *sp)
{
    uintptr_t low = (uintptr_t)t->fiber.low;

    return (uintptr_t)p - low < (uintptr_t)sp - low;
}

/*
 * Abort if the innermost scope of `t`, which is running, was left without
 * closing it.  `frame` is that of a function the user has called; it must not
 * have been inlined into that user's, or it might lie above what is alive.
 */
static inline void gyre_scope_check(const struct gyre_task *t,
                                    const void *frame)
{
    if (gyre_task_below(t, t->innermost, frame))
        gyre_scope_left(t);
}

/* The same, from wherever scope calls come from: it may be a callback. */
static inline void gyre_scope_check_any(const void *frame)
{
    if (gyre_current != NULL)
        gyre_scope_check(gyre_current, frame);
}

_Noreturn void gyre_locals_left(const struct gyre_task *t);

/* Abort if the latest binding of `t` is in a frame that is gone: `frame` as for
   gyre_scope_check. */
static inline void gyre_locals_check(const struct gyre_task *t,
                                     const void *frame)
{
    if (gyre_task_below(t, t->locals, frame))
        gyre_locals_left(t);
}

#endif
