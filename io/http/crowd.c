/*
 * crowd.c - how many connections come from one address.
 *
 * Connections are in one of some lists, by a hash of their address.  To count
 * those of an address is to walk one of the lists, no further than to the
 * number that is allowed.  Of an IPv6 address the first half counts: the other
 * is whatever its owner likes.
 */
#include <string.h>

#include "io/tcp.h"
#include "io/http/connection.h"

enum { NETWORK = 8 /* bytes of an IPv6 address */ };

/* What tells addresses apart.  False if `stream` has none. */
static bool read_address(struct gyre_stream *stream, unsigned char out[16])
{
    static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
    struct gyre_addr a;

    memset(out, 0, 16);
    if (gyre_tcp_peer(stream, &a) != 0)
        return false;
    if (a.is.any.sa_family == AF_INET) {
        memcpy(out, mapped, sizeof mapped);
        memcpy(out + sizeof mapped, &a.is.v4.sin_addr, 4);
        return true;
    }
    if (a.is.any.sa_family != AF_INET6)
        return false;
    if (IN6_IS_ADDR_V4MAPPED(&a.is.v6.sin6_addr))
        memcpy(out, &a.is.v6.sin6_addr, 16);
    else
        memcpy(out, &a.is.v6.sin6_addr, NETWORK);
    return true;
}

static size_t street_of(const unsigned char address[16])
{
    unsigned hash = 2166136261u; /* FNV-1a */

    for (int i = 0; i < 16; i++)
        hash = (hash ^ address[i]) * 16777619u;
    return (hash ^ hash >> 16) % GYRE_HTTP_STREETS;
}

bool gyre_http_crowd_admits(const struct gyre_http_server *s,
                            struct gyre_stream *stream)
{
    unsigned char address[16];
    const struct gyre_list *street;
    size_t n = 0;

    if (s->options.per_address == 0 || !read_address(stream, address))
        return true;
    street = &s->crowd[street_of(address)];
    for (struct gyre_list *i = street->next;
         i != street && n < s->options.per_address; i = i->next)
        n += memcmp(GYRE_OWNER(i, struct gyre_http_neighbour, link)->address,
                    address, 16) == 0;
    return n < s->options.per_address;
}

void gyre_http_crowd_join(struct gyre_http_server *s,
                          struct gyre_http_connection *c)
{
    struct gyre_http_neighbour *n = &c->neighbour;

    if (s->options.per_address > 0 && read_address(c->stream, n->address))
        gyre_list_append(&s->crowd[street_of(n->address)], &n->link);
}

void gyre_http_crowd_leave(struct gyre_http_connection *c)
{
    gyre_list_remove(&c->neighbour.link);
}
