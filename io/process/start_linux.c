/*
 * start_linux.c - making a child: Linux.
 *
 * By vfork, which copies no page tables: 160 ms and more were measured for a
 * GiB of small pages, in which a loop would stand still.  The child runs on our
 * memory, and we wait, until it has become the program.  But if it is to give
 * up its rights, it is by fork: libc's setuid has all threads of the process do
 * it, and in a child of vfork these are ours.
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
    pid = c->options->user == NULL ? vfork() : fork();
    if (pid == 0)
        gyre_child_run(c);
    if (pid < 0)
        pid = -errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return pid;
}
