/*
 * A coroutine of libdill's made and joined, in a bundle that stays: go() would
 * make a bundle for each.
 *
 *     spawn warm OPS   one that ends at once
 *
 * A hundred thousand at a time, as bench/gyre/spawn.c has them, are not to be
 * had: the stack of each has a guard page, and the system too few mappings.
 */
#include <libdill.h>
#include <string.h>

#include "bench/bench.h"

static uint64_t ran;

static coroutine void nothing(void)
{
    ran++;
}

static void spawn(int all, uint64_t n)
{
    for (uint64_t i = 0; i < n; i++)
        bench_require(bundle_go(all, nothing()) == 0 &&
                          bundle_wait(all, -1) == 0,
                      "spawning and joining");
}

int main(int argc, char **argv)
{
    uint64_t n = bench_number(argc, argv, 2);
    int all = bundle();
    struct bench b;

    bench_require(strcmp(argv[1], "warm") == 0, "finding the case");
    bench_require(all >= 0, "bundle");
    spawn(all, 1000);
    bench_start(&b);
    spawn(all, n);
    bench_stop(&b);
    bench_require(ran == n + 1000, "running all");
    bench_print(&b, n);
    return 0;
}
