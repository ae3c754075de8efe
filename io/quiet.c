/*
 * quiet.c - writing without SIGPIPE, to what knows no MSG_NOSIGNAL.
 *
 * The signal is blocked meanwhile, and taken off if it has come: it comes to
 * the thread that writes.  Not every EPIPE brings one: some systems drop it
 * while it is ignored, and some files say EPIPE without.  If the caller blocks
 * it himself, it is his to take.
 */
#include "io/quiet.h"

#include <stddef.h>

static void pipe_alone(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGPIPE);
}

void gyre_quiet_begin(struct gyre_quiet *q)
{
    sigset_t pipe;

    pipe_alone(&pipe);
    pthread_sigmask(SIG_BLOCK, &pipe, &q->before);
}

static void take_off(void)
{
    sigset_t pipe, pending;

    pipe_alone(&pipe);
    sigpending(&pending);
    if (sigismember(&pending, SIGPIPE))
        sigwait(&pipe, &(int){0});
}

void gyre_quiet_end(const struct gyre_quiet *q, bool broken)
{
    if (broken && !sigismember(&q->before, SIGPIPE))
        take_off();
    pthread_sigmask(SIG_SETMASK, &q->before, NULL);
}
