/*
 * deep.c - a call that stands five functions deep.
 */
#include "tests/task/show/deep.h"

#define NOT_INLINED static __attribute__((noinline))

/* The value has to survive the call, and the call is not the last thing. */
NOT_INLINED intptr_t deepest(void (*fn)(void), intptr_t kept)
{
    fn();
    __asm__ volatile("" : "+r"(kept));
    return kept;
}

#define BETWEEN(name, next)                                                    \
    NOT_INLINED intptr_t name(void (*fn)(void), intptr_t kept)                 \
    {                                                                          \
        intptr_t below = next(fn, kept * 2);                                   \
                                                                               \
        __asm__ volatile("" : "+r"(kept));                                     \
        return kept + below;                                                   \
    }

BETWEEN(fourth, deepest)
BETWEEN(third, fourth)
BETWEEN(second, third)
BETWEEN(first, second)

intptr_t call_deep(void (*fn)(void))
{
    volatile intptr_t one = 1; /* or there would be copies for this value */
    intptr_t sum = first(fn, one);

    __asm__ volatile("" : "+r"(sum));
    return sum;
}
