/*
 * rand_r.c - lets Criterion start under ThreadSanitizer.
 *
 * Criterion maps the arena it shares with its workers at 0x200000000000 +
 * (rand_r() << 24), and tries again some hundred times when the kernel says no.
 * Nearly all of those addresses lie outside the ranges that ThreadSanitizer
 * leaves to a program.  The results of this rand_r make addresses from
 * 0x550000000000, where it loads executables and has room to spare.  Linked
 * into the test binaries of the thread-sanitized build alone.
 */
#include <stdlib.h>

/* Criterion's library must find it, though the build hides what it can. */
__attribute__((visibility("default"))) int rand_r(unsigned *seed)
{
    enum { LOWEST = 0x350000, SPREAD = 0x500 };

    *seed = *seed * 1103515245u + 12345u;
    return (int)(LOWEST + (*seed >> 16) % SPREAD);
}
