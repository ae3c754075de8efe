/*
 * echo_epoll - the limit of TCP echo: epoll, edges, one recv and one send a
 * message, and nothing else.  No timeouts, no half-close, no second kind of
 * descriptor: a server that does less than this does not echo.
 *
 *     echo_epoll PORT
 */
#include "bench/bench.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define EVENTS 1024

static char buf[65536];

static void watch(int poller, int fd)
{
    struct epoll_event e = {.events = EPOLLIN | EPOLLRDHUP | EPOLLET,
                            .data.fd = fd};

    bench_require(!epoll_ctl(poller, EPOLL_CTL_ADD, fd, &e), "epoll_ctl");
}

static void accept_all(int poller, int listener)
{
    int one = 1, fd;

    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        watch(poller, fd);
    }
}

/*
 * Blocking until a full peer drains would stop the others; the limit is allowed
 * to spin for it instead of keeping what is left, since a ping-pong of messages
 * that fit the socket's buffers never comes to it.
 */
static int send_all(int fd, const char *p, ssize_t left)
{
    while (left > 0) {
        ssize_t n = send(fd, p, (size_t)left, MSG_NOSIGNAL);

        if (n < 0 && errno != EAGAIN)
            return -1;
        if (n > 0) {
            p += n;
            left -= n;
        }
    }
    return 0;
}

/* A short read says that the socket is empty, unless the end came with it. */
static void echo(int fd, unsigned events)
{
    ssize_t n;

    do {
        n = recv(fd, buf, sizeof buf, 0);
        if (n < 0 && errno == EAGAIN)
            return;
        if (n <= 0 || send_all(fd, buf, n) != 0) {
            close(fd);
            return;
        }
    } while (n == sizeof buf || (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)));
}

int main(int argc, char **argv)
{
    int listener = bench_listen((unsigned)bench_number(argc, argv, 1));
    int poller = epoll_create1(0);
    struct epoll_event events[EVENTS];

    bench_require(poller >= 0, "epoll_create1");
    watch(poller, listener);
    for (;;) {
        int i, n = epoll_wait(poller, events, EVENTS, -1);

        for (i = 0; i < n; i++)
            if (events[i].data.fd == listener)
                accept_all(poller, listener);
            else
                echo(events[i].data.fd, events[i].events);
    }
}
