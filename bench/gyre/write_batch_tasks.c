/*
 * A great many small writes, by a task, which waits for each.
 *
 *     write_batch_tasks OPS
 *
 * Nagle's algorithm is on, as in write_batch.c.
 */
#include "task/run/run.h"
#include "io/stream.h"
#include "io/tcp.h"
#include "io/tcp_options.h"
#include "bench/bench.h"
#include "bench/load/sink.h"

static const char hello[] = "Hello, world.";
static uint64_t most;
static int listener;

static intptr_t write_all(void *arg)
{
    struct gyre_stream *s;
    int err = gyre_tcp_connect("127.0.0.1", (int)bench_port(listener), &s,
                               GYRE_FOREVER);

    (void)arg;
    if (err)
        return err;
    err = gyre_tcp_set_nodelay(s, false);
    for (uint64_t i = 0; err == 0 && i < most; i++)
        err = gyre_write(s, hello, sizeof hello - 1, GYRE_FOREVER);
    gyre_close(s);
    return err;
}

int main(int argc, char **argv)
{
    struct bench b;
    pid_t child;

    most = bench_number(argc, argv, 1);
    listener = bench_listen(0);
    child = bench_fork(sink, listener, most * (sizeof hello - 1));
    bench_start(&b);
    bench_require(gyre_run(write_all, NULL) == 0, "writing");
    bench_stop(&b);
    bench_reap(child);
    bench_print(&b, most);
    return 0;
}
