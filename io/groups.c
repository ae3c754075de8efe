/*
 * groups.c - how far datagrams go, and in which groups a socket is.
 *
 * Of the options for groups BSDs take a byte for IPv4, where Linux takes
 * either; and to join and to leave is said in one way for both families (RFC
 * 3678).
 */
#include "io/datagram.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "io/internal.h"
#include "io/option.h"

static int set(const struct gyre_datagrams *d, int level, int name, int value)
{
    int fd = gyre_datagrams_socket(d);

    return fd < 0 ? fd : gyre_option_set(fd, level, name, value);
}

static int put(const struct gyre_datagrams *d, int level, int name,
               const void *value, size_t n)
{
    int fd = gyre_datagrams_socket(d);

    return fd < 0 ? fd : gyre_option_put(fd, level, name, value, n);
}

int gyre_datagrams_set_buffers(struct gyre_datagrams *d, int send, int receive)
{
    int fd = gyre_datagrams_socket(d);

    return fd < 0 ? fd : gyre_option_buffers(fd, send, receive);
}

/* A socket for both families sends to each in its own way, where the system
   lets that be said. */
int gyre_datagrams_set_ttl(struct gyre_datagrams *d, int hops)
{
    if (hops < 1 || hops > 255)
        return -EINVAL;
    switch (d->family) {
    case AF_INET: return set(d, IPPROTO_IP, IP_TTL, hops);
    case AF_INET6:
        (void)set(d, IPPROTO_IP, IP_TTL, hops);
        return set(d, IPPROTO_IPV6, IPV6_UNICAST_HOPS, hops);
    default: return -ENOTSUP;
    }
}

/* ---- groups ---- */

static int set_v4(const struct gyre_datagrams *d, unsigned interface, int hops,
                  bool loop)
{
    struct ip_mreqn out = {.imr_ifindex = (int)interface};
    unsigned char ttl = (unsigned char)hops, back = loop;
    int err = put(d, IPPROTO_IP, IP_MULTICAST_IF, &out, sizeof out);

    if (err == 0)
        err = put(d, IPPROTO_IP, IP_MULTICAST_TTL, &ttl, 1);
    if (err == 0)
        err = put(d, IPPROTO_IP, IP_MULTICAST_LOOP, &back, 1);
    return err;
}

static int set_v6(const struct gyre_datagrams *d, unsigned interface, int hops,
                  bool loop)
{
    int err = set(d, IPPROTO_IPV6, IPV6_MULTICAST_IF, (int)interface);

    if (err == 0)
        err = set(d, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, hops);
    if (err == 0)
        err = set(d, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, loop);
    return err;
}

int gyre_datagrams_set_multicast(struct gyre_datagrams *d, unsigned interface,
                                 int hops, bool loop)
{
    if (hops < 0 || hops > 255)
        return -EINVAL;
    switch (d->family) {
    case AF_INET: return set_v4(d, interface, hops, loop);
    case AF_INET6: return set_v6(d, interface, hops, loop);
    default: return -ENOTSUP;
    }
}

static int level_of(const struct gyre_datagrams *d)
{
    return d->family == AF_INET6 ? IPPROTO_IPV6 : IPPROTO_IP;
}

static int say_any(struct gyre_datagrams *d, int name,
                   const struct gyre_addr *group, unsigned interface)
{
    struct group_req r = {.gr_interface = interface};

    memcpy(&r.gr_group, &group->is, group->length);
    return put(d, level_of(d), name, &r, sizeof r);
}

static int say_from(struct gyre_datagrams *d, int name,
                    const struct gyre_addr *group,
                    const struct gyre_addr *source, unsigned interface)
{
    struct group_source_req r = {.gsr_interface = interface};

    memcpy(&r.gsr_group, &group->is, group->length);
    memcpy(&r.gsr_source, &source->is, source->length);
    return put(d, level_of(d), name, &r, sizeof r);
}

int gyre_datagrams_join(struct gyre_datagrams *d, const struct gyre_addr *group,
                        const struct gyre_addr *source, unsigned interface)
{
    return source == NULL
               ? say_any(d, MCAST_JOIN_GROUP, group, interface)
               : say_from(d, MCAST_JOIN_SOURCE_GROUP, group, source, interface);
}

int gyre_datagrams_leave(struct gyre_datagrams *d,
                         const struct gyre_addr *group,
                         const struct gyre_addr *source, unsigned interface)
{
    return source == NULL ? say_any(d, MCAST_LEAVE_GROUP, group, interface)
                          : say_from(d, MCAST_LEAVE_SOURCE_GROUP, group, source,
                                     interface);
}
