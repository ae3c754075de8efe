/*
 * Datagrams between PAIRS of sockets, many by one system call.
 *
 *     udp_batch OPS PAIRS
 *
 * Each sender has 64 under way, and sends as many more when they have arrived.
 * In libuv's best idiom: a handle made with UV_UDP_RECVMMSG, and a buffer for
 * the 20 that this takes at a time.  What is sent goes by uv_udp_try_send2, 20
 * at a time as well, for of more it leaves some out.  Before 1.50 there was
 * none, and it is queued by uv_udp_send: the first goes by itself, the others
 * when the loop comes by.
 */
#include <uv.h>

#include "bench/datagram.h"

enum { BATCH = 64, AT_ONCE = 20, ROOM = 65536 }; /* the last two are libuv's */

struct pair {
    uv_udp_t sender, receiver;
    struct sockaddr_in at; /* the receiver */
    char bytes[BATCH][BENCH_DATAGRAM];
    uv_udp_send_t requests[BATCH];
    uint32_t sent, heard;
};

static uv_loop_t *loop;
static char incoming[AT_ONCE * ROOM]; /* each batch is told before the next */
static uint64_t n_pairs, done;        /* of these */
static uint32_t most;                 /* datagrams of each */

static void mark_batch(struct pair *p)
{
    for (uint32_t i = 0; i < BATCH; i++)
        bench_mark(p->bytes[i], 0, p->sent++);
}

#if UV_VERSION_HEX >= 0x013200

static void send_batch(struct pair *p)
{
    uv_buf_t bytes[BATCH], *bufs[BATCH];
    unsigned one[BATCH];
    struct sockaddr *to[BATCH];

    mark_batch(p);
    for (int i = 0; i < BATCH; i++) {
        bytes[i] = uv_buf_init(p->bytes[i], BENCH_DATAGRAM);
        bufs[i] = &bytes[i];
        one[i] = 1;
        to[i] = (struct sockaddr *)&p->at;
    }
    for (int i = 0, n; i < BATCH; i += n) {
        unsigned some = BATCH - i < AT_ONCE ? BATCH - i : AT_ONCE;

        n = uv_udp_try_send2(&p->sender, some, bufs + i, one + i, to + i, 0);
        bench_require(n > 0, "uv_udp_try_send2");
    }
}

#else

static void sent(uv_udp_send_t *request, int status)
{
    (void)request;
    bench_require(status == 0, "sending");
}

static void send_batch(struct pair *p)
{
    mark_batch(p);
    for (int i = 0; i < BATCH; i++) {
        uv_buf_t buf = uv_buf_init(p->bytes[i], BENCH_DATAGRAM);

        bench_require(uv_udp_send(&p->requests[i], &p->sender, &buf, 1,
                                  (struct sockaddr *)&p->at, sent) == 0,
                      "uv_udp_send");
    }
}

#endif

static void lend(uv_handle_t *h, size_t suggested, uv_buf_t *buf)
{
    (void)h;
    (void)suggested;
    *buf = uv_buf_init(incoming, sizeof incoming);
}

static void received(uv_udp_t *h, ssize_t n, const uv_buf_t *buf,
                     const struct sockaddr *from, unsigned flags)
{
    struct pair *p = h->data;

    (void)flags;
    if (n == 0 && from == NULL)
        return; /* there is no more */
    bench_require(n >= 0, "receiving");
    (void)bench_heard(buf->base, (size_t)n, &p->heard, 1);
    if (p->heard == most) {
        if (++done == n_pairs)
            uv_stop(loop);
    } else if (p->heard % BATCH == 0) {
        send_batch(p);
    }
}

static void open_pair(struct pair *p)
{
    struct sockaddr_in any = bench_loopback(0);
    int length = sizeof p->at;

    bench_require(
        uv_udp_init_ex(loop, &p->receiver, AF_INET | UV_UDP_RECVMMSG) == 0 &&
            uv_udp_init(loop, &p->sender) == 0,
        "uv_udp_init");
    bench_require(uv_udp_bind(&p->receiver, (struct sockaddr *)&any, 0) == 0 &&
                      uv_udp_bind(&p->sender, (struct sockaddr *)&any, 0) == 0,
                  "uv_udp_bind");
    bench_require(uv_udp_getsockname(&p->receiver, (struct sockaddr *)&p->at,
                                     &length) == 0,
                  "uv_udp_getsockname");
    p->receiver.data = p;
    bench_require(uv_udp_recv_start(&p->receiver, lend, received) == 0,
                  "uv_udp_recv_start");
}

int main(int argc, char **argv)
{
    uint64_t ops = bench_number(argc, argv, 1);
    struct pair *pairs;
    struct bench b;

    n_pairs = bench_number(argc, argv, 2);
    most = (uint32_t)(ops / n_pairs / BATCH * BATCH);
    pairs = calloc(n_pairs, sizeof *pairs);
    bench_require(pairs != NULL && most > 0, "so many pairs");
    loop = uv_default_loop();
    for (uint64_t i = 0; i < n_pairs; i++)
        open_pair(&pairs[i]);
    bench_start(&b);
    for (uint64_t i = 0; i < n_pairs; i++)
        send_batch(&pairs[i]);
    (void)uv_run(loop, UV_RUN_DEFAULT);
    bench_stop(&b);
    bench_require(done == n_pairs, "receiving all");
    bench_print(&b, n_pairs * most);
    return 0;
}
