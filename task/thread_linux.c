/*
 * thread_linux.c - what a thread is called.
 */
#include "task/thread.h"

#include <stdio.h>

/* The kernel keeps 15 bytes, and refuses more. */
void gyre_thread_name(const char *name)
{
    char cut[16];

    snprintf(cut, sizeof cut, "gyre-%s", name);
    (void)pthread_setname_np(pthread_self(), cut);
}
