/*
 * driver.c - gives libFuzzer the target that FUZZ names in the environment.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/fuzz/fuzz.h"

int LLVMFuzzerInitialize(int *count, char ***words);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const struct fuzz_target *target;

int LLVMFuzzerInitialize(int *count, char ***words)
{
    const char *name = getenv("FUZZ");

    (void)count;
    (void)words;
    target = name != NULL ? fuzz_find(name) : NULL;
    if (target != NULL)
        return 0;
    fprintf(stderr, "FUZZ is to name one of:\n");
    for (target = fuzz_targets; target->name != NULL; target++)
        fprintf(stderr, "%s\n", target->name);
    exit(2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    target->run((const char *)data, n);
    return 0;
}
