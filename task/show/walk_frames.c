/*
 * walk_frames.c - from frame to frame, along frame pointers.
 *
 * On both processors that have a switch of their own a frame pointer points to
 * the caller's, beside which lies where the call returns to.  Code that was
 * compiled without them keeps what it likes in that register: so nothing is
 * followed but upwards, and within the task's stack.
 */
#include "task/show/walk.h"

#include <ucontext.h>

#include "loop/symbol.h"

/* What a frame pointer points to. */
struct record {
    const struct record *caller;
    const void *site;
};

static bool lies_within(const struct gyre_walk *w, const struct record *r)
{
    uintptr_t at = (uintptr_t)r - (uintptr_t)w->low;

    return (uintptr_t)r % sizeof(void *) == 0 && w->size >= sizeof *r &&
           at <= w->size - sizeof *r;
}

static void follow(struct gyre_walk *w, const struct record *r)
{
    const struct record *last = NULL;

    while (r > last && lies_within(w, r) && gyre_walk_meet(w, r->site)) {
        last = r;
        r = r->caller;
    }
}

void gyre_walk_callers(void *walk)
{
    const struct record *own = __builtin_frame_address(0);

    if (gyre_walk_meet(walk, own->site))
        follow(walk, own->caller);
}

/* Where it was, and its frame pointer. */
#ifdef REG_RIP
#define PLACE(registers) ((uintptr_t)(registers)->gregs[REG_RIP])
#define FRAME(registers) ((uintptr_t)(registers)->gregs[REG_RBP])
#else
#define PLACE(registers) ((uintptr_t)(registers)->pc)
#define FRAME(registers) ((uintptr_t)(registers)->regs[29])
#endif

/* A byte further on is what a call would return to.  The caller of a function
   without a frame yet, or ever, is missed. */
void gyre_walk_interrupted(struct gyre_walk *w, const void *context)
{
    const mcontext_t *registers = &((const ucontext_t *)context)->uc_mcontext;

    if (gyre_walk_meet(w, (const void *)(PLACE(registers) + 1)))
        follow(w, (const struct record *)FRAME(registers));
}

/* ---- which function it is in ---- */

/* To look that up in a file takes as long as a hundred frames, and all tasks
   are parked in the same few places: so what was found last is kept, and the
   oldest makes room.  Not by a hash: two places that shared a slot, which is up
   to where the system loads the program, would each be looked up again at every
   frame. */
enum { KNOWN = 32 };

static _Thread_local struct {
    const void *site;
    uintptr_t function;
} known[KNOWN];

static _Thread_local unsigned oldest;

/* Somebody is at it.  A handler that interrupts him does without. */
static _Thread_local volatile bool busy;

static uintptr_t look_up(const void *site)
{
    struct gyre_symbol s;

    gyre_symbol_find((const char *)site - 1, &s);
    return s.function[0] != '\0' ? s.start : 0;
}

static uintptr_t recall(const void *site)
{
    unsigned slot;

    for (unsigned i = 0; i < KNOWN; i++) {
        if (known[i].site == site)
            return known[i].function;
    }
    slot = oldest++ % KNOWN;
    known[slot].function = look_up(site);
    known[slot].site = site;
    return known[slot].function;
}

uintptr_t gyre_walk_function(const void *site)
{
    uintptr_t function;

    if (busy)
        return look_up(site);
    busy = true;
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    function = recall(site);
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    busy = false;
    return function;
}
