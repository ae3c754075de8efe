/*
 * kind.h - connections of a kind that is told on the command line: "tcp", or
 * "pipe", which is a local socket.
 */
#ifndef BENCH_LIBUV_KIND_H
#define BENCH_LIBUV_KIND_H

#include <stdbool.h>
#include <string.h>
#include <uv.h>

#include "bench/bench.h"
#include "bench/place.h"

/* One end of a connection, or who listens. */
union end {
    uv_handle_t handle;
    uv_stream_t stream;
    uv_tcp_t tcp;
    uv_pipe_t pipe;
};

static bool by_path;
static struct sockaddr_in listening; /* where, if not at a path */

static inline void make_end(uv_loop_t *loop, union end *e)
{
    int err =
        by_path ? uv_pipe_init(loop, &e->pipe, 0) : uv_tcp_init(loop, &e->tcp);

    bench_require(err == 0, "making an end");
}

/* Listen on a free port of the loopback, or at a path. */
static inline void listen_for(const char *kind, uv_loop_t *loop, union end *e,
                              uv_connection_cb accepted)
{
    int length = sizeof listening;

    by_path = strcmp(kind, "pipe") == 0;
    make_end(loop, e);
    listening = bench_loopback(0);
    bench_require(
        (by_path ? uv_pipe_bind(&e->pipe, bench_socket_path())
                 : uv_tcp_bind(&e->tcp, (struct sockaddr *)&listening, 0)) == 0,
        "binding");
    bench_require(uv_listen(&e->stream, 4096, accepted) == 0, "uv_listen");
    if (!by_path)
        bench_require(uv_tcp_getsockname(&e->tcp, (struct sockaddr *)&listening,
                                         &length) == 0,
                      "uv_tcp_getsockname");
}

/* Connect to who listens. */
static inline void connect_end(uv_loop_t *loop, union end *e, uv_connect_t *c,
                               uv_connect_cb connected)
{
    make_end(loop, e);
    if (by_path)
        uv_pipe_connect(c, &e->pipe, bench_socket_path(), connected);
    else
        bench_require(uv_tcp_connect(c, &e->tcp, (struct sockaddr *)&listening,
                                     connected) == 0,
                      "uv_tcp_connect");
}

/* The connection that `listener` has been told of. */
static inline void accept_end(uv_stream_t *listener, union end *e)
{
    make_end(listener->loop, e);
    bench_require(uv_accept(listener, &e->stream) == 0, "uv_accept");
}

#endif
