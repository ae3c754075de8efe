/*
 * A coroutine of minicoro's made, run to its end and done away with, in memory
 * that was there: mco_create would have it from calloc each time, and zeroed.
 * There is no scheduler to be joined, so that is all.
 *
 *     spawn warm OPS
 */
#define MCO_NO_DEBUG
#define MINICORO_IMPL
#include <minicoro.h>
#include <string.h>

#include "bench/bench.h"

static uint64_t ran;

static void nothing(mco_coro *co)
{
    (void)co;
    ran++;
}

static void spawn(mco_desc *how, mco_coro *co, uint64_t n)
{
    for (uint64_t i = 0; i < n; i++)
        bench_require(mco_init(co, how) == MCO_SUCCESS &&
                          mco_resume(co) == MCO_SUCCESS &&
                          mco_uninit(co) == MCO_SUCCESS,
                      "spawning");
}

int main(int argc, char **argv)
{
    uint64_t n = bench_number(argc, argv, 2);
    mco_desc how = mco_desc_init(nothing, 0);
    mco_coro *co = calloc(1, how.coro_size);
    struct bench b;

    bench_require(strcmp(argv[1], "warm") == 0, "finding the case");
    bench_require(co != NULL, "calloc");
    spawn(&how, co, 1000);
    bench_start(&b);
    spawn(&how, co, n);
    bench_stop(&b);
    bench_require(ran == n + 1000, "running all");
    bench_print(&b, n);
    return 0;
}
