/*
 * sys.h - the system calls that differ from system to system.
 *
 * Private to io/, installed nowhere.  One file a system has them, chosen by the
 * Makefile: sys_linux.c, sys_bsd.c; and sys.c those that are alike.  All return
 * a descriptor, a count or 0, or -errno, and do not come back with EINTR.
 * Sockets they make are non-blocking and closed on exec.
 */
#ifndef GYRE_IO_SYS_H
#define GYRE_IO_SYS_H

#include <stddef.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

struct gyre_addr;
struct gyre_credentials;

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0 /* SO_NOSIGPIPE does it */
#endif

/* As socket and accept.  A socket made here never raises SIGPIPE when written
   with gyre_sys_send. */
int gyre_sys_socket(int domain, int type, int protocol);
int gyre_sys_accept(int fd, struct sockaddr *addr, socklen_t *length);

/* Make a socket that was made elsewhere as those made here are. */
int gyre_sys_adopt(int fd);

/* As pipe; both ends close-on-exec, and blocking, whoever they are for. */
int gyre_sys_pipe(int fds[2]);

/* As recv. */
ssize_t gyre_sys_receive(int fd, void *buf, size_t n);

/* As sendmsg of the `n` pieces, without a signal. */
ssize_t gyre_sys_send(int fd, const struct iovec *iov, int n);

/* As recvfrom, but returns how long the datagram was, or n + 1 where all that
   is known is that it was longer than `n`; `from` may be NULL. */
ssize_t gyre_sys_receive_from(int fd, void *buf, size_t n,
                              struct gyre_addr *from);

/* As sendto, without a signal, of a whole datagram: 0.  `to` may be NULL. */
int gyre_sys_send_to(int fd, const void *buf, size_t n,
                     const struct gyre_addr *to);

/* As sendmsg, without a signal; and as recvmsg, whose descriptors are closed on
   exec. */
ssize_t gyre_sys_send_message(int fd, const struct msghdr *m);
ssize_t gyre_sys_receive_message(int fd, struct msghdr *m);

/* As socketpair, of local sockets; -ENOTSUP if they have no names but paths;
   and who is at the other end, -ENOTSUP where it is not told. */
int gyre_sys_pair(int type, int fds[2]);
int gyre_sys_abstract(void);
int gyre_sys_credentials(int fd, struct gyre_credentials *out);

/* Let other sockets be bound to the same address; and spread what comes over
   them, -ENOTSUP where the system does not do that evenly. */
int gyre_sys_share(int fd);
int gyre_sys_balance(int fd);

/* Copy up to `n` bytes of the file `in`, from `offset`, to the socket `out`.
   -ENOTSUP or -EINVAL where the system cannot: then read and write. */
ssize_t gyre_sys_sendfile(int out, int in, off_t offset, size_t n);

#endif
