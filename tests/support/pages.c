/*
 * pages.c - the errors that manual pages list: of Linux, section 2, and kqueue's
 * of FreeBSD.
 *
 * accept(2) says that it may tell of errors of the network, and names them apart;
 * recv(2) and send(2) that there are more, of the protocol's: tcp(7), ip(7).
 */
#include "tests/support/calls.h"

#include <errno.h>

#define PAGE(...)                                                              \
    (const int[])                                                              \
    {                                                                          \
        __VA_ARGS__, 0                                                         \
    }

/* What not every system has has another's number there. */
#ifndef ENONET
#define ENONET EHOSTDOWN
#endif
#ifndef ENOSR
#define ENOSR ENOBUFS
#endif
#ifndef ENOPKG
#define ENOPKG ENOSYS
#endif

#define READ EAGAIN, EBADF, EFAULT, EINTR, EINVAL, EIO, EISDIR
#define WRITE                                                                  \
    EAGAIN, EBADF, EDESTADDRREQ, EDQUOT, EFAULT, EFBIG, EINTR, EINVAL, EIO,    \
        ENOSPC, EPERM, EPIPE
#define POSITION ENXIO, EOVERFLOW, ESPIPE
#define RECEIVE                                                                \
    EAGAIN, EBADF, ECONNREFUSED, EFAULT, EINTR, EINVAL, ENOMEM, ENOTCONN,      \
        ENOTSOCK, ECONNRESET, EHOSTUNREACH, ETIMEDOUT
#define SEND                                                                   \
    EACCES, EAGAIN, EALREADY, EBADF, ECONNRESET, EDESTADDRREQ, EFAULT, EINTR,  \
        EINVAL, EISCONN, EMSGSIZE, ENOBUFS, ENOMEM, ENOTCONN, ENOTSOCK,        \
        EOPNOTSUPP, EPIPE, EHOSTUNREACH, ENETUNREACH, ETIMEDOUT
#define STAT                                                                   \
    EACCES, EBADF, EFAULT, EINVAL, ELOOP, ENAMETOOLONG, ENOENT, ENOMEM,        \
        ENOTDIR, EOVERFLOW
#define OPTION EBADF, EFAULT, EINVAL, ENOPROTOOPT, ENOTSOCK
#define TIMER  EBADF, ECANCELED, EFAULT, EINVAL

