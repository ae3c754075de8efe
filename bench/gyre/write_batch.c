/*
 * A great many small writes made at once, by callbacks.
 *
 *     write_batch each OPS       a writing each, told of when it is taken
 *     write_batch gathered OPS   put into a writer, which copies them
 *
 * Nagle's algorithm is on, as libuv leaves it: it joins in the system what was
 * not sent yet.
 */
#include <string.h>

#include "loop/loop.h"
#include "io/connecting.h"
#include "io/stream.h"
#include "io/tcp.h"
#include "io/tcp_options.h"
#include "io/writer.h"
#include "io/writing.h"
#include "bench/bench.h"
#include "bench/load/sink.h"

static const char hello[] = "Hello, world.";
static const struct iovec piece = {(void *)hello, sizeof hello - 1};

static uint64_t most, told; /* writes */
static struct gyre_stream *stream;
static struct gyre_writing *writings;
static struct gyre_writer writer;

static void written(struct gyre_writing *w, int err)
{
    (void)w;
    bench_require(err == 0, "writing");
    if (++told == most)
        gyre_close(stream);
}

static void write_each(void)
{
    for (uint64_t i = 0; i < most; i++)
        gyre_writing_start(&writings[i], stream, &piece, 1);
}

static void drained(struct gyre_writer *w)
{
    told = most;
    gyre_writer_close(w);
    gyre_close(stream);
}

static void write_gathered(void)
{
    writer = (struct gyre_writer){.high = 1, .low = 0, .drained = drained};
    gyre_writer_open(&writer, stream);
    for (uint64_t i = 0; i < most; i++)
        bench_require(gyre_writer_put(&writer, hello, sizeof hello - 1) == 0,
                      "gyre_writer_put");
}

static void connected(struct gyre_connecting *c, struct gyre_stream *s, int err)
{
    (void)c;
    bench_require(err == 0, "connecting");
    bench_require(gyre_tcp_set_nodelay(s, false) == 0, "gyre_tcp_set_nodelay");
    stream = s;
    if (writings != NULL)
        write_each();
    else
        write_gathered();
}

/* Touched before the clock starts, as in libuv's. */
static void make_writings(void)
{
    writings = malloc(most * sizeof *writings);
    bench_require(writings != NULL, "malloc");
    memset(writings, 0, most * sizeof *writings);
    for (uint64_t i = 0; i < most; i++)
        writings[i].written = written;
}

int main(int argc, char **argv)
{
    struct gyre_connecting connecting = {.connected = connected};
    int listener = bench_listen(0);
    struct gyre_loop *loop;
    struct gyre_addr at;
    struct bench b;
    pid_t child;

    most = bench_number(argc, argv, 2);
    child = bench_fork(sink, listener, most * (sizeof hello - 1));
    if (strcmp(argv[1], "each") == 0)
        make_writings();
    bench_require(gyre_loop_new(&loop) == 0, "gyre_loop_new");
    bench_require(
        gyre_addr_parse(&at, "127.0.0.1", (int)bench_port(listener)) == 0,
        "gyre_addr_parse");
    bench_start(&b);
    bench_require(gyre_connecting_start(&connecting, loop, &at) == 0,
                  "gyre_connecting_start");
    bench_require(gyre_loop_run(loop) == 0, "gyre_loop_run");
    bench_stop(&b);
    bench_require(told == most, "being told of every write");
    bench_reap(child);
    bench_print(&b, most);
    return 0;
}
