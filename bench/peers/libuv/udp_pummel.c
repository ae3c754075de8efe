/*
 * Datagrams from SENDERS sockets to RECEIVERS, one system call for each that is
 * sent and for each that is received, in one loop.
 *
 *     udp_pummel OPS SENDERS RECEIVERS
 *
 * Each sender has one under way, and sends the next when that has arrived: so
 * no buffer ever overflows, and all arrive.  In libuv's best idiom:
 * uv_udp_try_send, so that there are no requests and no callbacks for these,
 * and one static buffer.
 */
#include <uv.h>

#include "bench/datagram.h"

struct sender {
    uv_udp_t socket;
    struct sockaddr_in to;
    uint32_t sent;
};

struct receiver {
    uv_udp_t socket;
    struct sockaddr_in at;
};

static uv_loop_t *loop;
static struct sender *senders;
static uint32_t n_senders, *heard; /* by sender */
static uint64_t begun, arrived, most;
static char incoming[BENCH_BUFFER]; /* each is told before the next */

static void begin(struct sender *s)
{
    char note[BENCH_DATAGRAM] = {0};
    uv_buf_t buf = uv_buf_init(note, sizeof note);

    if (begun == most)
        return;
    begun++;
    bench_mark(note, (uint32_t)(s - senders), s->sent++);
    bench_require(uv_udp_try_send(&s->socket, &buf, 1,
                                  (struct sockaddr *)&s->to) == sizeof note,
                  "uv_udp_try_send");
}

static void lend(uv_handle_t *h, size_t suggested, uv_buf_t *buf)
{
    (void)h;
    (void)suggested;
    *buf = uv_buf_init(incoming, sizeof incoming);
}

static void received(uv_udp_t *h, ssize_t n, const uv_buf_t *buf,
                     const struct sockaddr *from, unsigned flags)
{
    (void)h;
    (void)flags;
    if (n == 0 && from == NULL)
        return; /* there is no more */
    bench_require(n >= 0 && from->sa_family == AF_INET, "receiving");
    begin(&senders[bench_heard(buf->base, (size_t)n, heard, n_senders)]);
    if (++arrived == most)
        uv_stop(loop);
}

static void open_socket(uv_udp_t *h)
{
    struct sockaddr_in any = bench_loopback(0);

    bench_require(uv_udp_init(loop, h) == 0, "uv_udp_init");
    bench_require(uv_udp_bind(h, (struct sockaddr *)&any, 0) == 0,
                  "uv_udp_bind");
}

static struct receiver *open_receivers(uint64_t n)
{
    struct receiver *receivers = calloc(n, sizeof *receivers);

    bench_require(receivers != NULL, "calloc");
    for (struct receiver *r = receivers; r < receivers + n; r++) {
        int length = sizeof r->at;

        open_socket(&r->socket);
        bench_require(uv_udp_getsockname(&r->socket, (struct sockaddr *)&r->at,
                                         &length) == 0,
                      "uv_udp_getsockname");
        bench_require(uv_udp_recv_start(&r->socket, lend, received) == 0,
                      "uv_udp_recv_start");
    }
    return receivers;
}

int main(int argc, char **argv)
{
    uint64_t n_receivers = bench_number(argc, argv, 3);
    struct receiver *receivers;
    struct bench b;

    most = bench_number(argc, argv, 1);
    n_senders = (uint32_t)bench_number(argc, argv, 2);
    senders = calloc(n_senders, sizeof *senders);
    heard = calloc(n_senders, sizeof *heard);
    bench_require(senders != NULL && heard != NULL, "calloc");
    loop = uv_default_loop();
    receivers = open_receivers(n_receivers);
    for (uint32_t i = 0; i < n_senders; i++) {
        open_socket(&senders[i].socket);
        senders[i].to = receivers[i % n_receivers].at;
    }
    bench_start(&b);
    for (uint32_t i = 0; i < n_senders; i++)
        begin(&senders[i]);
    (void)uv_run(loop, UV_RUN_DEFAULT);
    bench_stop(&b);
    bench_require(arrived == most, "receiving all");
    bench_print(&b, most);
    return 0;
}
