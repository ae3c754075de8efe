/*
 * live_timers N   so many timers, started at once, for 1 to 60 s at random:
 *                 rss_bytes, what they add to the resident memory
 */
#include "loop/loop.h"
#include "loop/timer.h"
#include "bench/resident.h"

static void fire(struct gyre_timer *t)
{
    (void)t;
}

int main(int argc, char **argv)
{
    uint64_t n = bench_number(argc, argv, 1), seed = 1, before;
    struct gyre_timer *timers;
    struct gyre_loop *loop;
    gyre_time now;
    struct bench b;

    bench_require(gyre_loop_new(&loop) == 0, "gyre_loop_new");
    now = gyre_loop_now(loop);
    before = bench_resident();
    bench_start(&b);
    timers = calloc(n, sizeof *timers);
    bench_require(timers != NULL, "calloc");
    for (uint64_t i = 0; i < n; i++) {
        timers[i].fire = fire;
        gyre_timer_start(loop, &timers[i],
                         now + (gyre_time)(1000 + bench_below(&seed, 59000)) *
                                   GYRE_MILLISECOND);
    }
    bench_stop(&b);
    bench_print_resident(&b, n, bench_resident() - before);
    return 0;
}
