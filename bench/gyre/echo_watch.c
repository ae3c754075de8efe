/*
 * TCP echo on the loop floor alone: a watch a connection, and one's own recv
 * and send.  What a library builds its own streams on.
 *
 *     echo_watch PORT
 *
 * Edge-triggered, so that accepting is the only call that touches the poller; a
 * short read tells that the socket is empty, unless the end came with it.  One
 * buffer is for all; what the kernel does not take at once is copied.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loop/loop.h"
#include "loop/watch.h"
#include "bench/rest.h"

static char shared[BENCH_BUFFER];

struct peer {
    struct gyre_watch watch;
    int fd;
    struct bench_rest rest;
};

static struct gyre_loop *loop;
static int listener;

static void finish(struct peer *p)
{
    gyre_watch_stop(loop, &p->watch);
    close(p->fd);
    free(p->rest.bytes);
    free(p);
}

/* Go on, until nothing comes or the peer is too slow. */
static int echo(struct peer *p, unsigned events)
{
    int err = bench_rest_flush(&p->rest, p->fd);

    while (err == 0) {
        ssize_t n = recv(p->fd, shared, sizeof shared, 0);

        if (n <= 0)
            return n == 0 ? -EPIPE : -errno;
        err = bench_rest_send(&p->rest, p->fd, shared, (size_t)n);
        if ((size_t)n < sizeof shared &&
            (events & (GYRE_HANGUP | GYRE_ERROR)) == 0)
            break;
    }
    return err;
}

static void ready(struct gyre_watch *w, unsigned events)
{
    struct peer *p = GYRE_OWNER(w, struct peer, watch);
    int err = echo(p, events);

    if (err != 0 && err != -EAGAIN)
        finish(p);
}

static void accept_all(struct gyre_watch *w, unsigned events)
{
    int one = 1, fd;

    (void)w;
    (void)events;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        struct peer *p = calloc(1, sizeof *p);

        bench_require(p != NULL, "calloc");
        p->watch.ready = ready;
        p->fd = fd;
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        bench_require(gyre_watch_start(loop, &p->watch, fd,
                                       GYRE_READ | GYRE_WRITE | GYRE_HANGUP |
                                           GYRE_EDGE) == 0,
                      "gyre_watch_start");
    }
}

int main(int argc, char **argv)
{
    struct gyre_watch accepting = {.ready = accept_all};

    bench_require(gyre_loop_new(&loop) == 0, "gyre_loop_new");
    listener = bench_listen((unsigned)bench_number(argc, argv, 1));
    bench_require(gyre_watch_start(loop, &accepting, listener,
                                   GYRE_READ | GYRE_EDGE) == 0,
                  "gyre_watch_start");
    return gyre_loop_run(loop) != 0;
}
