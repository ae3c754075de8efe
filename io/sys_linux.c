/*
 * sys_linux.c - the system calls that differ: Linux.
 *
 * The calls that every message takes are made as such, and not by libc's
 * functions: these are cancellation points of threads, and once a process has
 * two they take 30 instructions more, each time, to say so.  Sanitizers learn
 * from libc's what goes from thread to thread, so under them it is those.
 */
#include "io/sys.h"

#include <errno.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "io/quiet.h"

#ifdef GYRE_SANITIZED
#define RECEIVE(fd, buf, n) recv(fd, buf, n, 0)
#define SEND(fd, buf, n)    send(fd, buf, n, MSG_NOSIGNAL)
#else
#define RECEIVE(fd, buf, n) syscall(SYS_recvfrom, fd, buf, n, 0, NULL, NULL)
#define SEND(fd, buf, n)    syscall(SYS_sendto, fd, buf, n, MSG_NOSIGNAL, NULL, 0)
#endif

int gyre_sys_socket(int domain, int type, int protocol)
{
    int fd = socket(domain, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);

    return fd < 0 ? -errno : fd;
}

int gyre_sys_accept(int fd, struct sockaddr *addr, socklen_t *length)
{
    int got;

    do
        got = accept4(fd, addr, length, SOCK_NONBLOCK | SOCK_CLOEXEC);
    while (got < 0 && errno == EINTR);
    return got < 0 ? -errno : got;
}

ssize_t gyre_sys_receive(int fd, void *buf, size_t n)
{
    ssize_t got;

    do
        got = RECEIVE(fd, buf, n);
    while (got < 0 && errno == EINTR);
    return got < 0 ? -errno : got;
}

ssize_t gyre_sys_send(int fd, const struct iovec *iov, int n)
{
    struct msghdr message = {.msg_iov = (struct iovec *)iov,
                             .msg_iovlen = (size_t)n};
    ssize_t sent;

    do
        sent = n == 1 ? SEND(fd, iov->iov_base, iov->iov_len)
                      : sendmsg(fd, &message, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent < 0 ? -errno : sent;
}

ssize_t gyre_sys_sendfile(int out, int in, off_t offset, size_t n)
{
    struct gyre_quiet quiet;
    ssize_t sent;

    gyre_quiet_begin(&quiet);
    do
        sent = sendfile(out, in, &offset, n);
    while (sent < 0 && errno == EINTR);
    if (sent < 0)
        sent = -errno;
    gyre_quiet_end(&quiet, sent == -EPIPE);
    return sent;
}
