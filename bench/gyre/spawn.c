/*
 * Tasks made and joined.
 *
 *     spawn warm OPS   spawn a task that ends at once, await it
 *     spawn cold N     spawn N that each yield once, then join them all
 *     spawn again N    the same, a second time in the same process
 */
#include <string.h>

#include "loop/result.h"
#include "task/future.h"
#include "task/run/run.h"
#include "task/scope.h"
#include "task/task.h"
#include "bench/bench.h"

static intptr_t nothing(void *arg)
{
    return (intptr_t)arg;
}

static intptr_t yield_once(void *arg)
{
    (void)arg;
    return gyre_yield();
}

static intptr_t one_by_one(uint64_t ops)
{
    struct gyre_scope scope;
    struct gyre_future done;
    intptr_t r = 0;

    gyre_scope_open(&scope, GYRE_FOREVER);
    for (uint64_t i = 0; i < ops && r == 0; i++) {
        gyre_spawn(&scope, &done, nothing, NULL);
        r = gyre_await(&done, GYRE_FOREVER);
    }
    return gyre_scope_close(&scope, r);
}

static intptr_t all_at_once(uint64_t n)
{
    struct gyre_scope scope;

    gyre_scope_open(&scope, GYRE_FOREVER);
    for (uint64_t i = 0; i < n; i++)
        gyre_spawn(&scope, NULL, yield_once, NULL);
    return gyre_scope_close(&scope, 0);
}

/* What to measure, after `before` of the same unmeasured. */
struct plan {
    intptr_t (*spawn)(uint64_t n);
    uint64_t before, n;
};

static intptr_t measure(void *arg)
{
    const struct plan *plan = arg;
    struct bench b;
    intptr_t r = plan->spawn(plan->before);

    bench_start(&b);
    if (r == 0)
        r = plan->spawn(plan->n);
    bench_stop(&b);
    bench_print(&b, plan->n);
    return r;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    uint64_t n = bench_number(argc, argv, 2);
    struct plan plan = {all_at_once, 0, n};

    if (strcmp(what, "warm") == 0)
        plan = (struct plan){one_by_one, 1000, n};
    else if (strcmp(what, "again") == 0)
        plan.before = n;
    else
        bench_require(strcmp(what, "cold") == 0, "finding the case");
    return gyre_run(measure, &plan) != 0;
}
