/*
 * thread_linux.c - what a thread is called, and where it may run.
 */
#include "task/thread.h"

#include <sched.h>
#include <stdio.h>
#include <unistd.h>

/* The kernel keeps 15 bytes, and refuses more. */
void gyre_thread_name(const char *name)
{
    char cut[16];

    snprintf(cut, sizeof cut, "gyre-%s", name);
    (void)pthread_setname_np(pthread_self(), cut);
}

/* A container, or taskset, leaves a process some of all.  The set has room for
   1,024, and where there are more the kernel refuses to fill it. */
unsigned gyre_thread_processors(void)
{
    cpu_set_t ours;
    long n;

    if (sched_getaffinity(0, sizeof ours, &ours) == 0)
        return (unsigned)CPU_COUNT(&ours);
    n = sysconf(_SC_NPROCESSORS_ONLN);
    return n > 0 ? (unsigned)n : 1;
}
