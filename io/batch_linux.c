/*
 * batch_linux.c - many datagrams by one system call: recvmmsg and sendmmsg.
 *
 * Of datagrams that are sent a run of equal length, to one address, goes as one
 * message, which the system divides when it has come through most of it, or has
 * the card divide (UDP_SEGMENT, since Linux 4.18): for small ones that is four
 * fifths of the work.  Who receives them sees no difference.
 *
 * A system that does not know the option would send the run as one datagram, so
 * it is asked first.  And one that knows it may be unable to, and then has sent
 * nothing: where the path takes no packets of that length it says EMSGSIZE, or,
 * if it is older, EINVAL; where the checksum is not left to it, EINVAL or EIO.
 * But what is wrong may be the address.  So they are sent one by one, and if
 * that goes the socket does without for all that are as long, or, after EIO, at
 * all.
 */
#include "io/batch.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>

#include "io/internal.h"

#define MOST 64 /* at a time: the heads are on a task's stack.  And in a run */

/* Bytes of a run: what a datagram may have, and room for what is before it. */
#define MOST_BYTES 65000

#define NONE 1 /* is so short that there are runs of it */

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

/* What the system is told of datagrams. */
struct heads {
    struct mmsghdr each[MOST];
    struct iovec pieces[MOST];
};

/* Into pieces of which length a message is to be divided. */
union division {
    struct cmsghdr head;
    char room[CMSG_SPACE(sizeof(uint16_t))];
};

/* ---- receiving ---- */

/* Room for the first `n`; how many that is. */
static int make_room(struct heads *h, struct gyre_datagram *m, int n)
{
    if (n > MOST)
        n = MOST;
    for (int i = 0; i < n; i++) {
        h->pieces[i] = (struct iovec){m[i].bytes, m[i].size};
        h->each[i] =
            (struct mmsghdr){.msg_hdr = {.msg_iov = &h->pieces[i],
                                         .msg_iovlen = 1,
                                         .msg_name = &m[i].addr.is,
                                         .msg_namelen = sizeof m->addr.is}};
    }
    return n;
}

int gyre_batch_receive(int fd, struct gyre_datagram *m, int n, int *after)
{
    struct heads h;
    int got;

    (void)after; /* the next call is told */
    n = make_room(&h, m, n);
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

/* ---- sending ---- */

static bool same_place(const struct gyre_addr *a, const struct gyre_addr *b)
{
    return a->length == b->length && memcmp(&a->is, &b->is, a->length) == 0;
}

/* How many of the `n` are a run: all as long as the first, but for the last,
   which may be shorter. */
static int run_of(const struct gyre_datagram *m, int n)
{
    size_t bytes = m->size;
    int i;

    for (i = 1; i < n && m[i - 1].size == m->size; i++) {
        bytes += m[i].size;
        if (m[i].size == 0 || m[i].size > m->size || bytes > MOST_BYTES ||
            !same_place(&m[i].addr, &m->addr))
            break;
    }
    return i;
}

/* A message of the first `n`; they are a run. */
static struct msghdr describe(const struct gyre_datagram *m, int n,
                              struct iovec *pieces, union division *d)
{
    struct msghdr message = {.msg_iov = pieces, .msg_iovlen = (size_t)n};
    uint16_t size = (uint16_t)m->size;

    for (int i = 0; i < n; i++)
        pieces[i] = (struct iovec){m[i].bytes, m[i].size};
    if (m->addr.length > 0) {
        message.msg_name = (void *)&m->addr.is;
        message.msg_namelen = m->addr.length;
    }
    if (n == 1)
        return message;
    *d = (union division){.room = {0}};
    d->head = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof size),
                               .cmsg_level = IPPROTO_UDP,
                               .cmsg_type = UDP_SEGMENT};
    memcpy(CMSG_DATA(&d->head), &size, sizeof size);
    message.msg_control = d;
    message.msg_controllen = sizeof *d;
    return message;
}

/* Send some of the first MOST, those shorter than `bound` in runs: how many
   went, and at least one. */
static int send_some(int fd, const struct gyre_datagram *m, int n, size_t bound)
{
    union division divisions[MOST];
    struct heads h;
    int messages = 0, sent = 0, went;

    for (int i = 0, run; i < n && i < MOST; i += run, messages++) {
        run = m[i].size < bound ? run_of(m + i, (n < MOST ? n : MOST) - i) : 1;
        h.each[messages].msg_hdr =
            describe(m + i, run, &h.pieces[i], &divisions[messages]);
    }
    do
        went = sendmmsg(fd, h.each, (unsigned)messages, MSG_NOSIGNAL);
    while (went < 0 && errno == EINTR);
    if (went < 0)
        return -errno;
    for (int i = 0; i < went; i++)
        sent += (int)h.each[i].msg_hdr.msg_iovlen;
    return sent;
}

/* Can the system divide what `fd` sends? */
static bool divides(int fd)
{
    int size;
    socklen_t length = sizeof size;

    return getsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, &size, &length) == 0;
}

/* May that be because of the run? */
static bool refused(int err)
{
    return err == -EINVAL || err == -EMSGSIZE || err == -EIO;
}

int gyre_batch_send(int fd, const struct gyre_datagram *m, int n,
                    uint16_t *bound)
{
    bool is_run = n > 1 && run_of(m, n) > 1;
    int sent, err;

    if (is_run && *bound == 0)
        *bound = divides(fd) ? UINT16_MAX : NONE;
    sent = err = send_some(fd, m, n, *bound);
    if (!is_run || m->size >= *bound || !refused(err))
        return sent;
    sent = send_some(fd, m, n, m->size);
    if (sent > 0)
        *bound = err == -EIO ? NONE : (uint16_t)m->size;
    return sent;
}
