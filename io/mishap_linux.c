/*
 * mishap_linux.c - what befell datagrams that were sent, from the socket's
 * queue of errors: see ip(7), IP_RECVERR.
 *
 * What a call of the sender's own failed with is in that queue, too, but he
 * knows of it.
 */
#include "io/mishap.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include "io/datagram.h"
#include "io/internal.h"
#include "io/option.h"

/* As the kernel writes it; who tells of it is behind that.  (Its own header is
   not where every libc is.) */
struct record {
    uint32_t err;
    uint8_t origin;
    uint8_t type, code, pad;
    uint32_t info, data;
};

enum { OF_ICMP = 2, OF_ICMP6 = 3 };

union control {
    struct cmsghdr head;
    char bytes[512]; /* others may have asked for more to be told */
};

/* One of IPv6 may send by IPv4 as well. */
static int ask(int fd, int family)
{
    switch (family) {
    case AF_INET: return gyre_option_set(fd, IPPROTO_IP, IP_RECVERR, 1);
    case AF_INET6:
        (void)gyre_option_set(fd, IPPROTO_IP, IP_RECVERR, 1);
        return gyre_option_set(fd, IPPROTO_IPV6, IPV6_RECVERR, 1);
    default: return -ENOTSUP;
    }
}

int gyre_datagrams_hear_mishaps(struct gyre_datagrams *d)
{
    int fd = gyre_datagrams_socket(d);
    int err = fd < 0 ? fd : ask(fd, d->family);

    if (err == 0)
        d->hears = true;
    return err;
}

static bool is_record(const struct cmsghdr *c)
{
    return (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR) ||
           (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR);
}

/* The address behind the record. */
static void read_teller(const struct cmsghdr *c, struct gyre_addr *by)
{
    const char *at = (const char *)CMSG_DATA(c) + sizeof(struct record);
    size_t left = c->cmsg_len - CMSG_LEN(sizeof(struct record));

    *by = (struct gyre_addr){0};
    if (left > sizeof by->is)
        left = sizeof by->is;
    memcpy(&by->is, at, left);
    if (by->is.any.sa_family == AF_INET)
        by->length = sizeof by->is.v4;
    if (by->is.any.sa_family == AF_INET6)
        by->length = sizeof by->is.v6;
}

/* What the message tells of; false if it is nothing from outside. */
static bool read_record(struct msghdr *m, struct gyre_mishap *out)
{
    struct record r;

    for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c != NULL;
         c = CMSG_NXTHDR(m, c)) {
        if (!is_record(c) || c->cmsg_len < CMSG_LEN(sizeof r))
            continue;
        memcpy(&r, CMSG_DATA(c), sizeof r);
        if (r.origin != OF_ICMP && r.origin != OF_ICMP6)
            return false;
        out->err = -(int)r.err;
        out->mtu = r.err == EMSGSIZE ? r.info : 0;
        read_teller(c, &out->by);
        return true;
    }
    return false;
}

/* Take one from the queue: 1, or 0 if it is nothing from outside; -errno if
   there is none. */
static int take(int fd, struct gyre_mishap *out, void *buf, size_t n)
{
    union control c;
    struct iovec iov = {buf, n};
    struct msghdr m = {.msg_name = &out->to.is,
                       .msg_namelen = sizeof out->to.is,
                       .msg_iov = &iov,
                       .msg_iovlen = 1,
                       .msg_control = c.bytes,
                       .msg_controllen = sizeof c.bytes};
    ssize_t got;

    do
        got = recvmsg(fd, &m, MSG_ERRQUEUE | MSG_DONTWAIT);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return -errno;
    out->to.length = m.msg_namelen;
    out->length = (size_t)got;
    return read_record(&m, out);
}

bool gyre_datagrams_mishap(struct gyre_datagrams *d, struct gyre_mishap *out,
                           void *buf, size_t n)
{
    int fd = gyre_datagrams_socket(d), taken;

    if (fd < 0)
        return false;
    do
        taken = take(fd, out, buf, n);
    while (taken == 0);
    return taken == 1;
}
