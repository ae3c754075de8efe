/*
 * Datagrams to a socket that sends each back to whom it is from, from N sockets
 * that each have one under way.  By callbacks, in one loop.
 *
 *     udp_ping OPS N
 */
#include "loop/list.h"
#include "loop/loop.h"
#include "io/datagram.h"
#include "io/receiving.h"
#include "bench/datagram.h"

struct end {
    struct gyre_datagrams socket;
    struct gyre_receiving receiving;
    uint32_t sent;
};

static struct gyre_loop *loop;
static struct end server, *pingers;
static struct gyre_addr at;        /* the server */
static uint32_t n_pingers, *heard; /* by pinger */
static uint64_t begun, done, most;
static char shared[BENCH_BUFFER]; /* each is told before the next */

static void say(struct end *e, const char *bytes, const struct gyre_addr *to)
{
    bench_require(gyre_send(&e->socket, bytes, BENCH_DATAGRAM, to, GYRE_NOW) ==
                      0,
                  "gyre_send");
}

static void ping(struct end *e)
{
    char note[BENCH_DATAGRAM] = {0};

    if (begun == most)
        return;
    begun++;
    bench_mark(note, (uint32_t)(e - pingers), e->sent++);
    say(e, note, &at);
}

static void pinged(struct gyre_receiving *r, ssize_t n,
                   const struct gyre_addr *from)
{
    (void)r;
    bench_require(n == BENCH_DATAGRAM, "receiving a ping");
    say(&server, shared, from);
}

static void ponged(struct gyre_receiving *r, ssize_t n,
                   const struct gyre_addr *from)
{
    struct end *e = GYRE_OWNER(r, struct end, receiving);

    (void)from;
    bench_require(n >= 0, "receiving a pong");
    bench_require(bench_heard(shared, (size_t)n, heard, n_pingers) ==
                      e - pingers,
                  "receiving one's own");
    if (++done == most)
        gyre_loop_stop(loop);
    ping(e);
}

static void open_end(struct end *e,
                     void (*received)(struct gyre_receiving *r, ssize_t n,
                                      const struct gyre_addr *from))
{
    struct gyre_addr any;

    bench_require(gyre_addr_parse(&any, "127.0.0.1", 0) == 0,
                  "gyre_addr_parse");
    bench_require(gyre_datagrams_open(&e->socket, loop, &any, NULL) == 0,
                  "gyre_datagrams_open");
    e->receiving = (struct gyre_receiving){
        .received = received, .buf = shared, .size = sizeof shared};
    bench_require(gyre_receiving_start(&e->receiving, &e->socket) == 0,
                  "gyre_receiving_start");
}

int main(int argc, char **argv)
{
    struct bench b;

    most = bench_number(argc, argv, 1);
    n_pingers = (uint32_t)bench_number(argc, argv, 2);
    pingers = calloc(n_pingers, sizeof *pingers);
    heard = calloc(n_pingers, sizeof *heard);
    bench_require(pingers != NULL && heard != NULL, "calloc");
    bench_require(gyre_loop_new(&loop) == 0, "gyre_loop_new");
    open_end(&server, pinged);
    bench_require(gyre_datagrams_local(&server.socket, &at) == 0,
                  "gyre_datagrams_local");
    for (uint32_t i = 0; i < n_pingers; i++)
        open_end(&pingers[i], ponged);
    bench_start(&b);
    for (uint32_t i = 0; i < n_pingers; i++)
        ping(&pingers[i]);
    bench_require(gyre_loop_run(loop) == 0, "gyre_loop_run");
    bench_stop(&b);
    bench_require(done == most, "as many pongs");
    bench_print(&b, most);
    return 0;
}
