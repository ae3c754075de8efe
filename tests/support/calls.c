/*
 * calls.c - system calls that fail, as a test would have them.
 *
 * Those of which other files here have something to say, too, are asked for
 * there.  The stand-in for kqueue is made of calls of its own, which are no
 * business of the library's: they are neither counted, nor do they fail.
 */
#include "tests/support/calls.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/wait.h>

/* Threads make calls, too, some of them when all else is over. */
static struct {
    atomic_int call;
    atomic_int before;
    atomic_int err;
    atomic_bool for_good;
} fault;

static atomic_bool begun;
static atomic_int seen; /* calls of that kind */
static atomic_int failed;
static atomic_long made;
void (*calls_after_read)(int fd);
static _Thread_local int excused; /* inside what stands in for a call */

const char *calls_name(enum call c)
{
    static const char *const names[CALLS] = {
        [CALL_ACCEPT] = "accept",
        [CALL_CONNECT] = "connect",
        [CALL_READ] = "read",
        [CALL_WRITE] = "write",
        [CALL_WRITEV] = "writev",
        [CALL_PREAD] = "pread",
        [CALL_PWRITE] = "pwrite",
        [CALL_RECV] = "recv",
        [CALL_RECVFROM] = "recvfrom",
        [CALL_RECVMSG] = "recvmsg",
        [CALL_RECVMMSG] = "recvmmsg",
        [CALL_SEND] = "send",
        [CALL_SENDTO] = "sendto",
        [CALL_SENDMSG] = "sendmsg",
        [CALL_SENDMMSG] = "sendmmsg",
        [CALL_SENDFILE] = "sendfile",
        [CALL_EPOLL_CTL] = "epoll_ctl",
        [CALL_EPOLL_CREATE] = "epoll_create",
        [CALL_EPOLL_WAIT] = "epoll_wait",
        [CALL_TIMERFD_CREATE] = "timerfd_create",
        [CALL_TIMERFD_SETTIME] = "timerfd_settime",
        [CALL_EVENTFD] = "eventfd",
        [CALL_KQUEUE] = "kqueue",
        [CALL_KEVENT] = "kevent",
        [CALL_KEVENT_WAIT] = "kevent_wait",
        [CALL_PIDFD_OPEN] = "pidfd_open",
        [CALL_WAITID] = "waitid",
        [CALL_SOCKETPAIR] = "socketpair",
        [CALL_SOCKET] = "socket",
        [CALL_BIND] = "bind",
        [CALL_LISTEN] = "listen",
        [CALL_SHUTDOWN] = "shutdown",
        [CALL_GETSOCKNAME] = "getsockname",
        [CALL_GETPEERNAME] = "getpeername",
        [CALL_GETSOCKOPT] = "getsockopt",
        [CALL_SETSOCKOPT] = "setsockopt",
        [CALL_MMAP] = "mmap",
        [CALL_PIPE] = "pipe",
        [CALL_FCNTL] = "fcntl",
        [CALL_OPEN] = "open",
        [CALL_FSTAT] = "fstat",
        [CALL_LSTAT] = "lstat",
        [CALL_POLL] = "poll",
        [CALL_FSYNC] = "fsync",
        [CALL_RENAME] = "rename",
        [CALL_LINK] = "link",
        [CALL_INOTIFY_INIT] = "inotify_init",
        [CALL_INOTIFY_ADD_WATCH] = "inotify_add_watch",
    };

    return names[c];
}

void calls_begin(enum call c, int before, int err, bool for_good)
{
    atomic_store(&fault.call, (int)c);
    atomic_store(&fault.before, before);
    atomic_store(&fault.err, err);
    atomic_store(&fault.for_good, for_good);
    atomic_store(&seen, 0);
    atomic_store(&failed, 0);
    atomic_store(&made, 0);
    atomic_store(&begun, true);
}

int calls_end(void)
{
    atomic_store(&begun, false);
    return atomic_load(&failed);
}

long calls_made(void)
{
    return atomic_load(&made);
}

bool calls_fails(enum call c)
{
    int n;

    if (!atomic_load(&begun) || excused > 0)
        return false;
    atomic_fetch_add(&made, 1);
    if ((int)c != atomic_load(&fault.call))
        return false;
    n = atomic_fetch_add(&seen, 1) - atomic_load(&fault.before);
    if (n < 0 || (n > 0 && !atomic_load(&fault.for_good)))
        return false;
    atomic_fetch_add(&failed, 1);
    errno = atomic_load(&fault.err);
    return true;
}

