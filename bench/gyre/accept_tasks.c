/*
 * The same as accept.c, by a task for each connection, in N runs.
 *
 *     accept_tasks OPS N
 */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

#include "loop/loop.h"
#include "loop/mailbox.h"
#include "task/run/run.h"
#include "task/task.h"
#include "io/stream.h"
#include "io/tcp.h"
#include "bench/bench.h"
#include "bench/load/knock.h"

struct door {
    int socket;
    struct gyre_listener *listener;
    struct gyre_mailbox *mailbox;
    struct gyre_post shut; /* from the main thread, when all is over */
    sem_t is_open;
    pthread_t thread;
};

static _Atomic uint64_t taken;

static intptr_t take(struct gyre_stream *s, void *arg)
{
    (void)s; /* closed behind us */
    (void)arg;
    atomic_fetch_add_explicit(&taken, 1, memory_order_relaxed);
    return 0;
}

static void shut(struct gyre_post *p)
{
    gyre_listener_close(GYRE_OWNER(p, struct door, shut)->listener);
}

static intptr_t serve(void *arg)
{
    struct gyre_loop *l = gyre_loop_current();
    struct door *d = arg;
    intptr_t err;

    err = gyre_listener_adopt(l, d->socket, &d->listener);
    if (err)
        return err;
    d->mailbox = gyre_mailbox_hold(gyre_loop_mailbox(l));
    bench_require(!sem_post(&d->is_open), "sem_post");
    err = gyre_tcp_serve(d->listener, take, NULL, GYRE_FOREVER);
    return err == -EBADF ? 0 : err; /* it was shut */
}

static void *run(void *arg)
{
    bench_require(gyre_run(serve, arg) == 0, "serving");
    return NULL;
}

static void open_door(struct door *d, int listener)
{
    d->socket = dup(listener);
    d->shut.run = shut;
    bench_require(!sem_init(&d->is_open, 0, 0), "sem_init");
    bench_require(!pthread_create(&d->thread, NULL, run, d), "pthread_create");
}

static void close_door(struct door *d)
{
    while (sem_wait(&d->is_open) != 0)
        bench_require(errno == EINTR, "sem_wait");
    bench_require(gyre_post(d->mailbox, &d->shut) == 0, "gyre_post");
    bench_require(!pthread_join(d->thread, NULL), "pthread_join");
    gyre_mailbox_release(d->mailbox);
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
