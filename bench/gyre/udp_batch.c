/*
 * Datagrams between PAIRS of sockets, 64 by one system call.  By a task for
 * each socket, as only tasks receive many at once.
 *
 *     udp_batch OPS PAIRS
 *
 * Each sender has 64 under way, and sends as many more when they have arrived.
 */
#include "task/run/run.h"
#include "task/scope.h"
#include "task/sync/semaphore.h"
#include "task/task.h"
#include "io/datagram.h"
#include "bench/datagram.h"

enum { BATCH = 64 };

/* One end: where its datagrams are. */
struct end {
    struct gyre_datagrams socket;
    char bytes[BATCH][BENCH_DATAGRAM];
    struct gyre_datagram batch[BATCH];
};

struct pair {
    struct end sender, receiver;
    struct gyre_addr at;       /* the receiver */
    struct gyre_semaphore may; /* send a batch */
    uint32_t heard;
};

static struct pair *pairs;
static uint64_t n_pairs, batches; /* of each */

static intptr_t send_all(void *arg)
{
    struct pair *p = arg;
    struct end *e = &p->sender;
    int err = 0;

    for (uint32_t sent = 0; err == 0 && sent < batches * BATCH; sent += BATCH) {
        for (uint32_t i = 0; i < BATCH; i++)
            bench_mark(e->bytes[i], 0, sent + i);
        err = gyre_semaphore_acquire(&p->may, 1, GYRE_FOREVER);
        for (int n = 0; err == 0 && n < BATCH;) {
            int more = gyre_send_many(&e->socket, e->batch + n, BATCH - n,
                                      GYRE_FOREVER);

            n += more;
            err = more < 0 ? more : 0;
        }
    }
    return err;
}

static intptr_t receive_all(void *arg)
{
    struct pair *p = arg;
    struct end *e = &p->receiver;

    while (p->heard < batches * BATCH) {
        int n = gyre_receive_many(&e->socket, e->batch, BATCH, GYRE_FOREVER);

        if (n < 0)
            return n;
        for (int i = 0; i < n; i++) {
            (void)bench_heard(e->bytes[i], e->batch[i].length, &p->heard, 1);
            if (p->heard % BATCH == 0)
                gyre_semaphore_release(&p->may, 1);
        }
    }
    return 0;
}

static void open_end(struct end *e, const struct gyre_addr *to)
{
    struct gyre_addr any;

    bench_require(gyre_addr_parse(&any, "127.0.0.1", 0) == 0 &&
                      gyre_datagrams_open(&e->socket, gyre_loop_current(), &any,
                                          NULL) == 0,
                  "opening a socket");
    for (int i = 0; i < BATCH; i++) {
        e->batch[i].bytes = e->bytes[i];
        e->batch[i].size = BENCH_DATAGRAM;
        if (to != NULL)
            e->batch[i].addr = *to;
    }
}

static void open_pair(struct pair *p)
{
    open_end(&p->receiver, NULL);
    bench_require(gyre_datagrams_local(&p->receiver.socket, &p->at) == 0,
                  "gyre_datagrams_local");
    open_end(&p->sender, &p->at);
    p->may.permits = 1;
}

static intptr_t pummel(void *arg)
{
    struct gyre_scope scope;
    struct bench b;
    intptr_t err;

    (void)arg;
    for (uint64_t i = 0; i < n_pairs; i++)
        open_pair(&pairs[i]);
    bench_start(&b);
    gyre_scope_open(&scope, GYRE_FOREVER);
    for (uint64_t i = 0; i < n_pairs; i++) {
        gyre_spawn(&scope, NULL, receive_all, &pairs[i]);
        gyre_spawn(&scope, NULL, send_all, &pairs[i]);
    }
    err = gyre_scope_close(&scope, 0);
    bench_stop(&b);
    bench_print(&b, n_pairs * batches * BATCH);
    for (uint64_t i = 0; i < n_pairs; i++) {
        gyre_datagrams_close(&pairs[i].sender.socket);
        gyre_datagrams_close(&pairs[i].receiver.socket);
    }
    return err;
}

int main(int argc, char **argv)
{
    uint64_t ops = bench_number(argc, argv, 1);

    n_pairs = bench_number(argc, argv, 2);
    batches = ops / n_pairs / BATCH;
    pairs = calloc(n_pairs, sizeof *pairs);
    bench_require(pairs != NULL && batches > 0, "so many pairs");
    bench_require(gyre_run(pummel, NULL) == 0, "pummelling");
    return 0;
}
