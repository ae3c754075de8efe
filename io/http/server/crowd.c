/*
 * crowd.c - how many connections come from one address.
 *
 * Connections are in one of some lists, by a hash of where they come from; to
 * count those of an address is to walk its list, past strangers too, up to the
 * number that is allowed.  Of an IPv6 address the first half counts: the other
 * is whatever its owner likes.
 *
 * Who knew the hash could choose addresses that share a list, a /48 has enough
 * of them, and have it walked for each connection.  So each server has a seed,
 * of its address and the time it was made: not a secret, but nothing that can
 * be seen from without, and there is no call for a better one everywhere.
 */
#include <string.h>

#include "io/http/server/connection.h"

enum { NETWORK = 8 /* bytes of an IPv6 address */ };

/* What tells places apart.  False if `a` is no address of a network. */
static bool find_place(const struct gyre_addr *a, unsigned char out[16])
{
    static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};

    memset(out, 0, 16);
    if (a->is.any.sa_family == AF_INET) {
        memcpy(out, mapped, sizeof mapped);
        memcpy(out + sizeof mapped, &a->is.v4.sin_addr, 4);
        return true;
    }
    if (a->is.any.sa_family != AF_INET6)
        return false;
    if (IN6_IS_ADDR_V4MAPPED(&a->is.v6.sin6_addr))
        memcpy(out, &a->is.v6.sin6_addr, 16);
    else
        memcpy(out, &a->is.v6.sin6_addr, NETWORK);
    return true;
}

static size_t street_of(const struct gyre_http_server *s,
                        const unsigned char place[16])
{
    unsigned hash = 2166136261u ^ s->seed; /* FNV-1a */

    for (int i = 0; i < 16; i++)
        hash = (hash ^ place[i]) * 16777619u;
    return (hash ^ hash >> 16) % GYRE_HTTP_STREETS;
}

bool gyre_http_crowd_admits(const struct gyre_http_server *s,
                            const struct gyre_addr *peer)
{
    unsigned char place[16];
    const struct gyre_list *street;
    size_t n = 0;

    if (s->options.per_address == 0 || !find_place(peer, place))
        return true;
    street = &s->crowd[street_of(s, place)];
    for (struct gyre_list *i = street->next;
         i != street && n < s->options.per_address; i = i->next)
        n += memcmp(GYRE_OWNER(i, struct gyre_http_neighbour, link)->place,
                    place, 16) == 0;
    return n < s->options.per_address;
}

void gyre_http_crowd_join(struct gyre_http_server *s,
                          struct gyre_http_connection *c)
{
    struct gyre_http_neighbour *n = &c->neighbour;

    if (s->options.per_address > 0 && find_place(&c->peer, n->place))
        gyre_list_append(&s->crowd[street_of(s, n->place)], &n->link);
}

void gyre_http_crowd_leave(struct gyre_http_connection *c)
{
    gyre_list_remove(&c->neighbour.link);
}
