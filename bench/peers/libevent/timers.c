/*
 * libevent's timers: a heap, and beside it queues for timeouts that many have
 * in common, which is what those of `rearm` are put into, as they are to be.
 *
 *     timers rearm OPS LIVE   cancel one of LIVE timers and arm it again
 *     timers random OPS LIVE  the same, for another time each time
 *     timers fire N           start N timers, fire them all
 *
 * As bench/gyre/timers.c, where the cases are explained; that time passes in
 * `rearm` needs no pretence here, for a timeout is counted from the present.
 */
#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdbool.h>
#include <string.h>

#include "bench/bench.h"

static uint64_t fired;

static void fire(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    (void)arg;
    fired++;
}

static struct event *make(struct event_base *base, uint64_t n)
{
    struct event *timers = malloc(n * sizeof *timers);

    bench_require(timers != NULL, "malloc");
    for (uint64_t i = 0; i < n; i++)
        bench_require(evtimer_assign(&timers[i], base, fire, NULL) == 0,
                      "evtimer_assign");
    return timers;
}

static void arm(struct event *t, uint64_t timeout_ms)
{
    struct timeval after = {(time_t)(timeout_ms / 1000),
                            (suseconds_t)(timeout_ms % 1000 * 1000)};

    (void)evtimer_add(t, &after);
}

/* What is to be done; the same between two turns of the loop as within one,
   but that within one the time is only asked for once. */
struct plan {
    struct event_base *base;
    struct event *timers;
    uint64_t ops, live;
    bool random;
};

static void rearm(evutil_socket_t fd, short what, void *arg)
{
    const struct plan *plan = arg;
    const struct timeval half_a_minute = {30, 0};
    const struct timeval *common =
        event_base_init_common_timeout(plan->base, &half_a_minute);
    uint64_t seed = 1;
    struct bench b;

    (void)fd;
    (void)what;
    for (uint64_t i = 0; i < plan->live; i++)
        arm(&plan->timers[i], 1000 + bench_below(&seed, 59000));
    bench_start(&b);
    for (uint64_t i = 0; i < plan->ops; i++) {
        struct event *t = &plan->timers[bench_below(&seed, plan->live)];

        (void)evtimer_del(t);
        if (plan->random)
            arm(t, 1000 + bench_below(&seed, 59000));
        else
            (void)evtimer_add(t, common);
    }
    bench_stop(&b);
    bench_print(&b, plan->ops);
    event_base_loopbreak(plan->base);
}

static void fire_all(struct event_base *base, uint64_t n)
{
    struct event *timers = make(base, n);
    uint64_t seed = 1;
    struct bench b;

    bench_start(&b);
    for (uint64_t i = 0; i < n; i++)
        arm(&timers[i], bench_below(&seed, 1000));
    (void)event_base_dispatch(base);
    bench_stop(&b);
    bench_require(fired == n, "firing every timer");
    bench_print(&b, n);
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    uint64_t n = bench_number(argc, argv, 2);
    struct event_base *base = event_base_new();

    bench_require(base != NULL, "event_base_new");
    if (strcmp(what, "fire") == 0) {
        fire_all(base, n);
    } else {
        struct plan plan = {.base = base,
                            .ops = n,
                            .live = bench_number(argc, argv, 3),
                            .random = strcmp(what, "random") == 0};

        bench_require(plan.random || strcmp(what, "rearm") == 0,
                      "finding the case");
        plan.timers = make(base, plan.live);
        bench_require(
            event_base_once(base, -1, EV_TIMEOUT, rearm, &plan, NULL) == 0,
            "event_base_once");
        (void)event_base_dispatch(base);
    }
    return 0;
}
