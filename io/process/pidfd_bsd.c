/*
 * pidfd_bsd.c - a descriptor that stands for a child: macOS and the BSDs.
 *
 * It is a kqueue that waits for the child's end, and so polls readable then.  One
 * a child, rather than the loop's own: then that need know nothing of processes.
 * A child that ended before it was looked at is refused (ESRCH), which has a
 * thread look, and find that at once.
 */
#include "io/process/pidfd.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/event.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

int gyre_pidfd_open(pid_t pid)
{
    struct kevent k;
    int kq = kqueue(), err;

    if (kq < 0)
        return -errno;
    (void)fcntl(kq, F_SETFD, FD_CLOEXEC);
    EV_SET(&k, (uintptr_t)pid, EVFILT_PROC, EV_ADD, NOTE_EXIT, 0, NULL);
    if (kevent(kq, &k, 1, NULL, 0, NULL) == 0)
        return kq;
    err = -errno;
    close(kq);
    return err;
}

int gyre_pidfd_signal(int fd, pid_t pid, int number)
{
    (void)fd;
    return kill(pid, number) < 0 ? -errno : 0;
}

int gyre_pidfd_reap(int fd, pid_t pid, int options, siginfo_t *how)
{
    (void)fd;
    how->si_pid = 0;
    if (waitid(P_PID, (id_t)pid, how, WEXITED | WNOHANG | options) < 0)
        return -errno;
    return how->si_pid == 0 ? -EAGAIN : 0;
}
