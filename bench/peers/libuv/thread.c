/*
 * thread OPS        a thread is made, and joined, which makes a loop, has it
 *                   make one call, and closes it
 * thread OPS bare   it does nothing, as in libuv's own
 *
 * An idle handle is the cheapest way to be called once.
 */
#include <stdbool.h>
#include <string.h>
#include <uv.h>

#include "bench/bench.h"

static bool bare;
static uint64_t ran;

static void count(uv_idle_t *h)
{
    ran++;
    uv_close((uv_handle_t *)h, NULL);
}

static void run_loop(void)
{
    uv_loop_t loop;
    uv_idle_t once;

    bench_require(uv_loop_init(&loop) == 0, "uv_loop_init");
    bench_require(uv_idle_init(&loop, &once) == 0, "uv_idle_init");
    bench_require(uv_idle_start(&once, count) == 0, "uv_idle_start");
    bench_require(uv_run(&loop, UV_RUN_DEFAULT) == 0, "uv_run");
    bench_require(uv_loop_close(&loop) == 0, "uv_loop_close");
}

static void run(void *arg)
{
    (void)arg;
    if (bare)
        ran++;
    else
        run_loop();
}

int main(int argc, char **argv)
{
    uint64_t ops = bench_number(argc, argv, 1);
    struct bench b;

    bare = argc > 2 && strcmp(argv[2], "bare") == 0;
    bench_start(&b);
    for (uint64_t i = 0; i < ops; i++) {
        uv_thread_t thread;

        bench_require(uv_thread_create(&thread, run, NULL) == 0,
                      "uv_thread_create");
        bench_require(uv_thread_join(&thread) == 0, "uv_thread_join");
    }
    bench_stop(&b);
    bench_require(ran == ops, "running every thread");
    bench_print(&b, ops);
    return 0;
}
