/*
 * datagram.h - datagrams: UDP (RFC 768), and local sockets that carry them.
 *
 * A datagram arrives whole, or not at all, and perhaps not in order.  One that
 * is longer than the room for it is cut, and the call says so.  It may be
 * empty: 0 bytes are no end, for there is none.
 *
 * Any number of tasks may receive, and send; each kind of call is served in
 * order of arrival.  What went wrong on the path of an earlier datagram to a
 * connected peer (-ECONNREFUSED: nobody was there) is told once, to who
 * receives, and is the end of nothing; with more than that, and without a peer,
 * by io/mishap.h.
 *
 * Calls with a deadline are for tasks; callbacks may make them with GYRE_NOW,
 * which never parks, and are told of what comes by io/receiving.h.
 */
#ifndef GYRE_IO_DATAGRAM_H
#define GYRE_IO_DATAGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "timers/time.h"
#include "loop/job.h"
#include "io/addr.h"
#include "io/fd.h"

struct gyre_bound;
struct gyre_loop;
struct gyre_receiving;

/* A socket for datagrams, embedded by its owner; in place while it is open. */
struct gyre_datagrams {
    /* private */
    struct gyre_fd fd;
    int family;
    bool connected;
    bool hears;             /* of mishaps, one by one */
    uint16_t bound_of_runs; /* shorter ones are given to the system many as one;
                               0: it was not asked yet if it divides that */
    int befallen; /* an earlier one, as a sender was told; 0: nothing has */
    struct gyre_receiving *receiving; /* who is called back, or NULL */
    struct gyre_bound *bound; /* its place in the file system, or NULL */
};

/* How to open one; a zeroed one gives the defaults. */
struct gyre_datagram_options {
    bool dual;      /* at an address of IPv6: have what comes by IPv4 as well,
                       from addresses like ::ffff:192.0.2.1 */
    bool share;     /* with other sockets at this address that say so too: each
                       gets what is sent to a group, and one of them the rest */
    bool balance;   /* the same, but the system spreads the senders over them
                       evenly.  -ENOTSUP where it does not */
    bool broadcast; /* may send to broadcast addresses */
};

/* One of many datagrams. */
struct gyre_datagram {
    void *bytes;   /* the caller's */
    size_t size;   /* to receive: the room there.  To send: how many */
    size_t length; /* received: as gyre_receive returns it */
    struct gyre_addr
        addr; /* from whom.  To whom: a `length` of 0 is the peer */
};

#pragma GCC visibility push(default)

/* ---- opening and closing ---- */

/*
 * Open a socket at the address `at`, in the loop `l`: port 0 for any that is
 * free.  An address of IPv6 is that alone, unless it is to be dual.  `options`
 * may be NULL.  Local sockets are opened by gyre_unix_datagrams (io/unix.h).
 * By tasks and callbacks.  -EADDRINUSE, or as socket and bind.
 */
int gyre_datagrams_open(struct gyre_datagrams *d, struct gyre_loop *l,
                        const struct gyre_addr *at,
                        const struct gyre_datagram_options *options);

/* One that is there already, inherited say.  Takes `fd` over, if it returns 0.
   -EINVAL if it carries no datagrams, or as getsockopt and fcntl. */
int gyre_datagrams_adopt(struct gyre_datagrams *d, struct gyre_loop *l, int fd);

/* Close it, at once.  Who is in a call on it gets -EBADF, and touches it no
   more, so it may be freed.  Harmless when closed; and when zeroed, and never
   opened.  Never parks. */
void gyre_datagrams_close(struct gyre_datagrams *d);

/*
 * From now on there is a peer: datagrams come from there alone, and go there
 * unless another address is given.  NULL: there is none any more, and it is at
 * the address where it was.  What has been received before, from whomever, is
 * still to be had.  Does not wait.  As connect, but -ENOBUFS for its EAGAIN.
 */
int gyre_datagrams_connect(struct gyre_datagrams *d,
                           const struct gyre_addr *peer);

/* At which address it is, and the peer's: -ENOTCONN if there is none. */
int gyre_datagrams_local(const struct gyre_datagrams *d, struct gyre_addr *out);
int gyre_datagrams_peer(const struct gyre_datagrams *d, struct gyre_addr *out);

