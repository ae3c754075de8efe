/*
 * fibers.c - what would tasks cost that were stacks, and no more?
 *
 *     fibers warm OPS   take a stack, switch to it, end there, give it back
 *     fibers cold N     N stacks: switch to each twice, then give them back
 *     fibers again N    the same, a second time in the same process
 *
 * Nothing schedules them, and nobody can cancel, await or name them: the floor
 * under bench/gyre/spawn.c.  Looks beneath the public headers, which have no
 * fibers.
 */
#include <string.h>

#include "task/fiber.h"
#include "task/stack.h"
#include "bench/bench.h"

/* At the end of its own stack, as a task is. */
struct bare {
    struct gyre_fiber fiber;
    struct gyre_stack *stack;
    struct gyre_fiber *next;
};

static struct gyre_stacks pool;
static struct gyre_fiber home;

static struct bare *make(void (*entry)(void *))
{
    struct gyre_stack *s;
    struct bare *b;

    bench_require(gyre_stacks_take(&pool, &s) == 0, "a stack");
    b = (struct bare *)(void *)(s->low + s->size - sizeof *b);
    b->stack = s;
    b->next = &home;
    gyre_fiber_init(&b->fiber, s->low, s->size - sizeof *b, entry, b);
    return b;
}

static _Noreturn void end(struct bare *b)
{
    gyre_stacks_give(&pool, b->stack);
    gyre_fiber_exit(&b->fiber, b->next);
}

static void end_at_once(void *arg)
{
    end(arg);
}

static void end_later(void *arg)
{
    struct bare *b = arg;

    gyre_fiber_switch(&b->fiber, b->next);
    end(b);
}

static void one_by_one(uint64_t n)
{
    for (uint64_t i = 0; i < n; i++)
        gyre_fiber_switch(&home, &make(end_at_once)->fiber);
}

static void all_at_once(uint64_t n)
{
    struct bare *first = make(end_later), *last = first;

    for (uint64_t i = 1; i < n; i++) {
        struct bare *b = make(end_later);

        last->next = &b->fiber;
        last = b;
    }
    gyre_fiber_switch(&home, &first->fiber);
    gyre_fiber_switch(&home, &first->fiber);
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    uint64_t n = bench_number(argc, argv, 2);
    struct bench b;

    gyre_fiber_adopt(&home);
    gyre_stacks_init(&pool, 0, GYRE_GUARD_BEST);
    if (strcmp(what, "warm") == 0)
        one_by_one(1000);
    else if (strcmp(what, "again") == 0)
        all_at_once(n);
    else
        bench_require(strcmp(what, "cold") == 0, "finding the case");
    bench_start(&b);
    if (strcmp(what, "warm") == 0)
        one_by_one(n);
    else
        all_at_once(n);
    bench_stop(&b);
    bench_print(&b, n);
    return 0;
}
