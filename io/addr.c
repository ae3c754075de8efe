/*
 * addr.c - socket addresses as text.
 */
#include "io/addr.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

static void set_v4(struct gyre_addr *a, struct in_addr host, int port)
{
    memset(a, 0, sizeof *a);
    a->length = sizeof a->is.v4;
    a->is.v4.sin_family = AF_INET;
    a->is.v4.sin_port = htons((uint16_t)port);
    a->is.v4.sin_addr = host;
}

static void set_v6(struct gyre_addr *a, struct in6_addr host, unsigned scope,
                   int port)
{
    memset(a, 0, sizeof *a);
    a->length = sizeof a->is.v6;
    a->is.v6.sin6_family = AF_INET6;
    a->is.v6.sin6_port = htons((uint16_t)port);
    a->is.v6.sin6_addr = host;
    a->is.v6.sin6_scope_id = scope;
}

/* The number of an interface, which is given by it or by name; 0 if there is
   none. */
static unsigned parse_zone(const char *zone)
{
    unsigned long n = 0;

    if (zone[0] == '\0' || zone[strspn(zone, "0123456789")] != '\0')
        return if_nametoindex(zone);
    for (; *zone != '\0' && n <= UINT32_MAX; zone++)
        n = 10 * n + (unsigned long)(*zone - '0');
    return n <= UINT32_MAX ? (unsigned)n : 0;
}

/* "fe80::1%eth0": the address, and the number of the interface after the %. */
static int parse_v6(struct gyre_addr *a, const char *host, int port)
{
    const char *zone = strchr(host, '%');
    size_t n = zone != NULL ? (size_t)(zone - host) : strlen(host);
    char digits[INET6_ADDRSTRLEN];
    struct in6_addr v6;
    unsigned scope = 0;

    if (n >= sizeof digits)
        return -EINVAL;
    memcpy(digits, host, n);
    digits[n] = '\0';
    if (inet_pton(AF_INET6, digits, &v6) != 1)
        return -EINVAL;
    if (zone != NULL)
        scope = parse_zone(zone + 1);
    if (zone != NULL && scope == 0)
        return -EINVAL;
    set_v6(a, v6, scope, port);
    return 0;
}

int gyre_addr_parse(struct gyre_addr *a, const char *host, int port)
{
    struct in_addr v4 = {.s_addr = htonl(INADDR_ANY)};

    if (port < 0 || port > 65535)
        return -EINVAL;
    if (host != NULL && host[0] != '\0' && inet_pton(AF_INET, host, &v4) != 1)
        return parse_v6(a, host, port);
    set_v4(a, v4, port);
    return 0;
}

int gyre_addr_port(const struct gyre_addr *a)
{
    if (a->is.any.sa_family == AF_INET)
        return ntohs(a->is.v4.sin_port);
    if (a->is.any.sa_family == AF_INET6)
        return ntohs(a->is.v6.sin6_port);
    return 0;
}

void gyre_addr_set_port(struct gyre_addr *a, int port)
{
    if (a->is.any.sa_family == AF_INET)
        a->is.v4.sin_port = htons((uint16_t)port);
    if (a->is.any.sa_family == AF_INET6)
        a->is.v6.sin6_port = htons((uint16_t)port);
}

/* A path, or a name without one, which begins with a NUL and is shown by @. */
static void format_local(const struct gyre_addr *a, char *buf, size_t n)
{
    size_t head = offsetof(struct sockaddr_un, sun_path);
    int length = a->length > head ? (int)(a->length - head) : 0;
    const char *path = a->is.local.sun_path;

    if (length > 0 && path[0] == '\0')
        snprintf(buf, n, "@%.*s", length - 1, path + 1);
    else
        snprintf(buf, n, "%.*s", length, path);
}

#define ZONE (IF_NAMESIZE + 1)

/* "%eth0"; "" for no zone, and the number for one that is gone. */
static void format_zone(unsigned scope, char zone[ZONE])
{
    zone[0] = '\0';
    if (scope == 0)
        return;
    if (if_indextoname(scope, zone + 1) != NULL)
        zone[0] = '%';
    else
        snprintf(zone, ZONE, "%%%u", scope);
}

const char *gyre_addr_format(const struct gyre_addr *a, char *buf, size_t n)
{
    char host[INET6_ADDRSTRLEN], zone[ZONE];

    switch (a->is.any.sa_family) {
    case AF_INET:
        inet_ntop(AF_INET, &a->is.v4.sin_addr, host, sizeof host);
        snprintf(buf, n, "%s:%d", host, gyre_addr_port(a));
        break;
    case AF_INET6:
        inet_ntop(AF_INET6, &a->is.v6.sin6_addr, host, sizeof host);
        format_zone(a->is.v6.sin6_scope_id, zone);
        snprintf(buf, n, "[%s%s]:%d", host, zone, gyre_addr_port(a));
        break;
    case AF_UNIX: format_local(a, buf, n); break;
    default: snprintf(buf, n, "(family %d)", a->is.any.sa_family);
    }
    return buf;
}
