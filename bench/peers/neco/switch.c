/*
 * switch OPS TASKS   that many of neco's coroutines give way to each other in
 *                    turn
 */
#include <neco.h>

#include "bench/bench.h"

static uint64_t ran;

static void give_way(int argc, void *argv[])
{
    uint64_t times = *(uint64_t *)argv[0];

    (void)argc;
    for (uint64_t i = 0; i < times; i++) {
        bench_require(neco_yield() == NECO_OK, "neco_yield");
        ran++;
    }
    bench_require(neco_waitgroup_done(argv[1]) == NECO_OK, "done");
}

static void measure(int argc, void *argv[])
{
    uint64_t tasks = *(uint64_t *)argv[1], each = *(uint64_t *)argv[0] / tasks;
    neco_waitgroup all;
    struct bench b;

    (void)argc;
    neco_waitgroup_init(&all);
    bench_start(&b);
    neco_waitgroup_add(&all, (int)tasks);
    for (uint64_t i = 0; i < tasks; i++)
        bench_require(neco_start(give_way, 2, &each, &all) == NECO_OK,
                      "neco_start");
    bench_require(neco_waitgroup_wait(&all) == NECO_OK, "waiting");
    bench_stop(&b);
    bench_require(ran == each * tasks, "switching so often");
    bench_print(&b, each * tasks);
}

int main(int argc, char **argv)
{
    uint64_t ops = bench_number(argc, argv, 1);
    uint64_t tasks = bench_number(argc, argv, 2);

    return neco_start(measure, 2, &ops, &tasks) != NECO_OK;
}
