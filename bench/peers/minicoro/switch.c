/*
 * switch OPS   switches into a coroutine of minicoro's and back, which are two
 */
#define MCO_NO_DEBUG
#define MINICORO_IMPL
#include <minicoro.h>

#include "bench/bench.h"

static uint64_t ran;

static void give_way(mco_coro *co)
{
    for (;;) {
        ran += 2;
        mco_yield(co);
    }
}

int main(int argc, char **argv)
{
    uint64_t n = bench_number(argc, argv, 1) / 2 * 2;
    mco_desc how = mco_desc_init(give_way, 0);
    mco_coro *co;
    struct bench b;

    bench_require(mco_create(&co, &how) == MCO_SUCCESS, "mco_create");
    bench_start(&b);
    for (uint64_t i = 0; i < n; i += 2)
        bench_require(mco_resume(co) == MCO_SUCCESS, "mco_resume");
    bench_stop(&b);
    bench_require(ran == n, "switching so often");
    bench_print(&b, n);
    return 0;
}
