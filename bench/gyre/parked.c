/*
 * parked N   N tasks parked at once: rss_bytes, what they add to the resident
 * memory, and the time to spawn them and park them
 */
#include "task/future.h"
#include "task/run/run.h"
#include "task/scope.h"
#include "task/task.h"
#include "bench/resident.h"

static struct gyre_future gate;

static intptr_t wait_at_gate(void *arg)
{
    (void)arg;
    return gyre_await(&gate, GYRE_FOREVER);
}

static intptr_t measure(void *arg)
{
    uint64_t n = *(uint64_t *)arg, before = bench_resident();
    struct gyre_scope scope;
    struct bench b;
    int err;

    gyre_future_init(&gate);
    bench_start(&b);
    gyre_scope_open(&scope, GYRE_FOREVER);
    for (uint64_t i = 0; i < n; i++)
        gyre_spawn(&scope, NULL, wait_at_gate, NULL);
    err = gyre_yield(); /* behind them all: they are parked by now */
    bench_stop(&b);
    bench_print_resident(&b, n, bench_resident() - before);
    gyre_future_set(&gate, 0);
    return gyre_scope_close(&scope, err);
}

int main(int argc, char **argv)
{
    uint64_t n = bench_number(argc, argv, 1);

    return gyre_run(measure, &n) != 0;
}
