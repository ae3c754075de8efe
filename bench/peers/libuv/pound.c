/*
 * Connections that are made, say two bytes, are answered, and closed: N of them
 * at any time, and each is followed by another.  Both ends in one loop.
 *
 *     pound KIND OPS N
 *
 * KIND is tcp or pipe.  In libuv's best idiom: one static buffer, and
 * uv_try_write, by which there are no requests to write.  Who asks has its
 * handles in place, who answers allocates them, as in libuv's own.
 */
#include "bench/peers/libuv/kind.h"

/* Who asks. */
struct asker {
    union end end;
    uv_connect_t connecting;
};

static uv_loop_t *loop;
static union end listener;
static uint64_t begun, most;      /* connections */
static uint64_t answered, closed; /* as who asks saw it, and who answers */
static char shared[BENCH_BUFFER]; /* each read is told before the next */

static void lend(uv_handle_t *h, size_t suggested, uv_buf_t *buf)
{
    (void)h;
    (void)suggested;
    *buf = uv_buf_init(shared, sizeof shared);
}

static void say(uv_stream_t *s, size_t n)
{
    uv_buf_t buf = uv_buf_init(shared, (unsigned)n);

    bench_require(uv_try_write(s, &buf, 1) == (int)n, "uv_try_write");
}

static void read_end(uv_stream_t *s, uv_read_cb read)
{
    bench_require(uv_read_start(s, lend, read) == 0, "uv_read_start");
}

/* ---- who answers ---- */

static void is_closed(uv_handle_t *h)
{
    free(h);
    if (++closed == most)
        uv_close(&listener.handle, NULL);
}

static void asked(uv_stream_t *s, ssize_t n, const uv_buf_t *buf)
{
    (void)buf;
    if (n > 0)
        say(s, (size_t)n);
    else if (n < 0)
        uv_close((uv_handle_t *)s, is_closed);
}

static void accepted(uv_stream_t *l, int status)
{
    union end *e = malloc(sizeof *e);

    bench_require(status == 0 && e != NULL, "accepting");
    accept_end(l, e);
    read_end(&e->stream, asked);
}

/* ---- who asks ---- */

static void begin(struct asker *a);

static void begin_again(uv_handle_t *h)
{
    begin((struct asker *)h);
}

static void told(uv_stream_t *s, ssize_t n, const uv_buf_t *buf)
{
    (void)buf;
    if (n == 0)
        return;
    bench_require(n == 2, "being answered");
    answered++;
    uv_close((uv_handle_t *)s, begin_again);
}

static void connected(uv_connect_t *c, int status)
{
    bench_require(status == 0, "connecting");
    read_end(c->handle, told);
    say(c->handle, 2);
}

static void begin(struct asker *a)
{
    if (begun == most)
        return;
    begun++;
    connect_end(loop, &a->end, &a->connecting, connected);
}

int main(int argc, char **argv)
{
    uint64_t i, n = bench_number(argc, argv, 3);
    struct asker *askers = calloc(n, sizeof *askers);
    struct bench b;

    most = bench_number(argc, argv, 2);
    bench_require(askers != NULL, "calloc");
    loop = uv_default_loop();
    listen_for(argv[1], loop, &listener, accepted);
    bench_start(&b);
    for (i = 0; i < n; i++)
        begin(&askers[i]);
    bench_require(uv_run(loop, UV_RUN_DEFAULT) == 0, "uv_run");
    bench_stop(&b);
    bench_require(answered == most && closed == most, "as many connections");
    bench_print(&b, most);
    return 0;
}