static const int *const pages[CALLS] = {
    [CALL_accept] =
        PAGE(EAGAIN, EBADF, ECONNABORTED, EFAULT, EINTR, EINVAL, EMFILE, ENFILE,
             ENOBUFS, ENOMEM, ENOTSOCK, EOPNOTSUPP, EPERM, EPROTO, ENOSR,
             ESOCKTNOSUPPORT, EPROTONOSUPPORT, ETIMEDOUT, ENETDOWN, ENOPROTOOPT,
             EHOSTDOWN, ENONET, EHOSTUNREACH, ENETUNREACH),
    [CALL_connect] =
        PAGE(EACCES, EPERM, EADDRINUSE, EADDRNOTAVAIL, EAFNOSUPPORT, EAGAIN,
             EALREADY, EBADF, ECONNREFUSED, EFAULT, EINPROGRESS, EINTR, EISCONN,
             ENETUNREACH, ENOTSOCK, EPROTOTYPE, ETIMEDOUT),
    [CALL_read] = PAGE(READ),
    [CALL_write] = PAGE(WRITE),
    [CALL_writev] = PAGE(WRITE, EOPNOTSUPP),
    [CALL_pread] = PAGE(READ, POSITION),
    [CALL_pwrite] = PAGE(WRITE, POSITION),
    [CALL_recv] = PAGE(RECEIVE),
    [CALL_recvfrom] = PAGE(RECEIVE),
    [CALL_recvmsg] = PAGE(RECEIVE),
    [CALL_recvmmsg] = PAGE(RECEIVE),
    [CALL_send] = PAGE(SEND),
    [CALL_sendto] = PAGE(SEND),
    [CALL_sendmsg] = PAGE(SEND),
    [CALL_sendmmsg] = PAGE(SEND),
    [CALL_sendfile] = PAGE(EAGAIN, EBADF, EFAULT, EINVAL, EIO, ENOMEM,
                           EOVERFLOW, ESPIPE, ENOSYS),
    [CALL_epoll_ctl] =
        PAGE(EBADF, EEXIST, EINVAL, ELOOP, ENOENT, ENOMEM, ENOSPC, EPERM),
    [CALL_epoll_create] = PAGE(EINVAL, EMFILE, ENFILE, ENOMEM),
    [CALL_epoll_wait] = PAGE(EBADF, EFAULT, EINTR, EINVAL),
    [CALL_timerfd_create] = PAGE(EINVAL, EMFILE, ENFILE, ENODEV, ENOMEM, EPERM),
    [CALL_timerfd_settime] = PAGE(TIMER),
    [CALL_eventfd] = PAGE(EINVAL, EMFILE, ENFILE, ENODEV, ENOMEM),
    [CALL_kqueue] = PAGE(ENOMEM, EMFILE, ENFILE),
    [CALL_kevent] =
        PAGE(EACCES, EFAULT, EBADF, EINTR, EINVAL, ENOENT, ENOMEM, ESRCH),
    [CALL_kevent_wait] =
        PAGE(EACCES, EFAULT, EBADF, EINTR, EINVAL, ENOENT, ENOMEM, ESRCH),
    [CALL_pidfd_open] = PAGE(EINVAL, EMFILE, ENFILE, ENODEV, ENOMEM, ESRCH),
    [CALL_waitid] = PAGE(ECHILD, EINTR, EINVAL, ESRCH),
    [CALL_socketpair] =
        PAGE(EAFNOSUPPORT, EFAULT, EMFILE, ENFILE, EOPNOTSUPP, EPROTONOSUPPORT),
    [CALL_socket] = PAGE(EACCES, EAFNOSUPPORT, EINVAL, EMFILE, ENFILE, ENOBUFS,
                         ENOMEM, EPROTONOSUPPORT),
    [CALL_bind] =
        PAGE(EACCES, EADDRINUSE, EBADF, EINVAL, ENOTSOCK, EADDRNOTAVAIL, EFAULT,
             ELOOP, ENAMETOOLONG, ENOENT, ENOMEM, ENOTDIR, EROFS),
    [CALL_listen] = PAGE(EADDRINUSE, EBADF, ENOTSOCK, EOPNOTSUPP),
    [CALL_shutdown] = PAGE(EBADF, EINVAL, ENOTCONN, ENOTSOCK),
    [CALL_getsockname] = PAGE(EBADF, EFAULT, EINVAL, ENOBUFS, ENOTSOCK),
    [CALL_getpeername] =
        PAGE(EBADF, EFAULT, EINVAL, ENOBUFS, ENOTCONN, ENOTSOCK),
    [CALL_getsockopt] = PAGE(OPTION),
    [CALL_setsockopt] = PAGE(OPTION),
    [CALL_mmap] = PAGE(EACCES, EAGAIN, EBADF, EEXIST, EINVAL, ENFILE, ENODEV,
                       ENOMEM, EOVERFLOW, EPERM, ETXTBSY),
    [CALL_pipe] = PAGE(EFAULT, EINVAL, EMFILE, ENFILE, ENOPKG),
    [CALL_fcntl] = PAGE(EACCES, EBADF, EBUSY, EFAULT, EINVAL, EMFILE, EPERM),
    [CALL_open] =
        PAGE(EACCES, EBADF, EBUSY, EDQUOT, EEXIST, EFAULT, EFBIG, EINTR, EINVAL,
             EISDIR, ELOOP, EMFILE, ENAMETOOLONG, ENFILE, ENODEV, ENOENT,
             ENOMEM, ENOSPC, ENOTDIR, ENXIO, EOPNOTSUPP, EOVERFLOW, EPERM,
             EROFS, ETXTBSY, EWOULDBLOCK),
    [CALL_fstat] = PAGE(STAT),
    [CALL_lstat] = PAGE(STAT),
    [CALL_poll] = PAGE(EFAULT, EINTR, EINVAL, ENOMEM),
    [CALL_fsync] = PAGE(EBADF, EINTR, EIO, ENOSPC, EROFS, EDQUOT),
    [CALL_rename] = PAGE(EACCES, EBUSY, EDQUOT, EEXIST, EFAULT, EINVAL, EISDIR,
                         ELOOP, EMLINK, ENAMETOOLONG, ENOENT, ENOMEM, ENOSPC,
                         ENOTDIR, ENOTEMPTY, EPERM, EROFS, EXDEV),
    [CALL_inotify_init] = PAGE(EINVAL, EMFILE, ENFILE, ENOMEM),
    [CALL_inotify_add_watch] =
        PAGE(EACCES, EBADF, EEXIST, EFAULT, EINVAL, ENAMETOOLONG, ENOENT,
             ENOMEM, ENOSPC, ENOTDIR),
};

const int *calls_page(enum call c)
{
    return pages[c];
}
