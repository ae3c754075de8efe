/*
 * Gyre's timers.
 *
 *     timers rearm OPS LIVE   cancel one of LIVE timers and arm it again
 *     timers random OPS LIVE  the same, for another time each time
 *     timers fire N           start N timers, fire them all
 *     timers simulated N      the same, in a time that is not the world's, so
 *                             that it is done in as many instructions each time
 *
 * As with every connection's read timeout, nearly every timer is cancelled:
 * that is `rearm`, of a random one, for 30 s, while 10 us pass each time.
 * `random` arms it for 1 to 60 s instead.  `fire` spreads N over one second, in
 * milliseconds, as libuv knows no other; read its processor time, for the wall
 * clock's is that second.  The storage is touched before the clock starts.
 */
#include <stdbool.h>
#include <string.h>

#include "loop/loop.h"
#include "loop/sim.h"
#include "loop/timer.h"
#include "bench/bench.h"

static uint64_t fired;

static void fire(struct gyre_timer *t)
{
    (void)t;
    fired++;
}

static struct gyre_timer *make(uint64_t n)
{
    struct gyre_timer *timers = malloc(n * sizeof *timers);

    bench_require(timers != NULL, "malloc");
    memset(timers, 0, n * sizeof *timers);
    for (uint64_t i = 0; i < n; i++)
        timers[i].fire = fire;
    return timers;
}

static void rearm(struct gyre_loop *l, uint64_t ops, uint64_t live, bool random)
{
    struct gyre_timer *timers = make(live);
    gyre_time now = gyre_loop_now(l);
    uint64_t seed = 1;
    struct bench b;

    for (uint64_t i = 0; i < live; i++)
        gyre_timer_start(l, &timers[i],
                         now + (gyre_time)(1000 + bench_below(&seed, 59000)) *
                                   GYRE_MILLISECOND);
    bench_start(&b);
    for (uint64_t i = 0; i < ops; i++) {
        struct gyre_timer *t = &timers[bench_below(&seed, live)];
        uint64_t timeout_ms =
            random ? 1000 + bench_below(&seed, 59000) : 30000 + i / 100;

        gyre_timer_stop(l, t);
        gyre_timer_start(l, t, now + (gyre_time)timeout_ms * GYRE_MILLISECOND);
    }
    bench_stop(&b);
    bench_print(&b, ops);
}

static void fire_all(struct gyre_loop *l, uint64_t n)
{
    struct gyre_timer *timers = make(n);
    uint64_t seed = 1;
    struct bench b;

    bench_start(&b);
    gyre_time now = gyre_loop_in(l, 0);
    for (uint64_t i = 0; i < n; i++)
        gyre_timer_start(l, &timers[i],
                         now + (gyre_time)(bench_below(&seed, 1000)) *
                                   GYRE_MILLISECOND);
    bench_require(gyre_loop_run(l) == 0, "gyre_loop_run");
    bench_stop(&b);
    bench_require(fired == n, "firing every timer");
    bench_print(&b, n);
}

static struct gyre_loop *make_loop(bool simulated)
{
    struct gyre_loop_options options = {0};
    struct gyre_loop *loop;
    struct gyre_sim *sim;

    if (simulated) {
        bench_require(gyre_sim_new(&sim) == 0, "gyre_sim_new");
        options.poller = gyre_sim_poller(sim);
    }
    bench_require(gyre_loop_new_with(&loop, &options) == 0,
                  "gyre_loop_new_with");
    return loop;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    uint64_t n = bench_number(argc, argv, 2);
    bool simulated = strcmp(what, "simulated") == 0;
    struct gyre_loop *loop = make_loop(simulated);

    if (strcmp(what, "rearm") == 0 || strcmp(what, "random") == 0)
        rearm(loop, n, bench_number(argc, argv, 3), what[1] == 'a');
    else if (simulated || strcmp(what, "fire") == 0)
        fire_all(loop, n);
    else
        bench_require(0, "finding the case");
    return 0;
}
