/*
 * mishap.h - what befell datagrams that were sent.
 *
 * Who is on the way of a datagram that does not arrive may say so (ICMP, RFC
 * 792 and 4443): that nobody is at the port, that there is no way, that it is
 * too long.  Nobody need, so silence says nothing.
 *
 * A socket that is connected is told without being asked: gyre_receive returns
 * -ECONNREFUSED, say, once.  That is so on all systems, and it does not tell
 * which datagram it was, nor tells one that is not connected.  Where the system
 * keeps a list a socket of either kind may ask for it:
 *
 *      err = gyre_datagrams_hear_mishaps(&d);
 *      ...
 *      n = gyre_receive(&d, buf, sizeof buf, &from, deadline);
 *      if (n < 0)
 *          while (gyre_datagrams_mishap(&d, &m, sent, sizeof sent))
 *              ... what went to m.to, and begins with `sent`, did not arrive
 */
#ifndef GYRE_IO_MISHAP_H
#define GYRE_IO_MISHAP_H

#include <stdbool.h>
#include <stddef.h>

#include "io/addr.h"

struct gyre_datagrams;

/* Of one datagram. */
struct gyre_mishap {
    /* -ECONNREFUSED: nobody is at that port; -EHOSTUNREACH, -ENETUNREACH and
       their kin: there is no way there; -EMSGSIZE: it is too long for the way,
       and `mtu` is how long it may be, heads included, or 0. */
    int err;
    size_t mtu;
    struct gyre_addr to; /* where it was sent */
    /* Who says so, a router or that machine; or no address, whose `length` is
       0. */
    struct gyre_addr by;
    size_t length; /* of what came back: see below */
};

#pragma GCC visibility push(default)

/*
 * From now on what befell each datagram is told, to who receives: gyre_receive
 * and its like return the error, as to who has a peer, and a receiving
 * (io/receiving.h) is told it.  Each of many datagrams takes a system call of
 * its own from here on.  -ENOTSUP where the system keeps no list, and of local
 * sockets; or as setsockopt.
 */
int gyre_datagrams_hear_mishaps(struct gyre_datagrams *d);

/*
 * The next of the list, the first first: true; or false if there is none.  It
 * is on it when the error is told, and may be before; so of two there may be
 * two at the first error, and none at the second.  The list shares its room
 * with what was received, and so is bounded, and to be taken from.  What a
 * sender was told by his own call is not told by it.
 *
 * The bytes with which the datagram began come back, as far as who tells has
 * sent them, which is some 500 as a rule, but may be none; `n` of them at most
 * are copied into `buf`, and `out->length` is how many.  By tasks and
 * callbacks; never parks.
 */
bool gyre_datagrams_mishap(struct gyre_datagrams *d, struct gyre_mishap *out,
                           void *buf, size_t n);

#pragma GCC visibility pop

#endif
