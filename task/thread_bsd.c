/*
 * thread_bsd.c - what a thread is called.
 *
 * macOS and each of the BSDs have a call for that, no two of them the same one.
 * A name is for people who look on, so here threads go without.
 */
#include "task/thread.h"

void gyre_thread_name(const char *name)
{
    (void)name;
}
