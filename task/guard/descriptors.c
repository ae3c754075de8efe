/*
 * descriptors.c - before calls that wait for a descriptor.
 */
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "task/guard/guard.h"

/* One that is asked not to wait is none. */
#define UNLESS_AT_ONCE(fd, flags) ((flags)&MSG_DONTWAIT ? -1 : (fd))

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
    BEFORE_DESCRIPTOR(recv, UNLESS_AT_ONCE(fd, flags), POLLIN);
    return real(fd, buf, n, flags);
}

ssize_t recvfrom(int fd, void *buf, size_t n, int flags, struct sockaddr *from,
                 socklen_t *length)
{
    BEFORE_DESCRIPTOR(recvfrom, UNLESS_AT_ONCE(fd, flags), POLLIN);
    return real(fd, buf, n, flags, from, length);
}

ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
    BEFORE_DESCRIPTOR(recvmsg, UNLESS_AT_ONCE(fd, flags), POLLIN);
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
    BEFORE_DESCRIPTOR(send, UNLESS_AT_ONCE(fd, flags), POLLOUT);
    return real(fd, buf, n, flags);
}

ssize_t sendto(int fd, const void *buf, size_t n, int flags,
               const struct sockaddr *to, socklen_t length)
{
    BEFORE_DESCRIPTOR(sendto, UNLESS_AT_ONCE(fd, flags), POLLOUT);
    return real(fd, buf, n, flags, to, length);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
    BEFORE_DESCRIPTOR(sendmsg, UNLESS_AT_ONCE(fd, flags), POLLOUT);
    return real(fd, message, flags);
}

/* ---- connecting ---- */

/* Datagrams are connected without asking anybody, and so are Unix sockets, but
   for a backlog that is full.  To poll says nothing: what is not connected yet
   is at its end, to Linux, and is not, to others. */
static bool waits_to_connect(int fd, const struct sockaddr *address)
{
    socklen_t length = sizeof(int);
    int type;

    return gyre_guard_blocks(fd) && address->sa_family != AF_UNIX &&
           getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) == 0 &&
           type != SOCK_DGRAM;
}

int connect(int fd, const struct sockaddr *address, socklen_t length)
{
    BEFORE_CALL(connect, fd, waits_to_connect(fd, address));
    return real(fd, address, length);
}

#pragma GCC visibility pop
