/*
 * fork.c - how many forks made this process what it is.
 *
 * Not by getpid(), which is a system call, and does not tell a child from a
 * later process that was given the same number.
 */
#include "loop/fork.h"

#include <pthread.h>

unsigned gyre_forks;

/* In the child, which has but one thread. */
static void forked(void)
{
    gyre_forks++;
}

static void begin(void)
{
    (void)pthread_atfork(NULL, NULL, forked);
}

void gyre_forks_count(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, begin);
}
