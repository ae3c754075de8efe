/*
 * sys_bsd.c - the system calls that differ: macOS and the BSDs.
 *
 * macOS has no accept4 and no SOCK_NONBLOCK, and no MSG_NOSIGNAL but a socket
 * option; FreeBSD and OpenBSD have them, but the older calls too.  So between
 * making a descriptor and marking it another thread may fork: on these systems
 * it is unavoidable.
 */
#include "io/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "io/sys.h"

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0 /* SO_NOSIGPIPE does it */
#endif

/* Urgent bytes come in order, for a read that ends before them is short, and
   the poller may not tell of them. */
int gyre_sys_adopt(int fd)
{
    int err = gyre_fd_nonblocking(fd);

    (void)setsockopt(fd, SOL_SOCKET, SO_OOBINLINE, &(int){1}, sizeof(int));
#ifdef SO_NOSIGPIPE
    if (err == 0 &&
        setsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &(int){1}, sizeof(int)) < 0)
        err = -errno;
#endif
    return err;
}

/* The same for one just made: or close it. */
static int adopt(int fd)
{
    int err = gyre_sys_adopt(fd);

    if (err == 0)
        return fd;
    close(fd);
    return err;
}

int gyre_sys_pipe(int fds[2])
{
    if (pipe(fds) < 0)
        return -errno;
    for (int i = 0; i < 2; i++)
        (void)fcntl(fds[i], F_SETFD, FD_CLOEXEC);
    return 0;
}

int gyre_sys_socket(int domain, int type, int protocol)
{
    int fd = socket(domain, type, protocol);

    return fd < 0 ? -errno : adopt(fd);
}

int gyre_sys_accept(int fd, struct sockaddr *addr, socklen_t *length)
{
    int got;

    do
        got = accept(fd, addr, length);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return -errno;

    /* macOS says EINVAL of a connection that has been reset meanwhile. */
    got = adopt(got);
    return got == -EINVAL ? -ECONNABORTED : got;
}

ssize_t gyre_sys_receive(int fd, void *buf, size_t n)
{
    ssize_t got;

    do
        got = recv(fd, buf, n, 0);
    while (got < 0 && errno == EINTR);
    return got < 0 ? -errno : got;
}

ssize_t gyre_sys_send(int fd, const struct iovec *iov, int n)
{
    struct msghdr message = {.msg_iov = (struct iovec *)iov, .msg_iovlen = n};
    ssize_t sent;

    do
        sent = sendmsg(fd, &message, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent < 0 ? -errno : sent;
}

/* The three sendfiles differ too much to be worth it yet for anybody but those
   who serve large files from a BSD; reading and writing is right everywhere. */
ssize_t gyre_sys_sendfile(int out, int in, off_t offset, size_t n)
{
    (void)out;
    (void)in;
    (void)offset;
    (void)n;
    return -ENOTSUP;
}
