/*
 * switch OPS TASKS   that many tasks give way to each other in turn
 */
#include "task/run/run.h"
#include "task/scope.h"
#include "task/task.h"
#include "bench/bench.h"

struct plan {
    uint64_t ops, tasks;
};

static intptr_t yield(void *arg)
{
    const struct plan *plan = arg;
    int err = 0;

    for (uint64_t i = 0; i < plan->ops / plan->tasks && err == 0; i++)
        err = gyre_yield();
    return err;
}

static intptr_t measure(void *arg)
{
    const struct plan *plan = arg;
    struct gyre_scope scope;
    struct bench b;
    intptr_t r;

    bench_require(plan->tasks > 0, "a number of tasks");
    bench_start(&b);
    gyre_scope_open(&scope, GYRE_FOREVER);
    for (uint64_t i = 0; i < plan->tasks; i++)
        gyre_spawn(&scope, NULL, yield, arg);
    r = gyre_scope_close(&scope, 0);
    bench_stop(&b);
    bench_print(&b, plan->ops / plan->tasks * plan->tasks);
    return r;
}

int main(int argc, char **argv)
{
    struct plan plan = {.ops = bench_number(argc, argv, 1),
                        .tasks = bench_number(argc, argv, 2)};

    return gyre_run(measure, &plan) != 0;
}
