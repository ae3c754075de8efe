/*
 * Datagrams to a socket that sends each back to whom it is from, from N sockets
 * that each have one under way, in one loop.
 *
 *     udp_ping OPS N
 *
 * In libuv's best idiom: uv_udp_try_send, and one static buffer.
 */
#include <uv.h>

#include "bench/datagram.h"

struct end {
    uv_udp_t socket; /* first, so that it is the end */
    uint32_t sent;
};

static uv_loop_t *loop;
static struct end server, *pingers;
static struct sockaddr_in at;      /* the server */
static uint32_t n_pingers, *heard; /* by pinger */
static uint64_t begun, done, most;
static char shared[BENCH_BUFFER]; /* each is told before the next */

static void say(struct end *e, char *bytes, const struct sockaddr *to)
{
    uv_buf_t buf = uv_buf_init(bytes, BENCH_DATAGRAM);

    bench_require(uv_udp_try_send(&e->socket, &buf, 1, to) == BENCH_DATAGRAM,
                  "uv_udp_try_send");
}

static void ping(struct end *e)
{
    char note[BENCH_DATAGRAM] = {0};

    if (begun == most)
        return;
    begun++;
    bench_mark(note, (uint32_t)(e - pingers), e->sent++);
    say(e, note, (struct sockaddr *)&at);
}

static void lend(uv_handle_t *h, size_t suggested, uv_buf_t *buf)
{
    (void)h;
    (void)suggested;
    *buf = uv_buf_init(shared, sizeof shared);
}

static void pinged(uv_udp_t *h, ssize_t n, const uv_buf_t *buf,
                   const struct sockaddr *from, unsigned flags)
{
    (void)h;
    (void)flags;
    if (n == 0 && from == NULL)
        return; /* there is no more */
    bench_require(n == BENCH_DATAGRAM, "receiving a ping");
    say(&server, buf->base, from);
}

static void ponged(uv_udp_t *h, ssize_t n, const uv_buf_t *buf,
                   const struct sockaddr *from, unsigned flags)
{
    struct end *e = (struct end *)h;

    (void)flags;
    if (n == 0 && from == NULL)
        return;
    bench_require(n >= 0, "receiving a pong");
    bench_require(bench_heard(buf->base, (size_t)n, heard, n_pingers) ==
                      e - pingers,
                  "receiving one's own");
    if (++done == most)
        uv_stop(loop);
    ping(e);
}

static void open_end(struct end *e, uv_udp_recv_cb received)
{
    struct sockaddr_in any = bench_loopback(0);

    bench_require(uv_udp_init(loop, &e->socket) == 0, "uv_udp_init");
    bench_require(uv_udp_bind(&e->socket, (struct sockaddr *)&any, 0) == 0,
                  "uv_udp_bind");
    bench_require(uv_udp_recv_start(&e->socket, lend, received) == 0,
                  "uv_udp_recv_start");
}

int main(int argc, char **argv)
{
    int length = sizeof at;
    struct bench b;

    most = bench_number(argc, argv, 1);
    n_pingers = (uint32_t)bench_number(argc, argv, 2);
    pingers = calloc(n_pingers, sizeof *pingers);
    heard = calloc(n_pingers, sizeof *heard);
    bench_require(pingers != NULL && heard != NULL, "calloc");
    loop = uv_default_loop();
    open_end(&server, pinged);
    bench_require(uv_udp_getsockname(&server.socket, (struct sockaddr *)&at,
                                     &length) == 0,
                  "uv_udp_getsockname");
    for (uint32_t i = 0; i < n_pingers; i++)
        open_end(&pingers[i], ponged);
    bench_start(&b);
    for (uint32_t i = 0; i < n_pingers; i++)
        ping(&pingers[i]);
    (void)uv_run(loop, UV_RUN_DEFAULT);
    bench_stop(&b);
    bench_require(done == most, "as many pongs");
    bench_print(&b, most);
    return 0;
}
