/*
 * thread_bsd.c - what a thread is called, and where it may run.
 *
 * macOS and each of the BSDs have a call for that, no two of them the same one.
 * A name is for people who look on, so here threads go without.
 */
#include "task/thread.h"

#include <unistd.h>

void gyre_thread_name(const char *name)
{
    (void)name;
}

unsigned gyre_thread_processors(void)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);

    return n > 0 ? (unsigned)n : 1;
}
