/*
 * switch.h - leave one stack, continue on another.
 *
 * Private to task/, installed nowhere; fiber.h is its one customer, and adds
 * the stack and what sanitizers must be told.  Each architecture has a file
 * switch_*.S; switch_ucontext.c does the same, slowly, where libc can.
 *
 * A parked context is one pointer into its own stack: at and below it the
 * stack is free, above it lies what the context goes on with.  Kept across a
 * switch are the stack pointer and the registers a function call keeps.  Not
 * kept: errno, and the floating-point environment (rounding, exception masks),
 * which whoever changes it puts back before switching; saving both control
 * words would double the cost of a switch.
 *
 * The switch is entered by a jump and left by a jump.  A processor predicts
 * each return from a private stack of the calls it has seen, which knows
 * nothing of ours.  Here it sees neither a call without its return nor a
 * return without its call, so where tasks park alike, the returns that follow
 * are still predicted.  Measured on a Zen 5, in nanoseconds:
 *
 *                                           call, jump   call, return   jumps
 *     a switch below four calls, with
 *     the returns from them                     50            7           7
 *     start a context, and end it               21           22           6
 *
 * The price is that the compiler takes the jump for a plain instruction, and
 * must be told what a call would have told it.
 */
#ifndef GYRE_TASK_SWITCH_H
#define GYRE_TASK_SWITCH_H

#include <stdbool.h>

/*
 * Prepare a context that will call entry(arg) on the stack that ends at `top`,
 * a multiple of 16, and return the pointer to switch to.  `entry` must not
 * return.  Takes under 256 bytes of the stack (up to 5 KiB with ucontext).
 */
void *gyre_switch_make(void *top, void (*entry)(void *),
                       void *arg) __asm__("gyre_switch_make");

/*
 * The floating-point environment, control bits only, as one comparable number;
 * 0 where the switch keeps the environment itself.
 */
unsigned gyre_switch_fp(void) __asm__("gyre_switch_fp");

/*
 * Where every parked context waits (not with ucontext).  A debugger that sets
 * the program counter to this and the stack pointer to the parked pointer sees
 * the context's frames.
 */
extern const char gyre_switch_parked[] __asm__("gyre_switch_parked");

/*
 * Call fn(arg) such that who looks for the callers of `fn`, by the unwinder's
 * information or along frame pointers, finds gyre_switch_look and then the
 * frames of the context `parked`, which is not touched.  False if that cannot
 * be done, and then nothing is (with ucontext).
 */
bool gyre_switch_look(const void *parked, void (*fn)(void *arg),
                      void *arg) __asm__("gyre_switch_look");

/* The outermost function of ours on every stack, for those who look. */
extern const char gyre_switch_start[] __asm__("gyre_switch_start");

/*
 * Park this context, store its pointer in *save, and continue `to`.  Returns
 * when somebody switches to what was stored.
 */
#if defined(__x86_64__) && !defined(GYRE_SWITCH_UCONTEXT)

#ifdef __AVX512F__
#define GYRE_SWITCH_LOSES_MORE                                                 \
    , "xmm16", "xmm17", "xmm18", "xmm19", "xmm20", "xmm21", "xmm22", "xmm23",  \
        "xmm24", "xmm25", "xmm26", "xmm27", "xmm28", "xmm29", "xmm30",         \
        "xmm31", "k1", "k2", "k3", "k4", "k5", "k6", "k7"
#else
#define GYRE_SWITCH_LOSES_MORE
#endif

static inline __attribute__((always_inline)) void gyre_switch(void **save,
                                                              void *to)
{
    __asm__ volatile("lea 1f(%%rip), %%rdx\n\t" /* where to go on */
                     "jmp gyre_switch_jump\n"
                     "1:\tendbr64" /* reached by an indirect jump */
                     : "+D"(save), "+S"(to)
                     :
                     : "rax", "rcx", "rdx", "r8", "r9", "r10", "r11", "st",
                       "st(1)", "st(2)", "st(3)", "st(4)", "st(5)", "st(6)",
                       "st(7)", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5",
                       "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11",
                       "xmm12", "xmm13", "xmm14", "xmm15", "cc",
                       "memory" GYRE_SWITCH_LOSES_MORE);
}

#elif defined(__aarch64__) && !defined(GYRE_SWITCH_UCONTEXT)

/* x18 belongs to the platform on Darwin, and to the compiler elsewhere. */
#ifdef __APPLE__
#define GYRE_SWITCH_LOSES_X18
#else
#define GYRE_SWITCH_LOSES_X18 "x18",
#endif

#ifdef __ARM_FEATURE_SVE
#define GYRE_SWITCH_LOSES_MORE                                                 \
    , "p0", "p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8", "p9", "p10",       \
        "p11", "p12", "p13", "p14", "p15"
#else
#define GYRE_SWITCH_LOSES_MORE
#endif

/*
 * A call keeps the lower halves of v8 to v15, which cannot be said here.  They
 * are given as lost, and so the compiler saves the halves it owes its caller.
 */
static inline __attribute__((always_inline)) void gyre_switch(void **save,
                                                              void *to)
{
    register void *x0 __asm__("x0") = save;
    register void *x1 __asm__("x1") = to;

    __asm__ volatile(
        "adr x30, 1f\n\t" /* where to go on */
        "b gyre_switch_jump\n"
        "1:\thint #36" /* bti j: reached by an indirect jump */
        : "+r"(x0), "+r"(x1)
        :
        : "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12",
          "x13", "x14", "x15", "x16", "x17", GYRE_SWITCH_LOSES_X18 "x30", "v0",
          "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11",
          "v12", "v13", "v14", "v15", "v16", "v17", "v18", "v19", "v20", "v21",
          "v22", "v23", "v24", "v25", "v26", "v27", "v28", "v29", "v30", "v31",
          "cc", "memory" GYRE_SWITCH_LOSES_MORE);
}

#else

void gyre_switch(void **save, void *to);

#endif

#endif
