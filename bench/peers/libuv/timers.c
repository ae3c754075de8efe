/*
 * libuv's timers.
 *
 *     timers rearm OPS LIVE   cancel one of LIVE timers and arm it again
 *     timers random OPS LIVE  the same, for another time each time
 *     timers fire N           start N timers, fire them all
 *
 * As bench/gyre/timers.c, where the cases are explained.
 */
#include <stdbool.h>
#include <string.h>
#include <uv.h>

#include "bench/bench.h"

static uint64_t fired;

static void fire(uv_timer_t *t)
{
    (void)t;
    fired++;
}

static uv_timer_t *make(uv_loop_t *loop, uint64_t n)
{
    uv_timer_t *timers = malloc(n * sizeof *timers);
    uint64_t i;

    bench_require(timers != NULL, "malloc");
    for (i = 0; i < n; i++)
        bench_require(uv_timer_init(loop, &timers[i]) == 0, "uv_timer_init");
    return timers;
}

static void arm(uv_timer_t *t, uint64_t timeout_ms)
{
    (void)uv_timer_start(t, fire, timeout_ms, 0);
}

static void rearm(uv_loop_t *loop, uint64_t ops, uint64_t live, bool random)
{
    uv_timer_t *timers = make(loop, live);
    uint64_t i, seed = 1;
    struct bench b;

    for (i = 0; i < live; i++)
        arm(&timers[i], 1000 + bench_below(&seed, 59000));
    bench_start(&b);
    for (i = 0; i < ops; i++) {
        uv_timer_t *t = &timers[bench_below(&seed, live)];
        uint64_t timeout_ms =
            random ? 1000 + bench_below(&seed, 59000) : 30000 + i / 100;

        (void)uv_timer_stop(t);
        arm(t, timeout_ms);
    }
    bench_stop(&b);
    bench_print(&b, ops);
}

static void fire_all(uv_loop_t *loop, uint64_t n)
{
    uv_timer_t *timers = make(loop, n);
    uint64_t i, seed = 1;
    struct bench b;

    uv_update_time(loop);
    bench_start(&b);
    for (i = 0; i < n; i++)
        arm(&timers[i], bench_below(&seed, 1000));
    bench_require(uv_run(loop, UV_RUN_DEFAULT) == 0, "uv_run");
    bench_stop(&b);
    bench_require(fired == n, "firing every timer");
    bench_print(&b, n);
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    uint64_t n = bench_number(argc, argv, 2);

    if (strcmp(what, "rearm") == 0 || strcmp(what, "random") == 0)
        rearm(uv_default_loop(), n, bench_number(argc, argv, 3),
              what[1] == 'a');
    else if (strcmp(what, "fire") == 0)
        fire_all(uv_default_loop(), n);
    else
        bench_require(0, "finding the case");
    return 0;
}
