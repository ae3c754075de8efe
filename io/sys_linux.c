/*
 * sys_linux.c - the system calls that differ: Linux.
 */
#include "io/sys.h"

#include <errno.h>
#include <sys/sendfile.h>

#include "io/quiet.h"

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

ssize_t gyre_sys_send(int fd, const struct iovec *iov, int n)
{
    struct msghdr message = {.msg_iov = (struct iovec *)iov,
                             .msg_iovlen = (size_t)n};
    ssize_t sent;

    do
        sent = n == 1 ? send(fd, iov->iov_base, iov->iov_len, MSG_NOSIGNAL)
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
