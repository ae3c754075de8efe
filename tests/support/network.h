/*
 * network.h - what the system says of the network, as a test would have it.
 *
 * The test binaries are linked so that their own objects' calls of getaddrinfo,
 * freeaddrinfo, getnameinfo, getsockopt, getpeername, accept and accept4, recv,
 * send, sendmsg and sendfile, the library's among them, come through here.
 * Each test is a process of its own, so nothing need be put back.
 */
#ifndef TESTS_SUPPORT_NETWORK_H
#define TESTS_SUPPORT_NETWORK_H

#include <netdb.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

/* In place of getaddrinfo, for any name, unless NULL.  The answer is the
   test's, and stays; how often one was freed. */
extern int (*network_look_up)(const char *host, struct addrinfo **out);
extern atomic_int network_freed;

/* In place of getnameinfo, unless NULL: fills in host and service. */
extern int (*network_name)(char *host, size_t host_size, char *service,
                           size_t service_size);

/* How the next attempt to connect ends that did not end at once: an errno, or 0
   for what really comes of it. */
extern int network_outcome;

/* Are sockets connected to their own addresses, as far as they know? */
extern bool network_is_itself;

/* Do those of IPv4 have the port of their other end? */
extern bool network_ports_agree;

/* Why accept fails, each time, or 0 to let it; and how often it was called. */
extern int network_refusal;
extern atomic_int network_accepts;

/* Why whatever carries bytes fails, each time, or 0 to let it. */
extern int network_loss;

#endif
