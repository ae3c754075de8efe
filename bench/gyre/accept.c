/*
 * Connections accepted and closed, by callbacks, in N loops that share one
 * socket, each in a thread of its own.
 *
 *     accept OPS N
 */
#include <pthread.h>
#include <stdatomic.h>

#include "loop/loop.h"
#include "loop/mailbox.h"
#include "io/accepting.h"
#include "io/stream.h"
#include "io/tcp.h"
#include "bench/bench.h"
#include "bench/load/knock.h"

struct door {
    struct gyre_loop *loop;
    struct gyre_listener *listener;
    struct gyre_accepting accepting;
    struct gyre_post shut; /* from the main thread, when all is over */
    pthread_t thread;
};

static _Atomic uint64_t taken;

static void accepted(struct gyre_accepting *a, struct gyre_stream *s, int err)
{
    (void)a;
    bench_require(err == 0, "accepting");
    gyre_close(s);
    atomic_fetch_add_explicit(&taken, 1, memory_order_relaxed);
}

static void shut(struct gyre_post *p)
{
    gyre_listener_close(GYRE_OWNER(p, struct door, shut)->listener);
}

static void *serve(void *arg)
{
    struct door *d = arg;

    bench_require(gyre_loop_run(d->loop) == 0, "gyre_loop_run");
    return NULL;
}

static void open_door(struct door *d, int listener)
{
    d->accepting.accepted = accepted;
    d->shut.run = shut;
    bench_require(gyre_loop_new(&d->loop) == 0, "gyre_loop_new");
    bench_require(gyre_listener_adopt(d->loop, dup(listener), &d->listener) ==
                      0,
                  "gyre_listener_adopt");
    bench_require(gyre_accepting_start(&d->accepting, d->listener) == 0,
                  "gyre_accepting_start");
    bench_require(!pthread_create(&d->thread, NULL, serve, d),
                  "pthread_create");
}

static void close_door(struct door *d)
{
    bench_require(gyre_post(gyre_loop_mailbox(d->loop), &d->shut) == 0,
                  "gyre_post");
    bench_require(!pthread_join(d->thread, NULL), "pthread_join");
}

int main(int argc, char **argv)
{
    uint64_t ops = bench_number(argc, argv, 1);
    uint64_t n = bench_number(argc, argv, 2);
    struct door *doors = calloc(n, sizeof *doors);
    int listener = bench_listen(0);
    pid_t child = bench_fork(knock, listener, ops);
    struct bench b;

    bench_require(doors != NULL, "calloc");
    bench_start(&b);
    for (uint64_t i = 0; i < n; i++) {
        bench_pin((int)i); /* which the thread inherits */
        open_door(&doors[i], listener);
    }
    bench_reap(child);
    for (uint64_t i = 0; i < n; i++)
        close_door(&doors[i]);
    bench_stop(&b);
    bench_require(taken == ops, "accepting every connection");
    bench_print(&b, ops);
    return 0;
}
