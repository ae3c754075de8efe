/*
 * accept - the limit of accepting: epoll, accept, and close, in one thread.
 *
 *     accept OPS
 */
#include <sys/epoll.h>

#include "bench/bench.h"
#include "bench/load/knock.h"

int main(int argc, char **argv)
{
    uint64_t taken = 0, ops = bench_number(argc, argv, 1);
    int listener = bench_listen(0), poller = epoll_create1(0), fd;
    pid_t child = bench_fork(knock, listener, ops);
    struct epoll_event e = {.events = EPOLLIN | EPOLLET};
    struct bench b;

    bench_require(!epoll_ctl(poller, EPOLL_CTL_ADD, listener, &e), "epoll_ctl");
    bench_start(&b);
    while (taken < ops) {
        bench_require(epoll_wait(poller, &e, 1, -1) == 1, "epoll_wait");
        while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
            close(fd);
            taken++;
        }
    }
    bench_reap(child);
    bench_stop(&b);
    bench_print(&b, ops);
    return 0;
}
