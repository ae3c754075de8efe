/*
 * Many bytes, written 64 KiB at a time and read as they come, over N
 * connections at once: one loop writes, another, in its own thread, reads.
 *
 *     pump KIND OPS N         OPS mebibytes in all
 *
 * KIND is tcp or pipe.  In libuv's best idiom: a request a connection, started
 * again when it is done, and one static buffer to read into.  libuv's own
 * benchmark writes 8 KiB at a time, which costs it more.
 */
#include "bench/peers/libuv/kind.h"

enum { CHUNK = 65536 };

/* Who writes. */
struct source {
    union end end;
    uv_connect_t connecting;
    uv_write_t writing;
};

static union end listener;
static uint64_t left;            /* chunks to be written */
static uint64_t sinks, received; /* who reads now, and bytes so far */
static char chunk[CHUNK], shared[CHUNK];

/* ---- who reads ---- */

static void lend(uv_handle_t *h, size_t suggested, uv_buf_t *buf)
{
    (void)h;
    (void)suggested;
    *buf = uv_buf_init(shared, sizeof shared);
}

static void is_closed(uv_handle_t *h)
{
    free(h);
    if (--sinks == 0)
        uv_close(&listener.handle, NULL);
}

static void came(uv_stream_t *s, ssize_t n, const uv_buf_t *buf)
{
    (void)buf;
    bench_require(n >= 0 || n == UV_EOF, "reading");
    if (n >= 0)
        received += (uint64_t)n;
    else
        uv_close((uv_handle_t *)s, is_closed);
}

static void accepted(uv_stream_t *l, int status)
{
    union end *e = malloc(sizeof *e);

    bench_require(status == 0 && e != NULL, "accepting");
    accept_end(l, e);
    bench_require(uv_read_start(&e->stream, lend, came) == 0, "uv_read_start");
}

/* ---- who writes ---- */

static void written(uv_write_t *request, int status);

static void write_chunk(struct source *s)
{
    uv_buf_t buf = uv_buf_init(chunk, sizeof chunk);

    if (left == 0) {
        uv_close(&s->end.handle, NULL);
        return;
    }
    left--;
    bench_require(uv_write(&s->writing, &s->end.stream, &buf, 1, written) == 0,
                  "uv_write");
}

static void written(uv_write_t *request, int status)
{
    bench_require(status == 0, "writing");
    write_chunk((struct source *)request->handle);
}

static void connected(uv_connect_t *c, int status)
{
    bench_require(status == 0, "connecting");
    write_chunk((struct source *)c->handle);
}

static void run(uv_loop_t *loop)
{
    bench_require(uv_run(loop, UV_RUN_DEFAULT) == 0, "uv_run");
}

static void drain(void *loop)
{
    bench_pin(1);
    run(loop);
}

int main(int argc, char **argv)
{
    uint64_t i, ops = bench_number(argc, argv, 2);
    uint64_t n = bench_number(argc, argv, 3);
    struct source *sources = calloc(n, sizeof *sources);
    uv_loop_t *here = uv_default_loop(), there;
    uv_thread_t other;
    struct bench b;

    left = ops * ((1 << 20) / CHUNK);
    sinks = n;
    bench_pin(0);
    bench_require(sources != NULL && uv_loop_init(&there) == 0, "starting");
    listen_for(argv[1], &there, &listener, accepted);
    bench_start(&b);
    bench_require(!uv_thread_create(&other, drain, &there), "uv_thread_create");
    for (i = 0; i < n; i++)
        connect_end(here, &sources[i].end, &sources[i].connecting, connected);
    run(here);
    bench_require(!uv_thread_join(&other), "uv_thread_join");
    bench_stop(&b);
    bench_require(received == ops << 20, "receiving every byte");
    bench_print(&b, ops);
    return 0;
}
