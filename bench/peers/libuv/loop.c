/*
 * What a turn of libuv's loop costs that has one callback to make and polls: an
 * idle handle that stays started, which is how libuv counts its own turns.
 *
 *     loop turn OPS           so many turns
 *     loop timed MS           as many as there are until a timer ends them
 *     loop alive OPS          asked whether there is anything to wait for
 */
#include <string.h>
#include <uv.h>

#include "bench/bench.h"

static uv_loop_t *loop;
static uv_idle_t handle;
static uint64_t turns, most;

static void idle(uv_idle_t *h)
{
    if (++turns == most)
        uv_idle_stop(h);
}

static void end(uv_timer_t *t)
{
    (void)t;
    uv_idle_stop(&handle);
}

static void run(void)
{
    struct bench b;

    bench_require(uv_idle_start(&handle, idle) == 0, "uv_idle_start");
    bench_start(&b);
    bench_require(uv_run(loop, UV_RUN_DEFAULT) == 0, "uv_run");
    bench_stop(&b);
    bench_require(most == 0 || turns == most, "counting the turns");
    bench_print(&b, turns);
}

static void run_for(uint64_t ms)
{
    uv_timer_t timer;

    bench_require(uv_timer_init(loop, &timer) == 0, "uv_timer_init");
    bench_require(uv_timer_start(&timer, end, ms, 0) == 0, "uv_timer_start");
    run();
}

static void ask(uint64_t ops)
{
    uint64_t yes = 0;
    struct bench b;

    bench_require(uv_idle_start(&handle, idle) == 0, "uv_idle_start");
    bench_start(&b);
    for (uint64_t i = 0; i < ops; i++)
        yes += uv_loop_alive(loop) != 0;
    bench_stop(&b);
    bench_require(yes == ops, "being alive");
    bench_print(&b, ops);
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    uint64_t n = bench_number(argc, argv, 2);

    loop = uv_default_loop();
    bench_require(uv_idle_init(loop, &handle) == 0, "uv_idle_init");
    if (strcmp(what, "alive") == 0) {
        ask(n);
    } else if (strcmp(what, "timed") == 0) {
        run_for(n);
    } else {
        most = n;
        run();
    }
    return 0;
}
