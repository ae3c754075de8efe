/*
 * turn - the limit of a round that polls: epoll, and the time.
 *
 *     turn OPS
 */
#include <sys/epoll.h>

#include "bench/bench.h"

#define EVENTS 256

int main(int argc, char **argv)
{
    uint64_t ops = bench_number(argc, argv, 1);
    int poller = epoll_create1(0);
    struct epoll_event events[EVENTS];
    struct bench b;

    bench_require(poller >= 0, "epoll_create1");
    bench_start(&b);
    for (uint64_t i = 0; i < ops; i++) {
        bench_require(epoll_wait(poller, events, EVENTS, 0) == 0, "epoll_wait");
        (void)bench_clock(CLOCK_MONOTONIC);
    }
    bench_stop(&b);
    bench_print(&b, ops);
    return 0;
}
