/*
 * walk_unwind.c - from frame to frame, as the compiler's unwinder does.
 *
 * It is the one that C++ throws with: it reads what each object says of its own
 * frames, and takes no lock where libc helps (glibc 2.35).  Code without such
 * information ends the walk.
 */
#include "task/show/walk.h"

#include <unwind.h>

static const void *site_of(uintptr_t ip)
{
    return (const void *)ip;
}

static _Unwind_Reason_Code step(struct _Unwind_Context *context, void *walk)
{
    return gyre_walk_meet(walk, site_of(_Unwind_GetIP(context)))
               ? _URC_NO_REASON
               : _URC_END_OF_STACK;
}

void gyre_walk_callers(void *walk)
{
    _Unwind_Backtrace(step, walk);
}

/* Frames of the handler are passed by, up to the one that made no call but was
   interrupted.  A byte further on is what a call would return to. */
static _Unwind_Reason_Code step_over(struct _Unwind_Context *context,
                                     void *walk)
{
    int interrupted = 0;
    uintptr_t ip = _Unwind_GetIPInfo(context, &interrupted);
    struct gyre_walk *w = walk;

    if (w->n == 0 && !interrupted)
        return _URC_NO_REASON;
    return gyre_walk_meet(w, site_of(ip + (w->n == 0))) ? _URC_NO_REASON
                                                        : _URC_END_OF_STACK;
}

void gyre_walk_interrupted(struct gyre_walk *w, const void *context)
{
    (void)context;
    _Unwind_Backtrace(step_over, w);
}

uintptr_t gyre_walk_function(const void *site)
{
    return (uintptr_t)_Unwind_FindEnclosingFunction((void *)(uintptr_t)site);
}
