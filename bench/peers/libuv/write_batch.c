/*
 * A great many small writes made at once: a request each, told of when it is
 * taken, as in libuv's own benchmark.
 *
 *     write_batch each OPS
 *
 * libuv writes each by itself, and uv_try_write would, too: what joins them is
 * Nagle's algorithm, which is on, as libuv leaves it.  The requests are touched
 * before the clock starts.
 */
#include <string.h>
#include <uv.h>

#include "bench/bench.h"
#include "bench/load/sink.h"

static char hello[] = "Hello, world.";
static uint64_t most, told; /* writes */
static uv_tcp_t peer;
static uv_write_t *requests;

static void written(uv_write_t *request, int status)
{
    (void)request;
    bench_require(status == 0, "writing");
    if (++told == most)
        uv_close((uv_handle_t *)&peer, NULL);
}

static void connected(uv_connect_t *c, int status)
{
    uv_buf_t buf = uv_buf_init(hello, sizeof hello - 1);
    uint64_t i;

    bench_require(status == 0, "connecting");
    for (i = 0; i < most; i++)
        bench_require(uv_write(&requests[i], c->handle, &buf, 1, written) == 0,
                      "uv_write");
}

int main(int argc, char **argv)
{
    uv_loop_t *loop = uv_default_loop();
    int listener = bench_listen(0);
    struct sockaddr_in at;
    uv_connect_t connecting;
    struct bench b;
    pid_t child;

    most = bench_number(argc, argv, 2);
    child = bench_fork(sink, listener, most * (sizeof hello - 1));
    requests = malloc(most * sizeof *requests);
    bench_require(requests != NULL, "malloc");
    memset(requests, 0, most * sizeof *requests);
    at = bench_loopback(bench_port(listener));
    bench_require(uv_tcp_init(loop, &peer) == 0, "uv_tcp_init");
    bench_start(&b);
    bench_require(uv_tcp_connect(&connecting, &peer, (struct sockaddr *)&at,
                                 connected) == 0,
                  "uv_tcp_connect");
    bench_require(uv_run(loop, UV_RUN_DEFAULT) == 0, "uv_run");
    bench_stop(&b);
    bench_require(told == most, "being told of every write");
    bench_reap(child);
    bench_print(&b, most);
    return 0;
}
