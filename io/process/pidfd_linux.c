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

/* 0 or -errno. */
static int look(int type, int id, siginfo_t *how, int options)
{
    int result;

    how->si_pid = 0;
    do
        result = waitid((idtype_t)type, (id_t)id, how, options);
    while (result < 0 && errno == EINTR);
    return result < 0 ? -errno : 0;
}

int gyre_pidfd_reap(int fd, pid_t pid, int options, siginfo_t *how)
{
    int err = -EINVAL;

    options |= WEXITED | WNOHANG;
    if (fd >= 0)
        err = look(PIDFD, fd, how, options);
    if (err == -EINVAL)
        err = look(P_PID, pid, how, options);
    if (err)
        return err;
    return how->si_pid == 0 ? -EAGAIN : 0;
}
