/*
 * descriptors OPS N   one of N watched descriptors is made ready, by a write to
 *                     its eventfd, polled for, and read; which is drawn anew
 *                     each time
 */
#include <event2/event.h>
#include <event2/event_struct.h>

#include "bench/bench.h"
#include "bench/descriptors.h"

static struct event_base *base;
static struct bench_descriptors set;
static struct event *events;

static void ready(evutil_socket_t fd, short what, void *arg)
{
    struct event *event = arg;

    (void)fd;
    (void)what;
    if (!bench_descriptors_next(&set, (uint64_t)(event - events)))
        event_base_loopbreak(base);
}

int main(int argc, char **argv)
{
    struct bench b;

    bench_descriptors_open(&set, bench_number(argc, argv, 1),
                           bench_number(argc, argv, 2));
    events = malloc(set.n * sizeof *events);
    base = event_base_new();
    bench_require(events != NULL && base != NULL, "starting");
    for (uint64_t i = 0; i < set.n; i++) {
        event_assign(&events[i], base, set.fds[i], EV_READ | EV_PERSIST, ready,
                     &events[i]);
        bench_require(event_add(&events[i], NULL) == 0, "event_add");
    }
    bench_descriptors_begin(&set, &b);
    (void)event_base_dispatch(base);
    bench_descriptors_end(&set);
    return 0;
}
