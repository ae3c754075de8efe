/*
 * switch_ucontext.c - the switch where there is no assembly for it.
 *
 * The same interface on makecontext and swapcontext, chosen by the Makefile:
 * for an architecture without a file of its own, or by request (compile with
 * GYRE_SWITCH_UCONTEXT), so that the tests can compare.  A hundred times
 * slower, since it saves the signal mask with a system call.  Unlike the
 * assembly it also keeps the floating-point environment, and works with shadow
 * stacks.  Not for musl, which lacks both functions.
 *
 * A parked context is a ucontext_t on its own stack: that of the swapcontext
 * in which it waits or, before it first runs, one at the stack's end.
 */
#include "task/switch.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <ucontext.h>

struct first {
    ucontext_t context;
    void (*entry)(void *);
    void *arg;
};

/* makecontext passes ints, so a pointer comes in two halves. */
void start(unsigned high, unsigned low) __asm__("gyre_switch_start");
void start(unsigned high, unsigned low)
{
    struct first *f =
        (struct first *)(uintptr_t)((uint64_t)high << 32 | (uint64_t)low);

    f->entry(f->arg);
    abort();
}

/*
 * getcontext can fail, it is said, but none that does is known, and no caller
 * of a switch could go on.
 */
void *gyre_switch_make(void *top, void (*entry)(void *), void *arg)
{
    uintptr_t at = ((uintptr_t)top - sizeof(struct first)) & ~(uintptr_t)63;
    struct first *f = (struct first *)at;
    uint64_t address = at;

    if (getcontext(&f->context) != 0)
        abort();
    f->entry = entry;
    f->arg = arg;
    f->context.uc_link = NULL;
    /*
     * The size is only subtracted again by makecontext, which wants the end
     * of the stack; how far down it reaches is the caller's knowledge.
     */
    f->context.uc_stack.ss_size = 4096;
    f->context.uc_stack.ss_sp = (char *)f - 4096;
    makecontext(&f->context, (void (*)(void))start, 2,
                (unsigned)(address >> 32), (unsigned)address);
    return f;
}

void gyre_switch(void **save, void *to)
{
    ucontext_t here;

    *save = &here;
    if (swapcontext(&here, to) != 0)
        abort();
}

/* Where which register lies in a ucontext_t, every system has its own idea. */
bool gyre_switch_look(const void *parked, void (*fn)(void *arg), void *arg)
{
    (void)parked;
    (void)fn;
    (void)arg;
    return false;
}

unsigned gyre_switch_fp(void)
{
    return 0;
}
