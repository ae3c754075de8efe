/*
 * test_groups.c - the claims of datagram.h about how far datagrams go, and
 * about groups.
 */
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "loop/loop.h"
#include "task/task.h"
#include "io/datagram.h"
#include "tests/io/loopback.h"
#include "tests/support/emulator.h"

#define MS   GYRE_MILLISECOND
#define SOON gyre_in(20 * GYRE_SECOND)

static struct gyre_datagrams ours, theirs;

static struct gyre_addr at(const char *host, int port)
{
    struct gyre_addr a;

    cr_expect_eq(gyre_addr_parse(&a, host, port), 0);
    return a;
}

/* Opens it at `host`; the port. */
static int open_one(struct gyre_datagrams *d, const char *host)
{
    struct gyre_addr a = at(host, 0);

    cr_expect_eq(gyre_datagrams_open(d, gyre_loop_current(), &a, NULL), 0);
    cr_expect_eq(gyre_datagrams_local(d, &a), 0);
    return gyre_addr_port(&a);
}

static void close_both(void)
{
    gyre_datagrams_close(&ours);
    gyre_datagrams_close(&theirs);
}

static int option_of(const struct gyre_datagrams *d, int level, int name)
{
    int value = -1;

    getsockopt(d->fd.fd, level, name, &value, &(socklen_t){sizeof value});
    return value;
}

static unsigned loopback_index(void)
{
    unsigned i = if_nametoindex("lo");

    return i != 0 ? i : if_nametoindex("lo0");
}

/* An emulator may not pass on what is asked of groups. */
static bool are_known(void)
{
    int err;

    open_one(&ours, "127.0.0.1");
    err = gyre_datagrams_set_multicast(&ours, loopback_index(), 1, true);
    gyre_datagrams_close(&ours);
    return !is_emulated() || err != -ENOPROTOOPT;
}

/* A claim that is held where they are. */
#define CLAIM_OF_GROUPS(name)                                                  \
    static void name(void);                                                    \
    Test(groups, name)                                                         \
    {                                                                          \
        claim = name;                                                          \
        hold_on_loopback(hold_if_known);                                       \
    }                                                                          \
    static void name(void)

static void (*claim)(void);

static void hold_if_known(void)
{
    if (are_known())
        claim();
}

CLAIM_OF_GROUPS(of_v4_are_joined_and_left_by_interface)
{
    unsigned lo = loopback_index();
    int port = open_one(&ours, "0.0.0.0");
    struct gyre_addr group = at("239.1.2.3", port);
    char byte;

    open_one(&theirs, "127.0.0.1");
    cr_expect_eq(gyre_datagrams_set_multicast(&theirs, lo, 0, true), 0);
    cr_expect_eq(gyre_datagrams_join(&ours, &group, NULL, lo), 0);
    cr_expect_eq(gyre_datagrams_join(&ours, &group, NULL, lo), -EADDRINUSE);
    cr_expect_eq(gyre_send(&theirs, "x", 1, &group, SOON), 0);
    cr_expect_eq(gyre_receive(&ours, &byte, 1, NULL, SOON), 1);
    cr_expect_eq(gyre_datagrams_leave(&ours, &group, NULL, lo), 0);
    cr_expect_eq(gyre_datagrams_leave(&ours, &group, NULL, lo), -EADDRNOTAVAIL);
    cr_expect_eq(gyre_send(&theirs, "x", 1, &group, SOON), 0);
    cr_expect_eq(gyre_receive(&ours, &byte, 1, NULL, GYRE_NOW), -ETIMEDOUT);
    cr_expect_eq(gyre_datagrams_join(&ours, &group, NULL, 999999), -ENODEV);
    close_both();
}

CLAIM_OF_GROUPS(may_be_heard_from_one_source_alone)
{
    unsigned lo = loopback_index();
    int port = open_one(&ours, "0.0.0.0");
    struct gyre_addr group = at("232.1.2.3", port);
    struct gyre_addr source = at("127.0.0.1", 0), other = at("127.0.0.2", 0);
    char byte;

    open_one(&theirs, "127.0.0.1");
    cr_expect_eq(gyre_datagrams_set_multicast(&theirs, lo, 0, true), 0);
    cr_expect_eq(gyre_datagrams_join(&ours, &group, &other, lo), 0);
    cr_expect_eq(gyre_send(&theirs, "x", 1, &group, SOON), 0);
    cr_expect_eq(gyre_receive(&ours, &byte, 1, NULL, GYRE_NOW), -ETIMEDOUT);
    cr_expect_eq(gyre_datagrams_join(&ours, &group, &source, lo), 0);
    cr_expect_eq(gyre_send(&theirs, "y", 1, &group, SOON), 0);
    cr_expect_eq(gyre_receive(&ours, &byte, 1, NULL, SOON), 1);
    cr_expect_eq(byte, 'y');
    cr_expect_eq(gyre_datagrams_leave(&ours, &group, &source, lo), 0);
    close_both();
}

