/*
 * switch OPS TASKS   that many of libdill's coroutines give way to each other
 *                    in turn
 */
#include <libdill.h>

#include "bench/bench.h"

static uint64_t ran;

static coroutine void give_way(uint64_t times)
{
    for (uint64_t i = 0; i < times; i++) {
        bench_require(yield() == 0, "yield");
        ran++;
    }
}

int main(int argc, char **argv)
{
    uint64_t ops = bench_number(argc, argv, 1);
    uint64_t tasks = bench_number(argc, argv, 2), each = ops / tasks;
    int all = bundle();
    struct bench b;

    bench_require(all >= 0, "bundle");
    bench_start(&b);
    for (uint64_t i = 0; i < tasks; i++)
        bench_require(bundle_go(all, give_way(each)) == 0, "bundle_go");
    bench_require(bundle_wait(all, -1) == 0, "bundle_wait");
    bench_stop(&b);
    bench_require(ran == each * tasks, "switching so often");
    bench_print(&b, each * tasks);
    return 0;
}
