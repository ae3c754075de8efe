/*
 * calls.h - system calls that fail, as a test would have them.
 *
 * The test binaries are linked so that their own objects' calls of these, the
 * library's among them, come through here.  One of them may be made to fail,
 * for the n-th time it is made.  What the kernel does in place of the call is
 * nothing, but that a connect which is interrupted, or in progress, goes on.
 */
#ifndef TESTS_SUPPORT_CALLS_H
#define TESTS_SUPPORT_CALLS_H

#include <stdbool.h>

/* Each by its name; what differs by flags alone, or takes longer to say,
   goes by the shorter one: accept4, pipe2, inotify_init1, epoll_pwait2,
   renameat2, and kevent, when it waits and is asked for nothing else. */
enum call {
    CALL_ACCEPT,
    CALL_CONNECT,
    CALL_READ,
    CALL_WRITE,
    CALL_WRITEV,
    CALL_PREAD,
    CALL_PWRITE,
    CALL_RECV,
    CALL_RECVFROM,
    CALL_RECVMSG,
    CALL_RECVMMSG,
    CALL_SEND,
    CALL_SENDTO,
    CALL_SENDMSG,
    CALL_SENDMMSG,
    CALL_SENDFILE,
    CALL_EPOLL_CTL,
    CALL_EPOLL_CREATE,
    CALL_EPOLL_WAIT,
    CALL_TIMERFD_CREATE,
    CALL_TIMERFD_SETTIME,
    CALL_EVENTFD,
    CALL_KQUEUE,
    CALL_KEVENT,
    CALL_KEVENT_WAIT,
    CALL_PIDFD_OPEN,
    CALL_WAITID,
    CALL_SOCKETPAIR,
    CALL_SOCKET,
    CALL_BIND,
    CALL_LISTEN,
    CALL_SHUTDOWN,
    CALL_GETSOCKNAME,
    CALL_GETPEERNAME,
    CALL_GETSOCKOPT,
    CALL_SETSOCKOPT,
    CALL_MMAP,
    CALL_PIPE,
    CALL_FCNTL,
    CALL_OPEN,
    CALL_FSTAT,
    CALL_LSTAT,
    CALL_POLL,
    CALL_FSYNC,
    CALL_RENAME,
    CALL_LINK,
    CALL_INOTIFY_INIT,
    CALL_INOTIFY_ADD_WATCH,
    CALLS,
};

const char *calls_name(enum call c);

/* The errors that its page in section 2 of the manual lists, up to a 0.  Where
   pages refer to others, as writev's does to write's, those of both. */
const int *calls_page(enum call c);

/* Have `c` fail with `err`: after `before` calls that are made, once, or from
   then on for good.  Calls are counted anew. */
void calls_begin(enum call c, int before, int err, bool for_good);

/* No more; how many were made to fail since. */
int calls_end(void);

/* How many of all kinds were made since calls_begin. */
long calls_made(void);

/* Called after each read that was made, unless it is NULL. */
extern void (*calls_after_read)(int fd);

/* For what stands in for a call: must this one fail?  Then errno says why. */
bool calls_fails(enum call c);

#endif
