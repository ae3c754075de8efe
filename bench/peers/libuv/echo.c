/*
 * TCP echo in libuv's best idiom: one static buffer for every read (the
 * callback runs before the next read, so it can be shared), and uv_try_write in
 * the read callback, which saves the request, its queue and its callback.  Only
 * what the kernel did not take at once is copied and queued.
 *
 *     echo PORT
 */
#include <string.h>
#include <uv.h>

#include "bench/bench.h"

static char shared[BENCH_BUFFER];

/* The rest of an echo, with its bytes behind it. */
struct rest {
    uv_write_t request;
    char bytes[];
};

static void closed(uv_handle_t *h)
{
    free(h);
}

static void lend(uv_handle_t *h, size_t suggested, uv_buf_t *buf)
{
    (void)h;
    (void)suggested;
    *buf = uv_buf_init(shared, sizeof shared);
}

static void written(uv_write_t *request, int status)
{
    uv_handle_t *h = (uv_handle_t *)request->handle;

    free(request);
    if (status < 0 && !uv_is_closing(h))
        uv_close(h, closed);
}

static void queue(uv_stream_t *s, const char *bytes, size_t n)
{
    struct rest *rest = malloc(sizeof *rest + n);
    uv_buf_t buf;

    bench_require(rest != NULL, "malloc");
    memcpy(rest->bytes, bytes, n);
    buf = uv_buf_init(rest->bytes, (unsigned)n);
    bench_require(uv_write(&rest->request, s, &buf, 1, written) == 0,
                  "uv_write");
}

/* uv_try_write says UV_EAGAIN while a rest is queued, which keeps the order. */
static void echo(uv_stream_t *s, ssize_t n, const uv_buf_t *lent)
{
    uv_buf_t buf;
    int sent;

    if (n < 0) {
        uv_close((uv_handle_t *)s, closed);
        return;
    }
    if (n == 0)
        return;
    buf = uv_buf_init(lent->base, (unsigned)n);
    sent = uv_try_write(s, &buf, 1);
    if (sent == UV_EAGAIN)
        sent = 0;
    if (sent < 0)
        uv_close((uv_handle_t *)s, closed);
    else if (sent < n)
        queue(s, lent->base + sent, (size_t)(n - sent));
}

static void accepted(uv_stream_t *listener, int status)
{
    uv_tcp_t *peer = malloc(sizeof *peer);

    bench_require(status == 0 && peer != NULL, "accepting");
    bench_require(uv_tcp_init(listener->loop, peer) == 0, "uv_tcp_init");
    bench_require(uv_accept(listener, (uv_stream_t *)peer) == 0, "uv_accept");
    (void)uv_tcp_nodelay(peer, 1);
    bench_require(uv_read_start((uv_stream_t *)peer, lend, echo) == 0,
                  "uv_read_start");
}

int main(int argc, char **argv)
{
    int port = (int)bench_number(argc, argv, 1);
    uv_loop_t *loop = uv_default_loop();
    struct sockaddr_in at;
    uv_tcp_t listener;

    bench_require(uv_ip4_addr("127.0.0.1", port, &at) == 0, "uv_ip4_addr");
    bench_require(uv_tcp_init(loop, &listener) == 0, "uv_tcp_init");
    bench_require(uv_tcp_bind(&listener, (struct sockaddr *)&at, 0) == 0,
                  "uv_tcp_bind");
    bench_require(uv_listen((uv_stream_t *)&listener, 4096, accepted) == 0,
                  "uv_listen");
    return uv_run(loop, UV_RUN_DEFAULT);
}
