/*
 * emulator.h - whether the tests run under an emulator, which lacks some of the
 * system's calls and threads in the child of a fork.
 */
#ifndef TESTS_SUPPORT_EMULATOR_H
#define TESTS_SUPPORT_EMULATOR_H

#include <stdbool.h>
#include <stdlib.h>

static inline bool is_emulated(void)
{
    const char *emulator = getenv("EMULATOR");

    return emulator != NULL && *emulator != '\0';
}

#endif
