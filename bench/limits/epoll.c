/*
 * epoll - the limits of serving TCP: epoll, edges, one recv and one send a
 * message, and nothing else.  No timeouts, no half-close, no second kind of
 * descriptor: a server that does less than this does not serve.
 *
 *     epoll echo PORT
 *     epoll hello PORT        HTTP without parsing: 13 bytes for any request
 */
#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "bench/bench.h"

#define EVENTS 1024

static const char hello[] = "HTTP/1.1 200 OK\r\n"
                            "Content-Type: text/plain\r\n"
                            "Content-Length: 13\r\n\r\n"
                            "Hello, world!";
static char buf[BENCH_BUFFER];

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
 * to spin for it instead of keeping what is left, since messages that fit the
 * socket's buffers never come to it.
 */
static int send_all(int fd, const char *p, size_t left)
{
    while (left > 0) {
        ssize_t n = send(fd, p, left, MSG_NOSIGNAL);

        if (n < 0 && errno != EAGAIN)
            return -1;
        if (n > 0) {
            p += n;
            left -= (size_t)n;
        }
    }
    return 0;
}

static int echo(int fd, size_t n)
{
    return send_all(fd, buf, n);
}

/* As wrk's requests come: one at a time and whole. */
static int greet(int fd, size_t n)
{
    if (n < 4 || memcmp(buf + n - 4, "\r\n\r\n", 4) != 0)
        return -1;
    return send_all(fd, hello, sizeof hello - 1);
}

/* A short read says that the socket is empty, unless the end came with it. */
static void serve(int fd, unsigned events, int (*answer)(int fd, size_t n))
{
    ssize_t n;

    do {
        n = recv(fd, buf, sizeof buf, 0);
        if (n < 0 && errno == EAGAIN)
            return;
        if (n <= 0 || answer(fd, (size_t)n) != 0) {
            close(fd);
            return;
        }
    } while (n == sizeof buf || (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)));
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    int (*answer)(int, size_t) = strcmp(what, "hello") == 0 ? greet : echo;
    int listener = bench_listen((unsigned)bench_number(argc, argv, 2));
    int poller = epoll_create1(0);
    struct epoll_event events[EVENTS];

    bench_require(poller >= 0, "epoll_create1");
    watch(poller, listener);
    for (;;) {
        int n = epoll_wait(poller, events, EVENTS, -1);

        for (int i = 0; i < n; i++)
            if (events[i].data.fd == listener)
                accept_all(poller, listener);
            else
                serve(events[i].data.fd, events[i].events, answer);
    }
}