/* Some are not to be had everywhere, and then nothing calls them. */
#define WRAP(type, name, as, parameters, arguments)                            \
    __attribute__((weak)) type __real_##name parameters;                       \
    type __wrap_##name parameters;                                             \
    type __wrap_##name parameters                                              \
    {                                                                          \
        return calls_fails(CALL_##as) ? (type)-1 : __real_##name arguments;    \
    }

/* ---- bytes ---- */

WRAP(ssize_t, writev, WRITEV, (int fd, const struct iovec *v, int n),
     (fd, v, n))
WRAP(ssize_t, pread, PREAD, (int fd, void *buf, size_t n, off_t at),
     (fd, buf, n, at))
WRAP(ssize_t, pwrite, PWRITE, (int fd, const void *buf, size_t n, off_t at),
     (fd, buf, n, at))
WRAP(ssize_t, recv, RECV, (int fd, void *buf, size_t n, int flags),
     (fd, buf, n, flags))
WRAP(ssize_t, recvfrom, RECVFROM,
     (int fd, void *buf, size_t n, int flags, struct sockaddr *from,
      socklen_t *length),
     (fd, buf, n, flags, from, length))
WRAP(ssize_t, recvmsg, RECVMSG, (int fd, struct msghdr *m, int flags),
     (fd, m, flags))
WRAP(int, recvmmsg, RECVMMSG,
     (int fd, void *m, unsigned n, int flags, void *timeout),
     (fd, m, n, flags, timeout))
WRAP(ssize_t, send, SEND, (int fd, const void *buf, size_t n, int flags),
     (fd, buf, n, flags))
WRAP(ssize_t, sendto, SENDTO,
     (int fd, const void *buf, size_t n, int flags, const struct sockaddr *to,
      socklen_t length),
     (fd, buf, n, flags, to, length))
WRAP(ssize_t, sendmsg, SENDMSG, (int fd, const struct msghdr *m, int flags),
     (fd, m, flags))
WRAP(int, sendmmsg, SENDMMSG, (int fd, void *m, unsigned n, int flags),
     (fd, m, n, flags))
WRAP(ssize_t, sendfile, SENDFILE, (int out, int in, off_t *at, size_t n),
     (out, in, at, n))

ssize_t __real_read(int fd, void *buf, size_t n);
ssize_t __real_write(int fd, const void *buf, size_t n);
int __real_fstat(int fd, struct stat *st);
ssize_t __wrap_read(int fd, void *buf, size_t n);
ssize_t __wrap_write(int fd, const void *buf, size_t n);

static mode_t type_of(int fd)
{
    struct stat st;

    return __real_fstat(fd, &st) == 0 ? st.st_mode & S_IFMT : S_IFREG;
}

/* Does it wake a loop, by an eventfd or a pipe, or see that one was woken?
   That fails only when it was already, or no more: a wake-up that is lost is
   no error that a page lists. */
static bool wakes(int fd, size_t n)
{
    return (n == 8 && type_of(fd) == 0) || (n == 1 && type_of(fd) == S_IFIFO);
}

static bool hushes(int fd, size_t n)
{
    return n == 256 && type_of(fd) == S_IFIFO;
}

ssize_t __wrap_read(int fd, void *buf, size_t n)
{
    ssize_t got;

    if (!hushes(fd, n) && calls_fails(CALL_READ))
        return -1;
    got = __real_read(fd, buf, n);
    if (calls_after_read != NULL)
        calls_after_read(fd);
    return got;
}

ssize_t __wrap_write(int fd, const void *buf, size_t n)
{
    return !wakes(fd, n) && calls_fails(CALL_WRITE) ? -1
                                                    : __real_write(fd, buf, n);
}

/* ---- sockets ---- */

WRAP(int, socket, SOCKET, (int domain, int type, int protocol),
     (domain, type, protocol))
WRAP(int, socketpair, SOCKETPAIR,
     (int domain, int type, int protocol, int fds[2]),
     (domain, type, protocol, fds))
WRAP(int, bind, BIND, (int fd, const struct sockaddr *a, socklen_t n),
     (fd, a, n))
WRAP(int, listen, LISTEN, (int fd, int backlog), (fd, backlog))
WRAP(int, shutdown, SHUTDOWN, (int fd, int how), (fd, how))
WRAP(int, getpeername, GETPEERNAME, (int fd, struct sockaddr *a, socklen_t *n),
     (fd, a, n))
WRAP(int, setsockopt, SETSOCKOPT,
     (int fd, int level, int name, const void *value, socklen_t n),
     (fd, level, name, value, n))

int __real_connect(int fd, const struct sockaddr *a, socklen_t n);
int __wrap_connect(int fd, const struct sockaddr *a, socklen_t n);

int __wrap_connect(int fd, const struct sockaddr *a, socklen_t n)
{
    int err;

    if (!calls_fails(CALL_CONNECT))
        return __real_connect(fd, a, n);
    err = errno;
    if (err == EINTR || err == EINPROGRESS)
        (void)__real_connect(fd, a, n);
    errno = err;
    return -1;
}

/* ---- what tells of readiness ---- */

WRAP(int, epoll_create1, EPOLL_CREATE, (int flags), (flags))
WRAP(int, epoll_ctl, EPOLL_CTL, (int epfd, int op, int fd, void *e),
     (epfd, op, fd, e))
WRAP(int, epoll_wait, EPOLL_WAIT, (int epfd, void *e, int n, int timeout),
     (epfd, e, n, timeout))
WRAP(int, timerfd_create, TIMERFD_CREATE, (int clock, int flags),
     (clock, flags))
WRAP(int, timerfd_settime, TIMERFD_SETTIME,
     (int fd, int flags, const void *at, void *before), (fd, flags, at, before))
WRAP(int, eventfd, EVENTFD, (unsigned n, int flags), (n, flags))
WRAP(int, poll, POLL, (struct pollfd * f, nfds_t n, int timeout),
     (f, n, timeout))
WRAP(int, inotify_init1, INOTIFY_INIT, (int flags), (flags))
WRAP(int, inotify_add_watch, INOTIFY_ADD_WATCH,
     (int fd, const char *path, uint32_t events), (fd, path, events))

__attribute__((weak)) int __real_kqueue(void);
__attribute__((weak)) int __real_kevent(int kq, const void *changes, int n,
                                        void *events, int room,
                                        const void *timeout);
int __wrap_kqueue(void);
int __wrap_kevent(int kq, const void *changes, int n, void *events, int room,
                  const void *timeout);

int __wrap_kqueue(void)
{
    int kq;

    if (calls_fails(CALL_KQUEUE))
        return -1;
    excused++;
    kq = __real_kqueue();
    excused--;
    return kq;
}

int __wrap_kevent(int kq, const void *changes, int n, void *events, int room,
                  const void *timeout)
{
    int got;

    if (calls_fails(n > 0 ? CALL_KEVENT : CALL_KEVENT_WAIT))
        return -1;
    excused++;
    got = __real_kevent(kq, changes, n, events, room, timeout);
    excused--;
    return got;
}

/* ---- files, and the rest ---- */

int __wrap_fstat(int fd, struct stat *st);

int __wrap_fstat(int fd, struct stat *st)
{
    return calls_fails(CALL_FSTAT) ? -1 : __real_fstat(fd, st);
}

WRAP(int, lstat, LSTAT, (const char *path, struct stat *st), (path, st))
WRAP(int, rename, RENAME, (const char *from, const char *to), (from, to))
WRAP(int, link, LINK, (const char *from, const char *to), (from, to))
WRAP(int, pipe, PIPE, (int fds[2]), (fds))
WRAP(int, pipe2, PIPE, (int fds[2], int flags), (fds, flags))
WRAP(int, waitid, WAITID, (idtype_t type, id_t id, siginfo_t *how, int options),
     (type, id, how, options))

int __real_fcntl(int fd, int command, ...);
int __wrap_fcntl(int fd, int command, ...);
long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);

int __wrap_fcntl(int fd, int command, ...)
{
    va_list more;
    long argument;

    va_start(more, command);
    argument = va_arg(more, long);
    va_end(more);
    return calls_fails(CALL_FCNTL) ? -1 : __real_fcntl(fd, command, argument);
}

/* What libcs have no functions for.  A wait at no descriptor is none: whether
   there is such a call is asked so. */
static bool syscall_fails(long number, long first)
{
    switch (number) {
#ifdef SYS_epoll_pwait2
    case SYS_epoll_pwait2:
        return (int)first >= 0 && calls_fails(CALL_EPOLL_WAIT);
#endif
#ifdef SYS_pidfd_open
    case SYS_pidfd_open: return calls_fails(CALL_PIDFD_OPEN);
#endif
#ifdef SYS_renameat2
    case SYS_renameat2: return calls_fails(CALL_RENAME);
#endif
    default: return false;
    }
}

long __wrap_syscall(long number, ...)
{
    va_list more;
    long a[6];

    va_start(more, number);
    for (int i = 0; i < 6; i++)
        a[i] = va_arg(more, long);
    va_end(more);
    return syscall_fails(number, a[0])
               ? -1
               : __real_syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
