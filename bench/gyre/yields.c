/*
 * yields OPS TASKS   one yield among so many tasks
 *
 * As switch.c, but that spawning them, and their ends, are not in it: one of
 * them has the clock, and each turn of its own is one of everybody's.
 */
#include <stdbool.h>

#include "task/run/run.h"
#include "task/scope.h"
#include "task/task.h"
#include "bench/bench.h"

struct plan {
    uint64_t ops, tasks;
    uint64_t yielded; /* by the others */
    bool over;
};

static intptr_t yield(void *arg)
{
    struct plan *plan = arg;
    int err = 0;

    while (!plan->over && err == 0) {
        plan->yielded++;
        err = gyre_yield();
    }
    return err;
}

static intptr_t measure(void *arg)
{
    struct plan *plan = arg;
    uint64_t turns = plan->ops / plan->tasks;
    struct gyre_scope scope;
    struct bench b;
    int err = 0;

    gyre_scope_open(&scope, GYRE_FOREVER);
    for (uint64_t i = 1; i < plan->tasks; i++)
        gyre_spawn(&scope, NULL, yield, plan);
    bench_require(gyre_yield() == 0, "spawning them");
    plan->yielded = 0;
    bench_start(&b);
    for (uint64_t i = 0; i < turns && err == 0; i++)
        err = gyre_yield();
    bench_stop(&b);
    plan->over = true;
    bench_require(plan->yielded == turns * (plan->tasks - 1),
                  "everybody's turn");
    bench_print(&b, turns * plan->tasks);
    return gyre_scope_close(&scope, err);
}

int main(int argc, char **argv)
{
    struct plan plan = {.ops = bench_number(argc, argv, 1),
                        .tasks = bench_number(argc, argv, 2)};

    return gyre_run(measure, &plan) != 0;
}
