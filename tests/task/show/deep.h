/*
 * deep.h - a call that stands five functions deep.
 *
 * They are compiled as users do it, with optimization and, where the unwinder
 * finds the way, without frame pointers: see the Makefile.
 */
#ifndef TESTS_TASK_SHOW_DEEP_H
#define TESTS_TASK_SHOW_DEEP_H

#include <stdint.h>

/* Static functions, each called by the one before it; the last calls fn(). */
#define DEEP                                                                   \
    {                                                                          \
        "deepest", "fourth", "third", "second", "first"                        \
    }

/* Returns the sum of what is kept in registers and locals on the way. */
intptr_t call_deep(void (*fn)(void));
#define CALL_DEEP_RETURNS 31

#endif
