/*
 * network.h - what the system says of the network, as a test would have it.
 *
 * The test binaries are linked so that their own objects' calls of getaddrinfo,
 * freeaddrinfo, getsockopt, accept and accept4, recv, send, sendmsg and
 * sendfile, the library's among them, come through here.  Each test is a
 * process of its own, so nothing need be put back.
 */
#ifndef TESTS_SUPPORT_NETWORK_H
#define TESTS_SUPPORT_NETWORK_H

#include <netdb.h>

/* In place of getaddrinfo, for any name, unless NULL.  The answer is the
   test's, and stays. */
extern int (*network_look_up)(const char *host, struct addrinfo **out);

/* How the next attempt to connect ends that did not end at once: an errno, or 0
   for what really comes of it. */
extern int network_outcome;

/* Why accept fails, each time, or 0 to let it; and how often it was called. */
extern int network_refusal;
extern int network_accepts;

/* Why whatever carries bytes fails, each time, or 0 to let it. */
extern int network_loss;

#endif
