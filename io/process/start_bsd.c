/*
 * start_bsd.c - making a child: macOS and the BSDs.
 *
 * By fork: vfork is deprecated on macOS, and not what it was.
 */
#include "io/process/child.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

/* With all signals blocked: the program's handlers are no business of the
   child's. */
pid_t gyre_child_start(const struct gyre_child *c)
{
    sigset_t all, before;
    pid_t pid;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid = fork();
    if (pid == 0)
        gyre_child_run(c);
    if (pid < 0)
        pid = -errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return pid;
}