/* ---- receiving and sending ---- */

/*
 * Receive one datagram.  Returns how long it is, from 0 on; if that is more
 * than `n`, there are `n` bytes in `buf`, and the rest is lost.  (Where the
 * system does not tell how long it was, n + 1 stands for it.)  `from`, who sent
 * it, may be NULL.  -ECONNREFUSED, -EHOSTUNREACH and their kin: an earlier one
 * did not arrive; -EBUSY while a receiving is started; -EBADF: it was closed
 * meanwhile.  A cancel point: what was not returned is still to be received.
 */
ssize_t gyre_receive(struct gyre_datagrams *d, void *buf, size_t n,
                     struct gyre_addr *from, gyre_time deadline)
    __attribute__((warn_unused_result));

/*
 * Send one datagram to `to`, or to the peer if that is NULL, as soon as the
 * system takes it.  0; -EMSGSIZE if it is too long to be sent at all, 65,507
 * bytes by UDP over IPv4; -EDESTADDRREQ or -ENOTCONN without a peer; -ENOBUFS
 * if there is no room and nothing tells when there will be, as at a local
 * socket that reads too slowly, to who is not connected to it, or gives its
 * address; -EBADF, as above; or as sendto.  A cancel point: it was not sent.
 */
int gyre_send(struct gyre_datagrams *d, const void *buf, size_t n,
              const struct gyre_addr *to, gyre_time deadline)
    __attribute__((warn_unused_result));

/*
 * Receive as many as there are, at least one, at most `n`: how many, each as by
 * gyre_receive.  Send `n`, from the first on, as many as are taken at once, and
 * at least one: how many; what is wrong with the next is told when that is the
 * first.  Linux does with one system call for up to 64, and has little work
 * with those that are sent to one address in a row, and equally long; but it
 * forgets what befell one of these on the way.  Cancel points.
 */
int gyre_receive_many(struct gyre_datagrams *d, struct gyre_datagram *m, int n,
                      gyre_time deadline) __attribute__((warn_unused_result));
int gyre_send_many(struct gyre_datagrams *d, const struct gyre_datagram *m,
                   int n, gyre_time deadline)
    __attribute__((warn_unused_result));

/* Start `j` once, when gyre_send may not park, or do not after all: as
   gyre_fd_when and gyre_fd_forget do. */
int gyre_datagrams_when_sendable(struct gyre_datagrams *d, struct gyre_job *j);
void gyre_datagrams_forget(struct gyre_datagrams *d);

/* ---- options ---- */

/* Bytes that the system keeps, of those to be sent and those received; 0 leaves
   it at that.  Linux takes twice as many, for its own needs, and neither more
   than it allows. */
int gyre_datagrams_set_buffers(struct gyre_datagrams *d, int send, int receive);

/* Through how many routers what is sent may go: 1 to 255. */
int gyre_datagrams_set_ttl(struct gyre_datagrams *d, int hops);

/*
 * How what is sent to groups goes: out of which interface, by index (as
 * if_nametoindex), 0 for the system's choice; through how many routers, 0 to
 * 255, where 0 stays on this machine and 1 is usual; and does it come to
 * sockets of this machine as well?
 */
int gyre_datagrams_set_multicast(struct gyre_datagrams *d, unsigned interface,
                                 int hops, bool loop);

/*
 * Be in the group `group`, of the same family as the socket, on an interface,
 * as above, or be so no more.  `source` may be NULL; else what others send to
 * the group is not for us (RFC 3678).  -EADDRINUSE if it is in already;
 * -EADDRNOTAVAIL if it is not; -ENODEV if there is no such interface; or as
 * setsockopt.  A socket that is closed leaves.
 */
int gyre_datagrams_join(struct gyre_datagrams *d, const struct gyre_addr *group,
                        const struct gyre_addr *source, unsigned interface);
int gyre_datagrams_leave(struct gyre_datagrams *d,
                         const struct gyre_addr *group,
                         const struct gyre_addr *source, unsigned interface);

#pragma GCC visibility pop

#endif
