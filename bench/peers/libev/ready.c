/*
 * A callback to be made soon, in libev's cheapest way: ev_feed_event puts a
 * watcher on the pending list, which is run until it is empty.
 *
 *     ready chain OPS         one callback feeds itself again
 *     ready batch OPS N       N of them, each of which feeds itself again
 */
#include <ev.h>
#include <string.h>

#include "bench/bench.h"

static uint64_t left;

static void again(struct ev_loop *loop, ev_prepare *w, int events)
{
    if (left == 0)
        return;
    left--;
    ev_feed_event(loop, w, events);
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    uint64_t ops = bench_number(argc, argv, 2);
    int chain = strcmp(what, "chain") == 0;
    uint64_t i, n = chain ? 1 : bench_number(argc, argv, 3);
    ev_prepare *watchers = malloc(n * sizeof *watchers);
    struct ev_loop *loop = ev_loop_new(EVFLAG_AUTO);
    struct bench b;

    bench_require(watchers != NULL && loop != NULL, "starting");
    left = ops;
    for (i = 0; i < n; i++) {
        ev_prepare_init(&watchers[i], again);
        ev_feed_event(loop, &watchers[i], EV_CUSTOM);
    }
    bench_start(&b);
    while (left > 0)
        ev_invoke_pending(loop);
    bench_stop(&b);
    bench_print(&b, ops);
    return 0;
}
