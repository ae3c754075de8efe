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
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#ifdef LOCAL_PEERCRED
#include <sys/ucred.h>
#endif

#include "io/internal.h"
#include "io/option.h"
#include "io/sys.h"
#include "io/unix.h"

#ifndef SOL_LOCAL
#define SOL_LOCAL 0 /* FreeBSD calls it so */
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
    int err;

    if (pipe(fds) < 0)
        return -errno;
    if (fcntl(fds[0], F_SETFD, FD_CLOEXEC) == 0 &&
        fcntl(fds[1], F_SETFD, FD_CLOEXEC) == 0)
        return 0;
    err = -errno;
    close(fds[0]);
    close(fds[1]);
    return err;
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

ssize_t gyre_sys_receive_from(int fd, void *buf, size_t n,
                              struct gyre_addr *from)
{
    struct iovec iov = {buf, n};
    struct msghdr message = {.msg_name = from ? &from->is : NULL,
                             .msg_namelen = from ? sizeof from->is : 0,
                             .msg_iov = &iov,
                             .msg_iovlen = 1};
    ssize_t got;

    do
        got = recvmsg(fd, &message, 0);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return -errno;
    if (from != NULL)
        gyre_addr_came(from, message.msg_namelen);
    return message.msg_flags & MSG_TRUNC ? (ssize_t)n + 1 : got;
}

/* Mark the descriptors in `m` as ours are.  macOS has no flag for that, and
   where there is one another thread may have forked before they came, too. */
static void mark_received(struct msghdr *m)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c != NULL;
         c = CMSG_NXTHDR(m, c)) {
        const char *end = (const char *)c + c->cmsg_len;
        const char *room = (const char *)m->msg_control + m->msg_controllen;
        int fd;

        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        if (end > room)
            end = room; /* macOS says how long it was before it was cut */
        for (char *at = (char *)CMSG_DATA(c); end - at >= (int)sizeof fd;
             at += sizeof fd) {
            memcpy(&fd, at, sizeof fd);
            (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
        }
    }
}

ssize_t gyre_sys_receive_message(int fd, struct msghdr *m)
{
    ssize_t got;

    do
        got = recvmsg(fd, m, 0);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return -errno;
    mark_received(m);
    return got;
}

int gyre_sys_pair(int type, int fds[2])
{
    int err;

    if (socketpair(AF_UNIX, type, 0, fds) < 0)
        return -errno;
    err = adopt(fds[0]);
    if (err < 0) {
        close(fds[1]);
        return err;
    }
    err = adopt(fds[1]);
    if (err < 0)
        close(fds[0]);
    return err < 0 ? err : 0;
}

int gyre_sys_abstract(void)
{
    return -ENOTSUP;
}

int gyre_sys_credentials(int fd, struct gyre_credentials *out)
{
#ifdef LOCAL_PEERCRED
    struct xucred peer;
    socklen_t length = sizeof peer;

    if (getsockopt(fd, SOL_LOCAL, LOCAL_PEERCRED, &peer, &length) < 0)
        return -errno;
    *out =
        (struct gyre_credentials){.uid = peer.cr_uid, .gid = peer.cr_groups[0]};
#ifdef LOCAL_PEERPID
    length = sizeof out->pid;
    (void)getsockopt(fd, SOL_LOCAL, LOCAL_PEERPID, &out->pid, &length);
#endif
    return 0;
#else
    (void)fd;
    (void)out;
    return -ENOTSUP;
#endif
}

/* Here the older option leaves addresses to one socket each. */
int gyre_sys_share(int fd)
{
    return gyre_option_set(fd, SOL_SOCKET, SO_REUSEPORT, 1);
}

/* SO_REUSEPORT gives all to one of them, the last: a server would look
   balanced, and not be. */
int gyre_sys_balance(int fd)
{
#ifdef SO_REUSEPORT_LB
    return gyre_option_set(fd, SOL_SOCKET, SO_REUSEPORT_LB, 1);
#else
    (void)fd;
    return -ENOTSUP;
#endif
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
