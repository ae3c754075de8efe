/*
 * sanitize.h - what the debugging tools are told of stacks and switches.
 *
 * Private to task/, installed nowhere.  In a plain build every function here
 * is empty, but for two requests to Valgrind when a stack is first made and
 * when it is unmapped: these are a few instructions beside system calls, so
 * they stay in every build whose compiler finds the header (define NVALGRIND
 * to leave them out).
 *
 * AddressSanitizer must know the bounds of the stack a thread is on, or it
 * takes the jump for an overflow and cannot unwind.  ThreadSanitizer keeps a
 * history for each fiber (gcc 12's for 8,128 at most, clang 14's for 100,000).
 * The functions around the switch are always inlined: ThreadSanitizer counts
 * entries and exits of functions, and each must be counted for the same fiber.
 *
 * With GYRE_CHECK_FP, which sanitized builds have, cancel points and switches
 * assert that the floating-point environment is the one that everybody left
 * behind: see switch.h.
 */
#ifndef GYRE_TASK_SANITIZE_H
#define GYRE_TASK_SANITIZE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__SANITIZE_ADDRESS__)
#define GYRE_ASAN 1
#elif defined(__SANITIZE_THREAD__)
#define GYRE_TSAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define GYRE_ASAN 1
#elif __has_feature(thread_sanitizer)
#define GYRE_TSAN 1
#endif
#endif

#ifdef GYRE_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#include <sanitizer/lsan_interface.h>
#endif
#ifdef GYRE_TSAN
#include <sanitizer/tsan_interface.h>
#endif
#ifdef GYRE_CHECK_FP
#include <assert.h>

#include "task/switch.h"
#endif
#if defined(__has_include) && !defined(GYRE_ASAN) && !defined(GYRE_TSAN)
#if __has_include(<valgrind/memcheck.h>)
#include <valgrind/memcheck.h>
#include <valgrind/valgrind.h>
#define GYRE_VALGRIND 1
#endif
#endif

#define GYRE_ALWAYS_INLINE static inline __attribute__((always_inline))

/* A function that looks at, or paints, what belongs to frames that are gone. */
#define GYRE_UNCHECKED __attribute__((no_sanitize_address))

/* A sanitized frame is several times the size of a plain one. */
#if defined(GYRE_ASAN) || defined(GYRE_TSAN)
#define GYRE_STACK_FACTOR 4
#else
#define GYRE_STACK_FACTOR 1
#endif

/* What is known of one fiber: in a plain build nothing, which takes no room. */
struct gyre_sanitizer {
#ifdef GYRE_ASAN
    const void *low;             /* the stack's bounds; for an adopted fiber */
    size_t size;                 /*   learnt when it first switches away */
    void *fake;                  /* its frames that live on the heap */
    struct gyre_sanitizer *from; /* who switched here, unless it ended */
#endif
#ifdef GYRE_TSAN
    void *fiber; /* made by the first switch to it */
    void *ended; /* who ended by switching here, or NULL */
#endif
#ifdef GYRE_CHECK_FP
    unsigned fp; /* what it left, or was made under */
#endif
};

/* `s`, all zero, is of a fiber on the stack of `size` bytes from `low`. */
GYRE_ALWAYS_INLINE void gyre_sanitize_init(struct gyre_sanitizer *s,
                                           const void *low, size_t size)
{
#ifdef GYRE_ASAN
    s->low = low;
    s->size = size;
#endif
#ifdef GYRE_CHECK_FP
    s->fp = gyre_switch_fp();
#endif
    (void)s;
    (void)low;
    (void)size;
}

/* The fiber the thread is on already. */
GYRE_ALWAYS_INLINE void gyre_sanitize_adopt(struct gyre_sanitizer *s)
{
    gyre_sanitize_init(s, NULL, 0);
#ifdef GYRE_TSAN
    s->fiber = __tsan_get_current_fiber();
#endif
}

/* The floating-point environment is as it was when the fiber began. */
GYRE_ALWAYS_INLINE void gyre_sanitize_fp(const struct gyre_sanitizer *s)
{
#ifdef GYRE_CHECK_FP
    assert(s->fp == gyre_switch_fp());
#endif
    (void)s;
}

