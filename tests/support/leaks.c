/*
 * leaks.c - what Criterion's runner leaks is no leak of ours.
 *
 * The process that starts the tests loses 48 bytes now and then, when a test's
 * last message comes in late.  Tests run in processes of their own, which are
 * told of by a variable; leaks are looked for in those, and nowhere else.
 * Linked into the test binaries that have LeakSanitizer.
 */
#include <stdlib.h>

static int in_a_test;

__attribute__((constructor)) static void look(void)
{
    in_a_test = getenv("BXFI_MAP") != NULL;
}

/* LeakSanitizer asks. */
int __lsan_is_turned_off(void);

__attribute__((visibility("default"))) int __lsan_is_turned_off(void)
{
    return !in_a_test;
}
