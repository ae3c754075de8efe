/*
 * A callback to be made soon, in libevent: event_active, which puts an event at
 * the end of those that are due, and the loop calls all these, and what they
 * make due, before it polls again.
 *
 *     ready chain OPS         one callback makes itself due again
 *     ready batch OPS N       N of them, each of which does
 */
#include <event2/event.h>
#include <event2/event_struct.h>
#include <string.h>

#include "bench/bench.h"

static uint64_t left;

static void again(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    if (left == 0)
        return;
    left--;
    event_active(arg, what, 0);
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    uint64_t ops = bench_number(argc, argv, 2);
    int chain = strcmp(what, "chain") == 0;
    uint64_t i, n = chain ? 1 : bench_number(argc, argv, 3);
    struct event_base *base = event_base_new();
    struct event *events = malloc(n * sizeof *events);
    struct bench b;

    bench_require(events != NULL && base != NULL, "starting");
    left = ops;
    for (i = 0; i < n; i++) {
        bench_require(
            event_assign(&events[i], base, -1, 0, again, &events[i]) == 0,
            "event_assign");
        event_active(&events[i], EV_TIMEOUT, 0);
    }
    bench_start(&b);
    (void)event_base_dispatch(base);
    bench_stop(&b);
    bench_require(left == 0, "calling all of them");
    bench_print(&b, ops);
    return 0;
}
