/*
 * TCP echo in libevent's cheapest idiom: an event that persists, and in its
 * callback a recv and a send of one's own, with one static buffer for all; its
 * bufferevents copy what they read, and again what they write.  Only what the
 * kernel did not take at once is copied, and waits for an event of its own;
 * until that is gone nothing more is read.
 *
 *     echo PORT
 */
#include <errno.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <event2/listener.h>
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

#include "bench/bench.h"

static char shared[BENCH_BUFFER];

struct peer {
    struct event readable, writable;
    size_t left; /* of `rest`, at its end */
    char rest[BENCH_BUFFER];
};

static void drop(struct peer *p)
{
    evutil_socket_t fd = event_get_fd(&p->readable);

    event_del(&p->readable);
    event_del(&p->writable);
    close(fd);
    free(p);
}

/* Bytes sent; 0 if there is no room for any; or -1. */
static ssize_t send_some(evutil_socket_t fd, const char *bytes, size_t n)
{
    ssize_t sent = send(fd, bytes, n, MSG_NOSIGNAL);

    return sent < 0 && errno == EAGAIN ? 0 : sent;
}

static void go_on(evutil_socket_t fd, short what, void *arg)
{
    struct peer *p = arg;
    ssize_t sent = send_some(fd, p->rest + sizeof p->rest - p->left, p->left);

    (void)what;
    if (sent < 0) {
        drop(p);
        return;
    }
    p->left -= (size_t)sent;
    if (p->left == 0) {
        event_del(&p->writable);
        event_add(&p->readable, NULL);
    }
}

static void keep(struct peer *p, const char *bytes, size_t n)
{
    p->left = n;
    memcpy(p->rest + sizeof p->rest - n, bytes, n);
    event_del(&p->readable);
    event_add(&p->writable, NULL);
}

static void echo(evutil_socket_t fd, short what, void *arg)
{
    ssize_t sent, n = recv(fd, shared, sizeof shared, 0);

    (void)what;
    if (n < 0 && errno == EAGAIN)
        return;
    sent = n > 0 ? send_some(fd, shared, (size_t)n) : -1;
    if (sent < 0)
        drop(arg);
    else if (sent < n)
        keep(arg, shared + sent, (size_t)(n - sent));
}

static void accepted(struct evconnlistener *listener, evutil_socket_t fd,
                     struct sockaddr *from, int length, void *arg)
{
    struct event_base *base = evconnlistener_get_base(listener);
    struct peer *p = malloc(sizeof *p);
    int one = 1;

    (void)from;
    (void)length;
    (void)arg;
    bench_require(p != NULL, "malloc");
    p->left = 0;
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
