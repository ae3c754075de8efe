/*
 * pool OPS THREADS [N]   work that does nothing is done by a pool of so many
 *                        threads, for N tasks, one after another each; N is
 *                        twice as many if it is not told
 */
#include "task/offload.h"
#include "task/pool.h"
#include "task/run/run.h"
#include "task/scope.h"
#include "task/task.h"
#include "bench/bench.h"

struct plan {
    struct gyre_pool pool;
    uint64_t tasks, each;
};

static intptr_t work(void *arg)
{
    (void)arg;
    return 1;
}

static intptr_t ask(void *arg)
{
    struct plan *plan = arg;

    for (uint64_t i = 0; i < plan->each; i++)
        bench_require(gyre_offload_to(&plan->pool, work, NULL, GYRE_FOREVER) ==
                          1,
                      "gyre_offload_to");
    return 0;
}

static intptr_t all(struct plan *plan)
{
    struct gyre_scope scope;

    gyre_scope_open(&scope, GYRE_FOREVER);
    for (uint64_t i = 0; i < plan->tasks; i++)
        gyre_spawn(&scope, NULL, ask, plan);
    return gyre_scope_close(&scope, 0);
}

static intptr_t measure(void *arg)
{
    struct plan *plan = arg;
    uint64_t each = plan->each;
    struct bench b;
    intptr_t r;

    plan->each = 1;
    r = all(plan); /* the threads are started */
    plan->each = each;
    bench_start(&b);
    if (r == 0)
        r = all(plan);
    bench_stop(&b);
    bench_print(&b, plan->tasks * each);
    gyre_pool_close(&plan->pool);
    return r;
}

int main(int argc, char **argv)
{
    uint64_t ops = bench_number(argc, argv, 1);
    unsigned threads = (unsigned)bench_number(argc, argv, 2);
    struct plan plan = {.pool.threads = threads};

    plan.tasks = argc > 3 ? bench_number(argc, argv, 3) : 2 * threads;
    plan.each = ops / plan.tasks;
    bench_require(plan.each > 0, "so many threads");
    return gyre_run(measure, &plan) != 0;
}
