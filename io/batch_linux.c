/*
 * batch_linux.c - many datagrams by one system call: recvmmsg and sendmmsg.
 */
#include "io/batch.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "io/internal.h"

#define MOST 64 /* at a time: the heads are on a task's stack */

/* What the system is told of datagrams. */
struct heads {
    struct mmsghdr each[MOST];
    struct iovec pieces[MOST];
};

/* Those of the first `n`; how many that is. */
static int describe(struct heads *h, const struct gyre_datagram *m, int n)
{
    if (n > MOST)
        n = MOST;
    for (int i = 0; i < n; i++) {
        h->pieces[i] = (struct iovec){m[i].bytes, m[i].size};
        h->each[i] =
            (struct mmsghdr){.msg_hdr = {.msg_iov = &h->pieces[i],
                                         .msg_iovlen = 1,
                                         .msg_name = (void *)&m[i].addr.is,
                                         .msg_namelen = m[i].addr.length}};
    }
    return n;
}

int gyre_batch_receive(int fd, struct gyre_datagram *m, int n, int *after)
{
    struct heads h;
    int got;

    (void)after; /* the next call is told */
    n = describe(&h, m, n);
    for (int i = 0; i < n; i++)
        h.each[i].msg_hdr.msg_namelen = sizeof m->addr.is;
    do
        got = recvmmsg(fd, h.each, (unsigned)n, MSG_TRUNC, NULL);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return -errno;
    for (int i = 0; i < got; i++) {
        m[i].length = h.each[i].msg_len;
        gyre_addr_came(&m[i].addr, h.each[i].msg_hdr.msg_namelen);
    }
    return got;
}

int gyre_batch_send(int fd, const struct gyre_datagram *m, int n)
{
    struct heads h;
    int sent;

    n = describe(&h, m, n);
    for (int i = 0; i < n; i++)
        if (m[i].addr.length == 0)
            h.each[i].msg_hdr.msg_name = NULL;
    do
        sent = sendmmsg(fd, h.each, (unsigned)n, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent < 0 ? -errno : sent;
}
