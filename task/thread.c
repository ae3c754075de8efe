/*
 * thread.c - threads of the library's own.
 */
#include "task/thread.h"

#include <errno.h>
#include <signal.h>

int gyre_thread_start(pthread_t *thread, size_t stack_size,
                      void *(*run)(void *arg), void *arg)
{
    static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP};
    sigset_t blocked, before;
    pthread_attr_t attr;
    int err = pthread_attr_init(&attr);

    if (err)
        return -ENOMEM;
    sigfillset(&blocked);
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
        sigdelset(&blocked, faults[i]);
    pthread_sigmask(SIG_SETMASK, &blocked, &before);
    err = pthread_attr_setstacksize(&attr, stack_size);
    if (err == 0)
        err = pthread_create(thread, &attr, run, arg);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attr);
    return err ? -ENOMEM : 0;
}
