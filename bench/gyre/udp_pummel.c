/*
 * Datagrams from SENDERS sockets to RECEIVERS, one system call for each that is
 * sent and for each that is received.  By callbacks, in one loop.
 *
 *     udp_pummel OPS SENDERS RECEIVERS
 *
 * Each sender has one under way, and sends the next when that has arrived: so
 * no buffer ever overflows, and all arrive.
 */
#include "loop/loop.h"
#include "io/datagram.h"
#include "io/receiving.h"
#include "bench/datagram.h"

struct sender {
    struct gyre_datagrams socket;
    struct gyre_addr to;
    uint32_t sent;
};

struct receiver {
    struct gyre_datagrams socket;
    struct gyre_receiving receiving;
    struct gyre_addr at;
};

static struct gyre_loop *loop;
static struct sender *senders;
static uint32_t n_senders, *heard; /* by sender */
static uint64_t begun, arrived, most;
static char incoming[BENCH_BUFFER]; /* each is told before the next */

static void begin(struct sender *s)
{
    char note[BENCH_DATAGRAM] = {0};

    if (begun == most)
        return;
    begun++;
    bench_mark(note, (uint32_t)(s - senders), s->sent++);
    bench_require(gyre_send(&s->socket, note, sizeof note, &s->to, GYRE_NOW) ==
                      0,
                  "gyre_send");
}

static void received(struct gyre_receiving *r, ssize_t n,
                     const struct gyre_addr *from)
{
    (void)r;
    bench_require(n >= 0 && from->is.any.sa_family == AF_INET, "receiving");
    begin(&senders[bench_heard(incoming, (size_t)n, heard, n_senders)]);
    if (++arrived == most)
        gyre_loop_stop(loop);
}

static void open_socket(struct gyre_datagrams *d)
{
    struct gyre_addr any;

    bench_require(gyre_addr_parse(&any, "127.0.0.1", 0) == 0,
                  "gyre_addr_parse");
    bench_require(gyre_datagrams_open(d, loop, &any, NULL) == 0,
                  "gyre_datagrams_open");
}

static struct receiver *open_receivers(uint64_t n)
{
    struct receiver *receivers = calloc(n, sizeof *receivers);

    bench_require(receivers != NULL, "calloc");
    for (struct receiver *r = receivers; r < receivers + n; r++) {
        open_socket(&r->socket);
        bench_require(gyre_datagrams_local(&r->socket, &r->at) == 0,
                      "gyre_datagrams_local");
        r->receiving = (struct gyre_receiving){
            .received = received, .buf = incoming, .size = sizeof incoming};
        bench_require(gyre_receiving_start(&r->receiving, &r->socket) == 0,
                      "gyre_receiving_start");
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
    bench_require(gyre_loop_new(&loop) == 0, "gyre_loop_new");
    receivers = open_receivers(n_receivers);
    for (uint32_t i = 0; i < n_senders; i++) {
        open_socket(&senders[i].socket);
        senders[i].to = receivers[i % n_receivers].at;
    }
    bench_start(&b);
    for (uint32_t i = 0; i < n_senders; i++)
        begin(&senders[i]);
    bench_require(gyre_loop_run(loop) == 0, "gyre_loop_run");
    bench_stop(&b);
    bench_require(arrived == most, "receiving all");
    bench_print(&b, most);
    return 0;
}
