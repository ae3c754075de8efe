/*
 * accept - the limit of accepting: epoll, accept, and close, in N threads that
 * share one socket.
 *
 *     accept OPS N
 */
#include <pthread.h>
#include <stdatomic.h>
#include <sys/epoll.h>

#include "bench/bench.h"
#include "bench/load/knock.h"

struct door {
    int listener, poller;
    pthread_t thread;
};

static _Atomic uint64_t taken;

/* Until the socket is shut down. */
static void *serve(void *arg)
{
    struct door *d = arg;
    struct epoll_event e = {.events = 0};
    int fd;

    while (!(e.events & EPOLLHUP)) {
        bench_require(epoll_wait(d->poller, &e, 1, -1) == 1, "epoll_wait");
        while ((fd = accept4(d->listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
            close(fd);
            atomic_fetch_add_explicit(&taken, 1, memory_order_relaxed);
        }
    }
    return NULL;
}

static void open_door(struct door *d, int listener)
{
    struct epoll_event e = {.events = EPOLLIN | EPOLLET};

    d->listener = listener;
    d->poller = epoll_create1(0);
    bench_require(!epoll_ctl(d->poller, EPOLL_CTL_ADD, listener, &e),
                  "epoll_ctl");
    bench_require(!pthread_create(&d->thread, NULL, serve, d),
                  "pthread_create");
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
    bench_require(!shutdown(listener, SHUT_RDWR), "shutdown");
    for (uint64_t i = 0; i < n; i++)
        bench_require(!pthread_join(doors[i].thread, NULL), "pthread_join");
    bench_stop(&b);
    bench_require(taken == ops, "accepting every connection");
    bench_print(&b, ops);
    return 0;
}
