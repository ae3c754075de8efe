/*
 * start        make a loop, run it, which has nothing to do, and free it
 * start OPS    be run so often
 */
#include "loop/loop.h"
#include "bench/starts.h"

int main(int argc, char **argv)
{
    struct gyre_loop *loop;

    if (argc > 1) {
        bench_starts(bench_number(argc, argv, 1));
        return 0;
    }
    bench_require(gyre_loop_new(&loop) == 0, "gyre_loop_new");
    bench_require(gyre_loop_run(loop) == 0, "gyre_loop_run");
    gyre_loop_free(loop);
    return 0;
}
