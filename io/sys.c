/*
 * sys.c - those system calls in sys.h that are made everywhere alike.
 */
#include "io/sys.h"

#include <errno.h>

#include "io/addr.h"

int gyre_sys_send_to(int fd, const void *buf, size_t n,
                     const struct gyre_addr *to)
{
    ssize_t sent;

    do
        sent = sendto(fd, buf, n, MSG_NOSIGNAL, to ? &to->is.any : NULL,
                      to ? to->length : 0);
    while (sent < 0 && errno == EINTR);
    return sent < 0 ? -errno : 0;
}

ssize_t gyre_sys_send_message(int fd, const struct msghdr *m)
{
    ssize_t sent;

    do
        sent = sendmsg(fd, m, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent < 0 ? -errno : sent;
}
