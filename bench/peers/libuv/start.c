/*
 * start        make a loop, run it, which has nothing to do, and close it
 * start OPS    be run so often
 */
#include <uv.h>

#include "bench/starts.h"

int main(int argc, char **argv)
{
    uv_loop_t loop;

    if (argc > 1) {
        bench_starts(bench_number(argc, argv, 1));
        return 0;
    }
    bench_require(uv_loop_init(&loop) == 0, "uv_loop_init");
    bench_require(uv_run(&loop, UV_RUN_DEFAULT) == 0, "uv_run");
    bench_require(uv_loop_close(&loop) == 0, "uv_loop_close");
    return 0;
}
