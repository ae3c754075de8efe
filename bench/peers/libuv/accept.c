/*
 * Connections accepted and closed, in N loops that share one socket, each in a
 * thread of its own.
 *
 *     accept OPS N
 *
 * libuv's own benchmark sends the socket to the loops through a pipe, for which
 * a descriptor that is opened by each does as well.  A handle is allocated for
 * each connection, as there.
 */
#include <stdatomic.h>
#include <uv.h>

#include "bench/bench.h"
#include "bench/load/knock.h"

struct door {
    uv_loop_t loop;
    uv_tcp_t listener;
    uv_async_t shut; /* from the main thread, when all is over */
    uv_thread_t thread;
};

static _Atomic uint64_t taken;

static void is_closed(uv_handle_t *h)
{
    free(h);
}

static void accepted(uv_stream_t *listener, int status)
{
    uv_tcp_t *peer = malloc(sizeof *peer);

    bench_require(status == 0 && peer != NULL, "accepting");
    bench_require(uv_tcp_init(listener->loop, peer) == 0, "uv_tcp_init");
    bench_require(uv_accept(listener, (uv_stream_t *)peer) == 0, "uv_accept");
    uv_close((uv_handle_t *)peer, is_closed);
    atomic_fetch_add_explicit(&taken, 1, memory_order_relaxed);
}

static void shut(uv_async_t *a)
{
    struct door *d = a->data;

    uv_close((uv_handle_t *)&d->listener, NULL);
    uv_close((uv_handle_t *)&d->shut, NULL);
}

static void serve(void *arg)
{
    struct door *d = arg;

    bench_require(uv_run(&d->loop, UV_RUN_DEFAULT) == 0, "uv_run");
}

static void open_door(struct door *d, int listener)
{
    bench_require(uv_loop_init(&d->loop) == 0, "uv_loop_init");
    bench_require(uv_async_init(&d->loop, &d->shut, shut) == 0,
                  "uv_async_init");
    d->shut.data = d;
    bench_require(uv_tcp_init(&d->loop, &d->listener) == 0, "uv_tcp_init");
    bench_require(uv_tcp_open(&d->listener, dup(listener)) == 0, "uv_tcp_open");
    bench_require(uv_listen((uv_stream_t *)&d->listener, SOMAXCONN, accepted) ==
                      0,
                  "uv_listen");
    bench_require(!uv_thread_create(&d->thread, serve, d), "uv_thread_create");
}

static void close_door(struct door *d)
{
    (void)uv_async_send(&d->shut);
    bench_require(!uv_thread_join(&d->thread), "uv_thread_join");
}

int main(int argc, char **argv)
{
    uint64_t ops = bench_number(argc, argv, 1);
    uint64_t i, n = bench_number(argc, argv, 2);
    struct door *doors = calloc(n, sizeof *doors);
    int listener = bench_listen(0);
    pid_t child = bench_fork(knock, listener, ops);
    struct bench b;

    bench_require(doors != NULL, "calloc");
    bench_start(&b);
    for (i = 0; i < n; i++) {
        bench_pin((int)i); /* which the thread inherits */
        open_door(&doors[i], listener);
    }
    bench_reap(child);
    for (i = 0; i < n; i++)
        close_door(&doors[i]);
    bench_stop(&b);
    bench_require(taken == ops, "accepting every connection");
    bench_print(&b, ops);
    return 0;
}
