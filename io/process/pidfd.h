/*
 * pidfd.h - a descriptor that stands for a child.
 *
 * Private to io/, installed nowhere.  One file a system has it: pidfd_linux.c,
 * pidfd_bsd.c.  Where there is none a thread waits (io/process/vigil.h).
 */
#ifndef GYRE_IO_PROCESS_PIDFD_H
#define GYRE_IO_PROCESS_PIDFD_H

#include <signal.h>
#include <sys/types.h>

/* A descriptor, close-on-exec, that polls readable when the child `pid`, which
   nobody has waited for, has ended; or -errno. */
int gyre_pidfd_open(pid_t pid);

/* Send the child a signal, by that descriptor if `fd` is not negative.  0, or
   -errno. */
int gyre_pidfd_signal(int fd, pid_t pid, int number);

/* If it has ended, reap it, or leave that for later if `options` is WNOWAIT and
   not 0: 0, and `how`; -EAGAIN if it has not; -ECHILD if somebody else has. */
int gyre_pidfd_reap(int fd, pid_t pid, int options, siginfo_t *how);

#endif
