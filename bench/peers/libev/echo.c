/*
 * TCP echo in libev's cheapest idiom: a watcher a connection, and in its
 * callback a recv and a send of one's own, with one static buffer for all.
 * Only what the kernel did not take at once is copied, and waits for the
 * watcher to be one for writing; until that is gone nothing more is read.
 *
 *     echo PORT
 */
#include <ev.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include "bench/rest.h"

static char shared[BENCH_BUFFER];

struct peer {
    ev_io watcher; /* first */
    struct bench_rest rest;
};

static void drop(struct ev_loop *loop, struct peer *p)
{
    ev_io_stop(loop, &p->watcher);
    close(p->watcher.fd);
    free(p->rest.bytes);
    free(p);
}

static void await(struct ev_loop *loop, struct peer *p, int events)
{
    ev_io_stop(loop, &p->watcher);
    ev_io_set(&p->watcher, p->watcher.fd, events);
    ev_io_start(loop, &p->watcher);
}

static int echo(struct peer *p)
{
    ssize_t n = recv(p->watcher.fd, shared, sizeof shared, 0);

    if (n < 0 && errno == EAGAIN)
        return 0;
    if (n <= 0)
        return -EPIPE;
    return bench_rest_send(&p->rest, p->watcher.fd, shared, (size_t)n);
}

static void ready(struct ev_loop *loop, ev_io *w, int events)
{
    struct peer *p = (struct peer *)w;
    int err;

    if (events & EV_WRITE) {
        err = bench_rest_flush(&p->rest, w->fd);
        if (err == 0)
            await(loop, p, EV_READ);
    } else {
        err = echo(p);
        if (err == -EAGAIN)
            await(loop, p, EV_WRITE);
    }
    if (err != 0 && err != -EAGAIN)
        drop(loop, p);
}

static void accept_all(struct ev_loop *loop, ev_io *w, int events)
{
    int one = 1, fd;

    (void)events;
    while ((fd = accept4(w->fd, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        struct peer *p = calloc(1, sizeof *p);

        bench_require(p != NULL, "calloc");
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        ev_io_init(&p->watcher, ready, fd, EV_READ);
        ev_io_start(loop, &p->watcher);
    }
}

int main(int argc, char **argv)
{
    int fd = bench_listen((unsigned)bench_number(argc, argv, 1));
    struct ev_loop *loop = ev_loop_new(EVFLAG_AUTO);
    ev_io listener;

    bench_require(loop != NULL, "ev_loop_new");
    ev_io_init(&listener, accept_all, fd, EV_READ);
    ev_io_start(loop, &listener);
    ev_run(loop, 0);
    return 0;
}
