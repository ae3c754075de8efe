/*
 * pound - the limit of connections that are made, say two bytes, are answered,
 * and closed, N of them at any time: both ends in one loop, over epoll and by
 * edges, without anything else.
 *
 *     pound OPS N
 */
#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "bench/bench.h"

#define EVENTS 1024

enum { ASKS = 1, ANSWERS, LISTENS };

static int poller, listener;
static struct sockaddr_in at;
static uint64_t begun, most, answered, closed;

/* What a descriptor is goes with its event, above its number. */
static void watch(int fd, unsigned events, uint64_t what)
{
    struct epoll_event e = {.events = events | EPOLLET,
                            .data.u64 = what << 32 | (unsigned)fd};

    bench_require(!epoll_ctl(poller, EPOLL_CTL_ADD, fd, &e), "epoll_ctl");
}

static void say(int fd)
{
    bench_require(send(fd, "hi", 2, MSG_NOSIGNAL) == 2, "send");
}

static void begin(void)
{
    int fd;

    if (begun == most)
        return;
    begun++;
    fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    bench_require(fd >= 0, "socket");
    bench_require(!connect(fd, (struct sockaddr *)&at, sizeof at) ||
                      errno == EINPROGRESS,
                  "connect");
    watch(fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP, ASKS);
}

/* Connected: ask.  Answered: close, and begin another. */
static void ask(int fd, unsigned events)
{
    char got[64];

    if (!(events & EPOLLIN)) {
        say(fd);
        return;
    }
    bench_require(recv(fd, got, sizeof got, 0) == 2, "being answered");
    answered++;
    close(fd);
    begin();
}

static void answer(int fd)
{
    char got[64];
    ssize_t n = recv(fd, got, sizeof got, 0);

    if (n > 0) {
        say(fd);
    } else {
        close(fd);
        closed++;
    }
}

static void accept_all(void)
{
    int fd;

    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0)
        watch(fd, EPOLLIN | EPOLLRDHUP, ANSWERS);
}

static void run(void)
{
    struct epoll_event events[EVENTS];

    while (closed < most) {
        int n = epoll_wait(poller, events, EVENTS, -1);

        for (int i = 0; i < n; i++) {
            int fd = (int)(uint32_t)events[i].data.u64;

            switch (events[i].data.u64 >> 32) {
            case ASKS: ask(fd, events[i].events); break;
            case ANSWERS: answer(fd); break;
            default: accept_all();
            }
        }
    }
}

int main(int argc, char **argv)
{
    uint64_t n = bench_number(argc, argv, 2);
    socklen_t length = sizeof at;
    struct bench b;

    most = bench_number(argc, argv, 1);
    poller = epoll_create1(0);
    listener = bench_listen(0);
    bench_require(!getsockname(listener, (struct sockaddr *)&at, &length),
                  "getsockname");
    watch(listener, EPOLLIN, LISTENS);
    bench_start(&b);
    for (uint64_t i = 0; i < n; i++)
        begin();
    run();
    bench_stop(&b);
    bench_require(answered == most, "as many connections");
    bench_print(&b, most);
    return 0;
}
