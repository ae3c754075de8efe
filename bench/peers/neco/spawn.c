/*
 * A coroutine of neco's made and joined.
 *
 *     spawn warm OPS   one that ends at once
 *     spawn cold N     N that each yield once, then all are joined
 *     spawn again N    the same, a second time in the same process
 */
#include <neco.h>
#include <string.h>

#include "bench/bench.h"

static uint64_t ran;

static void nothing(int argc, void *argv[])
{
    (void)argc;
    (void)argv;
    ran++;
}

static void yield_once(int argc, void *argv[])
{
    (void)argc;
    bench_require(neco_yield() == NECO_OK, "neco_yield");
    ran++;
    bench_require(neco_waitgroup_done(argv[0]) == NECO_OK, "done");
}

/* Who has ended already is not found, and need not be waited for. */
static void one_by_one(uint64_t n)
{
    for (uint64_t i = 0; i < n; i++) {
        int joined;

        bench_require(neco_start(nothing, 0) == NECO_OK, "neco_start");
        joined = neco_join(neco_lastid());
        bench_require(joined == NECO_OK || joined == NECO_NOTFOUND, "joining");
    }
}

static void all_at_once(uint64_t n)
{
    neco_waitgroup all;

    neco_waitgroup_init(&all);
    neco_waitgroup_add(&all, (int)n);
    for (uint64_t i = 0; i < n; i++)
        bench_require(neco_start(yield_once, 1, &all) == NECO_OK, "neco_start");
    bench_require(neco_waitgroup_wait(&all) == NECO_OK, "waiting");
}

static void measure(int argc, void *argv[])
{
    const char *what = argv[0];
    uint64_t before, n = *(uint64_t *)argv[1];
    void (*spawn)(uint64_t) = all_at_once;
    struct bench b;

    (void)argc;
    if (strcmp(what, "warm") == 0)
        spawn = one_by_one;
    before = spawn == one_by_one ? 1000 : strcmp(what, "again") == 0 ? n : 0;
    spawn(before);
    bench_start(&b);
    spawn(n);
    bench_stop(&b);
    bench_require(ran == before + n, "running all");
    bench_print(&b, n);
}

int main(int argc, char **argv)
{
    uint64_t n = bench_number(argc, argv, 2);

    return neco_start(measure, 2, argv[1], &n) != NECO_OK;
}
