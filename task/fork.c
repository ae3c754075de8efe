/*
 * fork.c - what the tasks of the parent are to the child of a fork.
 *
 * The task that forked goes on in the child, on a copy of its stack, and of all
 * that is around it: the loop, whose poller is the parent's too, and the other
 * tasks, which must not run twice.  So the child's copies of the scopes that it
 * is in are cancelled, where it is born: every cancel point fails, without a
 * test of its own for it, and none switches away.
 */
#include <errno.h>
#include <pthread.h>
#include <stddef.h>

#include "task/internal.h"

/* In the child, in the thread that forked: its task, or a callback. */
static void disown(void)
{
    for (struct gyre_runtime *rt = gyre_running; rt != NULL; rt = rt->outer)
        rt->forked = true;
    if (gyre_current == NULL)
        return;
    gyre_current->credits = -1; /* its cancel points are looked at */
    for (struct gyre_branch *b = gyre_current->innermost; b != NULL;
         b = b->parent)
        b->cause = -ECANCELED;
}

static void begin(void)
{
    (void)pthread_atfork(NULL, NULL, disown);
}

void gyre_runtime_watch_forks(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, begin);
}
