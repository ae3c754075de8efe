/*
 * limit.c - a test that hangs is told by name.
 *
 * A minute after its process was started it has SIGALRM, under an emulator
 * after five, or after $LIMIT seconds, which may be 0 for none; Criterion calls
 * that a crash.  Criterion's own timeouts are no guard: where a test has less
 * time left than another that runs beside it, the other's is forgotten.
 */
#include <stdlib.h>
#include <unistd.h>

#include "tests/support/emulator.h"

/* Criterion tells the processes it starts for tests of this. */
__attribute__((constructor)) static void set_limit(void)
{
    const char *limit = getenv("LIMIT");

    if (getenv("BXFI_MAP") != NULL)
        alarm(limit != NULL ? (unsigned)atoi(limit) : is_emulated() ? 300 : 60);
}
