/*
 * pidfd_linux.c - a descriptor that stands for a child: Linux.
 *
 * Since 5.3; and libcs have functions for it much later, if at all.  Emulators
 * have some of these calls and not others, so each is done without if need be:
 * that is right too, as long as nobody else reaps our child.
 */
#include "io/process/pidfd.h"

#include <errno.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PIDFD 3 /* P_PIDFD, which older headers lack */

int gyre_pidfd_open(pid_t pid)
{
#ifdef SYS_pidfd_open
    int fd = (int)syscall(SYS_pidfd_open, pid, 0);

    return fd < 0 ? -errno : fd;
#else
    (void)pid;
    return -ENOSYS;
#endif
}

int gyre_pidfd_signal(int fd, pid_t pid, int number)
{
#ifdef SYS_pidfd_send_signal
    if (fd >= 0) {
        if (syscall(SYS_pidfd_send_signal, fd, number, NULL, 0) == 0)
            return 0;
        if (errno != ENOSYS)
            return -errno;
    }
#endif
    (void)fd;
    return kill(pid, number) < 0 ? -errno : 0;
}

int gyre_pidfd_reap(int fd, pid_t pid, int options, siginfo_t *how)
{
    int err = -1;

    options |= WEXITED | WNOHANG;
    how->si_pid = 0;
    errno = EINVAL;
    if (fd >= 0)
        err = waitid((idtype_t)PIDFD, (id_t)fd, how, options);
    if (err < 0 && errno == EINVAL)
        err = waitid(P_PID, (id_t)pid, how, options);
    if (err < 0)
        return -errno;
    return how->si_pid == 0 ? -EAGAIN : 0;
}
