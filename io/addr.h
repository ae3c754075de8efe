/*
 * addr.h - socket addresses, and names for them.
 *
 * An address is a value: copy it freely.  Turning text into one and back is
 * pure; finding the addresses of a name may ask the network, and parks.
 */
#ifndef GYRE_IO_ADDR_H
#define GYRE_IO_ADDR_H

#include <netinet/in.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "timers/time.h"

/* An address of whatever family, as the system writes it. */
struct gyre_addr {
    socklen_t length; /* bytes of the member that counts */
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
        struct sockaddr_un local;
        struct sockaddr_storage storage;
    } is;
};

/* Room for any text gyre_addr_format makes, its NUL included. */
#define GYRE_ADDR_TEXT 128

/* What an address is called. */
struct gyre_addr_name {
    char host[256];   /* "a.example", or the address itself */
    char service[32]; /* "http", or the port */
};

#pragma GCC visibility push(default)

/*
 * The address that `host` and `port` (in host byte order) write: 127.0.0.1,
 * ::1, fe80::1%eth0; NULL or "" for 0.0.0.0, every address of IPv4 that this
 * machine has.  -EINVAL if `host` is a name, or nothing at all.
 */
int gyre_addr_parse(struct gyre_addr *a, const char *host, int port);

/* "127.0.0.1:80", "[::1]:80", "/run/x.sock"; as much as fits in `n` bytes, with
   a NUL.  Returns `buf`. */
const char *gyre_addr_format(const struct gyre_addr *a, char *buf, size_t n);

/* The port, in host byte order; 0 for a family without ports.  And set it,
   which has no effect there. */
int gyre_addr_port(const struct gyre_addr *a);
void gyre_addr_set_port(struct gyre_addr *a, int port);

/*
 * Find the addresses of `host`, at most `n`, in the order in which they should
 * be tried.  Returns how many, at least 1.  What gyre_addr_parse can read is
 * not looked up.  -EINVAL for what can be no name (over 253 bytes, a label over
 * 63 or empty, a control byte, a colon, a number as the last label); -ENOENT if
 * there is no such name; -EHOSTUNREACH if nobody could be asked, or would say;
 * -ENOMEM.  A cancel point: libc may go on asking in a thread of the pool for
 * names (task/pool.h), but nobody waits for it.  Or somebody else is asked
 * instead of libc: see io/resolver.h.
 */
int gyre_resolve(const char *host, int port, struct gyre_addr *out, int n,
                 gyre_time deadline) __attribute__((warn_unused_result));

/*
 * What `a`, of IPv4 or IPv6, is called, as getnameinfo has it.  `flags` are
 * getnameinfo's (netdb.h): with NI_NUMERICHOST | NI_NUMERICSERV nobody is
 * asked.  A name is what whoever owns the address calls it, and proves nothing.
 * -ENOENT with NI_NAMEREQD if it has none; -EMSGSIZE if that is too long;
 * -EINVAL for another family; else as gyre_resolve.
 */
int gyre_addr_name(const struct gyre_addr *a, int flags,
                   struct gyre_addr_name *out, gyre_time deadline)
    __attribute__((warn_unused_result));

#pragma GCC visibility pop

#endif
