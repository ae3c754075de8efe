/*
 * guard.c - stands before the calls that may block.
 *
 * No part of the library, but one of its own, for looking for mistakes: link
 * libgyre_guard.a before libgyre, or have LD_PRELOAD name libgyre_guard.so, if
 * the program has libgyre.so.  Calls made inside libc are not seen.
 *
 * Each function here has the name of one of libc's, tells of a call that is
 * about to wait, and makes it.  Only what would wait now is told of: a
 * descriptor that blocks and has nothing to give, a sleep that is not over.
 * Looking up a name is told of always, since it asks others, as a rule.
 *
 * A place that blocks is told of once.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "task/show/blocks.h"
#include "task/task.h"

enum { PLACES = 256 };

/* Has the place been told of?  From now on it has.  It may be forgotten, if
   there are very many. */
static bool is_new(const void *place)
{
    static const void *_Atomic told[PLACES];
    const void *_Atomic *slot = &told[((uintptr_t)place >> 2) % PLACES];
    bool new = *slot != place;

    *slot = place;
    return new;
}

static void tell(const char *call, int fd, const void *place)
{
    int err = errno;
    char text[64];

    if (is_new(place)) {
        if (fd >= 0)
            snprintf(text, sizeof text, "%s(%d)", call, fd);
        else
            snprintf(text, sizeof text, "%s", call);
        gyre_blocks(text, place);
    }
    errno = err;
}

/* Would a call for `events` wait?  Files do not, as far as anybody can tell. */
static bool waits(int fd, short events)
{
    struct pollfd p = {.fd = fd, .events = events};
    static int (*real)(struct pollfd *, nfds_t, int);
    int err = errno, flags = fcntl(fd, F_GETFL);
    bool result;

    if (real == NULL)
        real = (int (*)(struct pollfd *, nfds_t, int))dlsym(RTLD_NEXT, "poll");
    result = flags >= 0 && !(flags & O_NONBLOCK) && real(&p, 1, 0) == 0;
    errno = err;
    return result;
}

#define PLACE __builtin_return_address(0)

/* The function that stands behind this one. */
#define REAL(name)                                                             \
    static __typeof__(&(name)) real;                                           \
    if (real == NULL)                                                          \
    real = (__typeof__(&(name)))dlsym(RTLD_NEXT, #name)

#define BEFORE_DESCRIPTOR(name, fd, events)                                    \
    REAL(name);                                                                \
    if (gyre_in_task() && waits(fd, events))                                   \
    tell(#name, fd, PLACE)

#define BEFORE(name, condition)                                                \
    REAL(name);                                                                \
    if (gyre_in_task() && (condition))                                         \
    tell(#name, -1, PLACE)

#pragma GCC visibility push(default)

/* ---- reading ---- */

ssize_t read(int fd, void *buf, size_t n)
{
    BEFORE_DESCRIPTOR(read, fd, POLLIN);
    return real(fd, buf, n);
}

ssize_t readv(int fd, const struct iovec *iov, int n)
{
    BEFORE_DESCRIPTOR(readv, fd, POLLIN);
    return real(fd, iov, n);
}

ssize_t recv(int fd, void *buf, size_t n, int flags)
{
    BEFORE_DESCRIPTOR(recv, flags & MSG_DONTWAIT ? -1 : fd, POLLIN);
    return real(fd, buf, n, flags);
}

ssize_t recvfrom(int fd, void *buf, size_t n, int flags, struct sockaddr *from,
                 socklen_t *length)
{
    BEFORE_DESCRIPTOR(recvfrom, flags & MSG_DONTWAIT ? -1 : fd, POLLIN);
    return real(fd, buf, n, flags, from, length);
}

ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
    BEFORE_DESCRIPTOR(recvmsg, flags & MSG_DONTWAIT ? -1 : fd, POLLIN);
    return real(fd, message, flags);
}

int accept(int fd, struct sockaddr *address, socklen_t *length)
{
    BEFORE_DESCRIPTOR(accept, fd, POLLIN);
    return real(fd, address, length);
}

/* ---- writing ---- */

ssize_t write(int fd, const void *buf, size_t n)
{
    BEFORE_DESCRIPTOR(write, fd, POLLOUT);
    return real(fd, buf, n);
}

ssize_t writev(int fd, const struct iovec *iov, int n)
{
    BEFORE_DESCRIPTOR(writev, fd, POLLOUT);
    return real(fd, iov, n);
}

ssize_t send(int fd, const void *buf, size_t n, int flags)
{
    BEFORE_DESCRIPTOR(send, flags & MSG_DONTWAIT ? -1 : fd, POLLOUT);
    return real(fd, buf, n, flags);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
    BEFORE_DESCRIPTOR(sendmsg, flags & MSG_DONTWAIT ? -1 : fd, POLLOUT);
    return real(fd, message, flags);
}

/* A socket that is not connected yet always waits, if it blocks. */
int connect(int fd, const struct sockaddr *address, socklen_t length)
{
    BEFORE_DESCRIPTOR(connect, fd, 0);
    return real(fd, address, length);
}

/* ---- waiting ---- */

int poll(struct pollfd *fds, nfds_t n, int timeout)
{
    BEFORE(poll, timeout != 0 && real(fds, n, 0) == 0);
    return real(fds, n, timeout);
}

int select(int n, fd_set *reading, fd_set *writing, fd_set *failing,
           struct timeval *timeout)
{
    BEFORE(select,
           timeout == NULL || timeout->tv_sec > 0 || timeout->tv_usec > 0);
    return real(n, reading, writing, failing, timeout);
}

unsigned sleep(unsigned seconds)
{
    BEFORE(sleep, seconds > 0);
    return real(seconds);
}

int usleep(useconds_t span)
{
    BEFORE(usleep, span > 0);
    return real(span);
}

int nanosleep(const struct timespec *span, struct timespec *left)
{
    BEFORE(nanosleep, span->tv_sec > 0 || span->tv_nsec > 0);
    return real(span, left);
}

int getaddrinfo(const char *name, const char *service,
                const struct addrinfo *hints, struct addrinfo **found)
{
    BEFORE(getaddrinfo, name != NULL && !(hints != NULL &&
                                          hints->ai_flags & AI_NUMERICHOST));
    return real(name, service, hints, found);
}

pid_t waitpid(pid_t pid, int *status, int options)
{
    BEFORE(waitpid, !(options & WNOHANG));
    return real(pid, status, options);
}

#pragma GCC visibility pop
