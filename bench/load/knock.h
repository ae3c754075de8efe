/*
 * knock.h - who connects to the program, and is hung up on, again and again.
 */
#ifndef BENCH_LOAD_KNOCK_H
#define BENCH_LOAD_KNOCK_H

#include "bench/child.h"

enum { KNOCK_AT_ONCE = 40 }; /* connections that wait, as in libuv's own */

static inline int knock_once(unsigned port)
{
    struct sockaddr_in to = bench_loopback(port);
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    bench_require(fd >= 0, "socket");
    bench_require(!connect(fd, (struct sockaddr *)&to, sizeof to), "connect");
    return fd;
}

/* For bench_fork: make `n` connections, each of which the other side ends. */
static void knock(int listener, uint64_t n)
{
    unsigned port = bench_port(listener);
    int fds[KNOCK_AT_ONCE];
    char none;

    for (uint64_t i = 0; i < n + KNOCK_AT_ONCE; i++) {
        int *fd = &fds[i % KNOCK_AT_ONCE];

        if (i >= KNOCK_AT_ONCE && i - KNOCK_AT_ONCE < n) {
            bench_require(read(*fd, &none, 1) == 0, "being hung up on");
            close(*fd);
        }
        if (i < n)
            *fd = knock_once(port);
    }
}

#endif
