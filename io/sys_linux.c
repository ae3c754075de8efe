/*
 * sys_linux.c - the system calls that differ: Linux.
 *
 * The calls that every message takes are made as such (raw.h), and not by
 * libc's functions.  Sanitizers learn from those what goes from thread to
 * thread, so under them it is those.
 */
#include "io/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/fd.h"
#include "io/internal.h"
#include "io/option.h"
#include "io/quiet.h"
#include "io/raw.h"
#include "io/unix.h"

#ifdef GYRE_SANITIZED

static ssize_t or_error(ssize_t n)
{
    return n < 0 ? -errno : n;
}

#define RECEIVE(fd, buf, n) or_error(recv(fd, buf, n, 0))
#define SEND(fd, buf, n)    or_error(send(fd, buf, n, MSG_NOSIGNAL))
#define SENDMSG(fd, m)      or_error(sendmsg(fd, m, MSG_NOSIGNAL))

#else

#define RECEIVE(fd, buf, n) gyre_raw(SYS_recvfrom, fd, buf, n, 0)
#define SEND(fd, buf, n)    gyre_raw(SYS_sendto, fd, buf, n, MSG_NOSIGNAL)
#define SENDMSG(fd, m)      gyre_raw(SYS_sendmsg, fd, m, MSG_NOSIGNAL, 0)

#endif

int gyre_sys_socket(int domain, int type, int protocol)
{
    int fd = socket(domain, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);

    return fd < 0 ? -errno : fd;
}

int gyre_sys_adopt(int fd)
{
    return gyre_fd_nonblocking(fd);
}

int gyre_sys_pipe(int fds[2])
{
    return pipe2(fds, O_CLOEXEC) < 0 ? -errno : 0;
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
    while (got == -EINTR);
    return got;
}

static inline ssize_t send_one(int fd, const void *bytes, size_t n)
{
    ssize_t sent;

    do
        sent = SEND(fd, bytes, n);
    while (sent == -EINTR);
    return sent;
}

static ssize_t send_many(int fd, const struct iovec *iov, int n)
{
    struct msghdr message = {.msg_iov = (struct iovec *)iov,
                             .msg_iovlen = (size_t)n};
    ssize_t sent;

    do
        sent = SENDMSG(fd, &message);
    while (sent == -EINTR);
    return sent;
}

ssize_t gyre_sys_send(int fd, const struct iovec *iov, int n)
{
    return n == 1 ? send_one(fd, iov->iov_base, iov->iov_len)
                  : send_many(fd, iov, n);
}

ssize_t gyre_sys_receive_from(int fd, void *buf, size_t n,
                              struct gyre_addr *from)
{
    socklen_t length = sizeof from->is;
    ssize_t got;

    do
        got = recvfrom(fd, buf, n, MSG_TRUNC, from ? &from->is.any : NULL,
                       from ? &length : NULL);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return -errno;
    if (from != NULL)
        gyre_addr_came(from, length);
    return got;
}

ssize_t gyre_sys_receive_message(int fd, struct msghdr *m)
{
    ssize_t got;

    do
        got = recvmsg(fd, m, MSG_CMSG_CLOEXEC);
    while (got < 0 && errno == EINTR);
    return got < 0 ? -errno : got;
}

int gyre_sys_pair(int type, int fds[2])
{
    return socketpair(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) < 0
               ? -errno
               : 0;
}

int gyre_sys_abstract(void)
{
    return 0;
}

int gyre_sys_credentials(int fd, struct gyre_credentials *out)
{
    struct ucred peer;
    socklen_t length = sizeof peer;

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0)
        return -errno;
    *out = (struct gyre_credentials){peer.pid, peer.uid, peer.gid};
    return 0;
}

int gyre_sys_share(int fd)
{
    return gyre_option_set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
}

int gyre_sys_balance(int fd)
{
    return gyre_option_set(fd, SOL_SOCKET, SO_REUSEPORT, 1);
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
        sent = errno == ENOSYS ? -ENOTSUP : -errno;
    gyre_quiet_end(&quiet, (int)sent);
    return sent;
}
