/*
 * live_timers N   so many timers, started at once, for 1 to 60 s at random:
 *                 rss_bytes, what they add to the resident memory
 */
#include <uv.h>

#include "bench/resident.h"

static void fire(uv_timer_t *t)
{
    (void)t;
}

int main(int argc, char **argv)
{
    uint64_t n = bench_number(argc, argv, 1), seed = 1, before;
    uv_loop_t *loop = uv_default_loop();
    uv_timer_t *timers;
    struct bench b;

    before = bench_resident();
    bench_start(&b);
    timers = calloc(n, sizeof *timers);
    bench_require(timers != NULL, "calloc");
    for (uint64_t i = 0; i < n; i++)
        bench_require(uv_timer_init(loop, &timers[i]) == 0 &&
                          uv_timer_start(&timers[i], fire,
                                         1000 + bench_below(&seed, 59000),
                                         0) == 0,
                      "starting a timer");
    bench_stop(&b);
    bench_print_resident(&b, n, bench_resident() - before);
    return 0;
}
