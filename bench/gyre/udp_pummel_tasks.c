/*
 * The same as udp_pummel.c, by a task for each socket.
 *
 *     udp_pummel_tasks OPS SENDERS RECEIVERS
 */
#include "task/run/run.h"
#include "task/scope.h"
#include "task/sync/semaphore.h"
#include "task/task.h"
#include "io/datagram.h"
#include "bench/datagram.h"

struct sender {
    struct gyre_datagrams socket;
    struct gyre_addr to;
    struct gyre_semaphore may; /* send another */
};

struct receiver {
    struct gyre_datagrams socket;
    struct gyre_addr at;
    uint64_t to_come;
};

static struct sender *senders;
static struct receiver *receivers;
static uint32_t n_senders, n_receivers, *heard; /* by sender */
static uint64_t each;                           /* datagrams of a sender */

static intptr_t send_all(void *arg)
{
    struct sender *s = arg;
    char note[BENCH_DATAGRAM] = {0};
    int err = 0;

    for (uint32_t i = 0; err == 0 && i < each; i++) {
        bench_mark(note, (uint32_t)(s - senders), i);
        err = gyre_semaphore_acquire(&s->may, 1, GYRE_FOREVER);
        if (err == 0)
            err =
                gyre_send(&s->socket, note, sizeof note, &s->to, GYRE_FOREVER);
    }
    return err;
}

static intptr_t receive_all(void *arg)
{
    struct receiver *r = arg;
    char buf[BENCH_DATAGRAM + 1];
    struct gyre_addr from;

    for (; r->to_come > 0; r->to_come--) {
        ssize_t n =
            gyre_receive(&r->socket, buf, sizeof buf, &from, GYRE_FOREVER);

        if (n < 0)
            return n;
        gyre_semaphore_release(
            &senders[bench_heard(buf, (size_t)n, heard, n_senders)].may, 1);
    }
    return 0;
}

static void open_sockets(void)
{
    struct gyre_loop *l = gyre_loop_current();
    uint32_t n = n_receivers;
    struct gyre_addr any;

    bench_require(n > 0, "finding a receiver");
    bench_require(gyre_addr_parse(&any, "127.0.0.1", 0) == 0,
                  "gyre_addr_parse");
    for (uint32_t i = 0; i < n_receivers; i++)
        bench_require(
            gyre_datagrams_open(&receivers[i].socket, l, &any, NULL) == 0 &&
                gyre_datagrams_local(&receivers[i].socket, &receivers[i].at) ==
                    0,
            "opening a receiver");
    for (uint32_t i = 0; i < n_senders; i++) {
        struct receiver *to = &receivers[i % n];

        bench_require(gyre_datagrams_open(&senders[i].socket, l, &any, NULL) ==
                          0,
                      "opening a sender");
        senders[i].to = to->at;
        senders[i].may.permits = 1;
        to->to_come += each;
    }
}

static intptr_t pummel(void *arg)
{
    struct gyre_scope scope;
    struct bench b;
    intptr_t err;

    (void)arg;
    open_sockets();
    bench_start(&b);
    gyre_scope_open(&scope, GYRE_FOREVER);
    for (uint32_t i = 0; i < n_receivers; i++)
        gyre_spawn(&scope, NULL, receive_all, &receivers[i]);
    for (uint32_t i = 0; i < n_senders; i++)
        gyre_spawn(&scope, NULL, send_all, &senders[i]);
    err = gyre_scope_close(&scope, 0);
    bench_stop(&b);
    bench_print(&b, each * n_senders);
    for (uint32_t i = 0; i < n_receivers; i++)
        gyre_datagrams_close(&receivers[i].socket);
    for (uint32_t i = 0; i < n_senders; i++)
        gyre_datagrams_close(&senders[i].socket);
    return err;
}

int main(int argc, char **argv)
{
    uint64_t ops = bench_number(argc, argv, 1);

    n_senders = (uint32_t)bench_number(argc, argv, 2);
    n_receivers = (uint32_t)bench_number(argc, argv, 3);
    each = ops / n_senders;
    senders = calloc(n_senders, sizeof *senders);
    receivers = calloc(n_receivers, sizeof *receivers);
    heard = calloc(n_senders, sizeof *heard);
    bench_require(senders != NULL && receivers != NULL && heard != NULL,
                  "calloc");
    bench_require(each > 0 && gyre_run(pummel, NULL) == 0, "pummelling");
    return 0;
}