CLAIM_OF_GROUPS(of_v6_are_joined_and_left_by_interface)
{
    unsigned lo = loopback_index();
    int port = open_one(&ours, "::"), err;
    struct gyre_addr group = at("ff02::1:2:3", port);
    char byte;

    open_one(&theirs, "::1");
    cr_expect_eq(gyre_datagrams_set_multicast(&theirs, lo, 1, true), 0);
    cr_expect_eq(gyre_datagrams_join(&ours, &group, NULL, lo), 0);
    err = gyre_send(&theirs, "x", 1, &group, SOON);
    if (err == 0)
        cr_expect_eq(gyre_receive(&ours, &byte, 1, NULL, SOON), 1);
    else
        cr_expect_eq(err, -ENETUNREACH, "where v6 has no way to groups");
    cr_expect_eq(gyre_datagrams_leave(&ours, &group, NULL, lo), 0);
    close_both();
}

/* What goes out of the loopback interface comes back whatever is asked; so the
   system is asked what it will do. */
CLAIM_OF_GROUPS(are_sent_to_as_was_said)
{
    unsigned lo = loopback_index();

    open_one(&ours, "127.0.0.1");
    open_one(&theirs, "::1");
    cr_expect_eq(gyre_datagrams_set_multicast(&ours, lo, 7, false), 0);
    cr_expect_eq(option_of(&ours, IPPROTO_IP, IP_MULTICAST_TTL), 7);
    cr_expect_eq(option_of(&ours, IPPROTO_IP, IP_MULTICAST_LOOP), 0);
    cr_expect_eq(gyre_datagrams_set_multicast(&theirs, lo, 8, false), 0);
    cr_expect_eq(option_of(&theirs, IPPROTO_IPV6, IPV6_MULTICAST_IF), (int)lo);
    cr_expect_eq(option_of(&theirs, IPPROTO_IPV6, IPV6_MULTICAST_HOPS), 8);
    cr_expect_eq(option_of(&theirs, IPPROTO_IPV6, IPV6_MULTICAST_LOOP), 0);
    cr_expect_eq(gyre_datagrams_set_multicast(&ours, lo, 256, true), -EINVAL);
    close_both();
}

CLAIM_OF_GROUPS(are_not_sent_to_through_what_is_no_interface)
{
    static const char *const hosts[] = {"127.0.0.1", "::1"};

    for (int i = 0; i < 2; i++) {
        open_one(&ours, hosts[i]);
        cr_expect_lt(gyre_datagrams_set_multicast(&ours, 999999, 1, true), 0);
        cr_expect_eq(
            gyre_datagrams_set_multicast(&ours, loopback_index(), 1, true), 0);
        gyre_datagrams_close(&ours);
    }
}

CLAIM_ON_LOOPBACK(groups, are_no_broadcast_which_must_be_asked_for)
{
    struct gyre_datagram_options options = {.broadcast = true};
    int port = open_one(&ours, "0.0.0.0");
    struct gyre_addr everybody = at("127.255.255.255", port);
    struct gyre_addr a = at("127.0.0.1", 0);
    char byte;

    open_one(&theirs, "127.0.0.1");
    cr_expect_eq(gyre_send(&theirs, "x", 1, &everybody, SOON), -EACCES);
    gyre_datagrams_close(&theirs);
    cr_expect_eq(
        gyre_datagrams_open(&theirs, gyre_loop_current(), &a, &options), 0);
    cr_expect_eq(gyre_send(&theirs, "x", 1, &everybody, SOON), 0);
    cr_expect_eq(gyre_receive(&ours, &byte, 1, NULL, SOON), 1);
    close_both();
}

CLAIM_ON_LOOPBACK(groups, are_left_out_of_how_many_routers_others_go_through)
{
    open_one(&ours, "127.0.0.1");
    open_one(&theirs, "::1");
    cr_expect_eq(gyre_datagrams_set_ttl(&ours, 3), 0);
    cr_expect_eq(option_of(&ours, IPPROTO_IP, IP_TTL), 3);
    cr_expect_eq(gyre_datagrams_set_ttl(&theirs, 5), 0);
    cr_expect_eq(option_of(&theirs, IPPROTO_IPV6, IPV6_UNICAST_HOPS), 5);
    cr_expect_eq(gyre_datagrams_set_ttl(&ours, 0), -EINVAL);
    cr_expect_eq(gyre_datagrams_set_ttl(&ours, 256), -EINVAL);
    close_both();
}

CLAIM_ON_LOOPBACK(groups, or_not_what_waits_has_as_much_room_as_was_asked_for)
{
    open_one(&ours, "127.0.0.1");
    cr_expect_eq(gyre_datagrams_set_buffers(&ours, 30000, 40000), 0);
    cr_expect_geq(option_of(&ours, SOL_SOCKET, SO_SNDBUF), 30000);
    cr_expect_geq(option_of(&ours, SOL_SOCKET, SO_RCVBUF), 40000);
    cr_expect_eq(gyre_datagrams_set_buffers(&ours, 0, 0), 0);
    gyre_datagrams_close(&ours);
}