/* On the old stack, just before a switch; `last` if `from` ends with it. */
GYRE_ALWAYS_INLINE void gyre_sanitize_leave(struct gyre_sanitizer *from,
                                            struct gyre_sanitizer *to,
                                            bool last)
{
#ifdef GYRE_CHECK_FP
    from->fp = gyre_switch_fp();
    assert(from->fp == to->fp);
#endif
#ifdef GYRE_ASAN
    to->from = last ? NULL : from;
    __sanitizer_start_switch_fiber(last ? NULL : &from->fake, to->low,
                                   to->size);
#endif
#ifdef GYRE_TSAN
    if (to->fiber == NULL)
        to->fiber = __tsan_create_fiber(0);
    to->ended = last ? from->fiber : NULL;
    __tsan_switch_to_fiber(to->fiber, 0);
#endif
    (void)from;
    (void)to;
    (void)last;
}

/* On the new stack, just after a switch. */
GYRE_ALWAYS_INLINE void gyre_sanitize_enter(struct gyre_sanitizer *s)
{
#ifdef GYRE_ASAN
    if (s->from != NULL)
        __sanitizer_finish_switch_fiber(s->fake, &s->from->low, &s->from->size);
    else
        __sanitizer_finish_switch_fiber(s->fake, NULL, NULL);
#endif
#ifdef GYRE_TSAN
    if (s->ended != NULL)
        __tsan_destroy_fiber(s->ended);
    s->ended = NULL;
#endif
    (void)s;
}

/*
 * These bytes will be a stack, again and again.  Returns a number for
 * gyre_sanitize_unmap.  A leak checker then finds what only a parked fiber
 * points to.
 */
static inline unsigned gyre_sanitize_map(void *low, size_t size)
{
    unsigned id = 0;

#ifdef GYRE_ASAN
    __lsan_register_root_region(low, size);
#endif
#ifdef GYRE_VALGRIND
    id = VALGRIND_STACK_REGISTER(low, (char *)low + size);
#endif
    (void)low;
    (void)size;
    return id;
}

static inline void gyre_sanitize_unmap(void *low, size_t size, unsigned id)
{
#ifdef GYRE_ASAN
    __lsan_unregister_root_region(low, size);
    ASAN_UNPOISON_MEMORY_REGION(low, size);
#endif
#ifdef GYRE_VALGRIND
    VALGRIND_STACK_DEREGISTER(id);
#endif
    (void)low;
    (void)size;
    (void)id;
}

/* Nobody may touch this stack until gyre_sanitize_take. */
static inline void gyre_sanitize_give(void *low, size_t size)
{
#ifdef GYRE_ASAN
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);

    /*
     * A fiber gives back the stack it ends on while it stands on it: leave
     * it the frames above, and some room below, to make its last switch.
     */
    if (here - (uintptr_t)low < size) {
        size = here - (uintptr_t)low;
        size = size > 2048 ? size - 2048 : 0;
    }
    ASAN_POISON_MEMORY_REGION(low, size);
#endif
    (void)low;
    (void)size;
}

static inline void gyre_sanitize_take(void *low, size_t size)
{
#ifdef GYRE_ASAN
    ASAN_UNPOISON_MEMORY_REGION(low, size);
#endif
    (void)low;
    (void)size;
}

/* These bytes, on which a task ends, are the caller's again: Valgrind takes
   what is below a stack pointer for nobody's.  Where no further call is made
   from that stack. */
GYRE_ALWAYS_INLINE void gyre_sanitize_return(void *low, size_t size)
{
#ifdef GYRE_VALGRIND
    (void)VALGRIND_MAKE_MEM_DEFINED(low, size);
#endif
    (void)low;
    (void)size;
}

/* Between these Valgrind says nothing of what belongs to such frames. */
static inline void gyre_sanitize_look(bool begin)
{
#ifdef GYRE_VALGRIND
    if (begin)
        VALGRIND_DISABLE_ERROR_REPORTING;
    else
        VALGRIND_ENABLE_ERROR_REPORTING;
#endif
    (void)begin;
}

#endif
