/*
 * A callback to be made soon, in libuv's cheapest way: an idle handle that
 * stays started is called once a turn, with nothing queued or unqueued.
 *
 *     ready chain OPS         one callback, again and again
 *     ready batch OPS N       N of them a turn
 *
 * Each turn polls: libuv has no queue that goes on without.  (A job queue of
 * one's own behind one handle would be cheaper, and would not be libuv.)
 */
#include <string.h>
#include <uv.h>

#include "bench/bench.h"

static uint64_t left;

static void idle(uv_idle_t *h)
{
    if (left > 0)
        left--;
    else
        uv_stop(h->loop);
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    uint64_t ops = bench_number(argc, argv, 2);
    int chain = strcmp(what, "chain") == 0;
    uint64_t i, n = chain ? 1 : bench_number(argc, argv, 3);
    uv_idle_t *handles = malloc(n * sizeof *handles);
    uv_loop_t *loop = uv_default_loop();
    struct bench b;

    bench_require(handles != NULL, "malloc");
    left = ops;
    for (i = 0; i < n; i++) {
        bench_require(uv_idle_init(loop, &handles[i]) == 0, "uv_idle_init");
        bench_require(uv_idle_start(&handles[i], idle) == 0, "uv_idle_start");
    }
    bench_start(&b);
    (void)uv_run(loop, UV_RUN_DEFAULT);
    bench_stop(&b);
    bench_print(&b, ops);
    return 0;
}
