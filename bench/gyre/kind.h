/*
 * kind.h - connections of a kind that is told on the command line: "tcp", or
 * "pipe", which is what libuv calls a local socket.
 */
#ifndef BENCH_GYRE_KIND_H
#define BENCH_GYRE_KIND_H

#include <string.h>

#include "io/addr.h"
#include "io/tcp.h"
#include "io/unix.h"
#include "bench/bench.h"
#include "bench/place.h"

/* Listen on a free port of the loopback, or at a path: `*at` is where. */
static inline struct gyre_listener *
listen_for(const char *kind, struct gyre_loop *l, struct gyre_addr *at)
{
    struct gyre_listener *listener;
    int err;

    if (strcmp(kind, "pipe") == 0)
        err = gyre_addr_unix(at, bench_socket_path());
    else
        err = gyre_addr_parse(at, "127.0.0.1", 0);
    bench_require(err == 0, "finding a place to listen at");
    bench_require(gyre_tcp_listen_at(l, at, NULL, &listener) == 0,
                  "gyre_tcp_listen_at");
    bench_require(gyre_listener_addr(listener, at) == 0, "gyre_listener_addr");
    return listener;
}

#endif
