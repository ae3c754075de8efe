/*
 * pidfd_bsd.c - a descriptor that stands for a child: macOS and the BSDs.
 *
 * It is a kqueue that waits for the child's end, and so polls readable then.
 * One a child, rather than the loop's own: then that need know nothing of
 * processes.  A child that ended before it was looked at is refused (ESRCH),
 * which has a thread look, and find that at once.
 */
#include "io/process/pidfd.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/event.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loop/kevent.h"

/* Have `kq` tell of the end of `pid`, and close it on exec. */
static int prepare(int kq, pid_t pid)
{
    struct kevent k;

    if (fcntl(kq, F_SETFD, FD_CLOEXEC) < 0)
        return -errno;
    EV_SET(&k, (uintptr_t)pid, EVFILT_PROC, EV_ADD, NOTE_EXIT, 0, NULL);
    return gyre_kevent(kq, &k, 1, NULL, 0, NULL);
}

int gyre_pidfd_open(pid_t pid)
{
    int kq = kqueue(), err;

    if (kq < 0)
        return -errno;
    err = prepare(kq, pid);
    if (err == 0)
        return kq;
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
    int result;

    (void)fd;
    how->si_pid = 0;
    do
        result = waitid(P_PID, (id_t)pid, how, WEXITED | WNOHANG | options);
    while (result < 0 && errno == EINTR);
    if (result < 0)
        return -errno;
    return how->si_pid == 0 ? -EAGAIN : 0;
}
