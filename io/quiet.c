/*
 * quiet.c - writing without SIGPIPE and SIGXFSZ.
 *
 * The signal is blocked meanwhile, and taken off if it has come: it comes to
 * the thread that writes.  Not every EPIPE brings one: some systems drop it
 * while it is ignored, and some files say EPIPE without; nor does every EFBIG.
 * If the caller blocks it himself, it is his to take.
 */
#include "io/quiet.h"

#include <errno.h>
#include <stddef.h>

void gyre_quiet_begin(struct gyre_quiet *q)
{
    sigset_t both;

    sigemptyset(&both);
    sigaddset(&both, SIGPIPE);
    sigaddset(&both, SIGXFSZ);
    pthread_sigmask(SIG_BLOCK, &both, &q->before);
}

static void take_off(int number)
{
    sigset_t alone, pending;

    sigpending(&pending);
    if (!sigismember(&pending, number))
        return;
    sigemptyset(&alone);
    sigaddset(&alone, number);
    sigwait(&alone, &(int){0});
}

void gyre_quiet_end(const struct gyre_quiet *q, int err)
{
    int number = err == -EPIPE ? SIGPIPE : SIGXFSZ;

    if ((err == -EPIPE || err == -EFBIG) && !sigismember(&q->before, number))
        take_off(number);
    pthread_sigmask(SIG_SETMASK, &q->before, NULL);
}
