/*
 * TCP echo in libevent's cheapest idiom: an event that persists, and in its
 * callback a recv and a send of one's own, with one static buffer for all; its
 * bufferevents copy what they read, and again what they write.  Only what the
 * kernel did not take at once is copied, and waits for an event of its own;
 * until that is gone nothing more is read.
 *
 *     echo PORT
 */
#include <event2/event.h>
#include <event2/event_struct.h>
#include <event2/listener.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include "bench/rest.h"

static char shared[BENCH_BUFFER];

struct peer {
    struct event readable, writable;
    struct bench_rest rest;
};

static void drop(struct peer *p)
{
    evutil_socket_t fd = event_get_fd(&p->readable);

    event_del(&p->readable);
    event_del(&p->writable);
    close(fd);
    free(p->rest.bytes);
    free(p);
}

static void go_on(evutil_socket_t fd, short what, void *arg)
{
    struct peer *p = arg;
    int err = bench_rest_flush(&p->rest, fd);

    (void)what;
    if (err == 0) {
        event_del(&p->writable);
        event_add(&p->readable, NULL);
    } else if (err != -EAGAIN) {
        drop(p);
    }
}

static void echo(evutil_socket_t fd, short what, void *arg)
{
    ssize_t n = recv(fd, shared, sizeof shared, 0);
    struct peer *p = arg;
    int err;

    (void)what;
    if (n < 0 && errno == EAGAIN)
        return;
    err = n > 0 ? bench_rest_send(&p->rest, fd, shared, (size_t)n) : -EPIPE;
    if (err == -EAGAIN) {
        event_del(&p->readable);
        event_add(&p->writable, NULL);
    } else if (err != 0) {
        drop(p);
    }
}

static void accepted(struct evconnlistener *listener, evutil_socket_t fd,
                     struct sockaddr *from, int length, void *arg)
{
    struct event_base *base = evconnlistener_get_base(listener);
    struct peer *p = calloc(1, sizeof *p);
    int one = 1;

    (void)from;
    (void)length;
    (void)arg;
    bench_require(p != NULL, "calloc");
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    event_assign(&p->readable, base, fd, EV_READ | EV_PERSIST, echo, p);
    event_assign(&p->writable, base, fd, EV_WRITE | EV_PERSIST, go_on, p);
    bench_require(event_add(&p->readable, NULL) == 0, "event_add");
}

int main(int argc, char **argv)
{
    int fd = bench_listen((unsigned)bench_number(argc, argv, 1));
    struct event_base *base = event_base_new();

    bench_require(base != NULL, "event_base_new");
    bench_require(evconnlistener_new(base, accepted, NULL,
                                     LEV_OPT_CLOSE_ON_FREE, 0, fd) != NULL,
                  "evconnlistener_new");
    return event_base_dispatch(base);
}
