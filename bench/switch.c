/*
 * switch.c - what does a bare switch of stacks cost?
 *
 *     switch OPS FIBERS DEPTH
 *
 * Passes the turn around a ring of fibers, OPS times in all, each time from the
 * DEPTHth of a chain of calls that then return (1: no call at all).  There is
 * no scheduler around it: this is the floor under bench/gyre/switch.c, and it
 * shows whether returns are still predicted after a switch.  To build it:
 *
 *     cc -O2 -I. -D_GNU_SOURCE bench/switch.c task/fiber.c task/stack.c \
 *         task/stack_guard.c task/switch_x86_64.S
 *
 * Looks beneath the public headers, which have no fibers.
 */
#include "task/fiber.h"
#include "task/stack.h"
#include "bench/bench.h"

struct player {
    struct gyre_fiber fiber;
    struct gyre_fiber *next;
    struct gyre_fiber *home;
    uint64_t depth;
    uint64_t *left; /* switches, of all */
};

static __attribute__((noinline)) uint64_t pass_on(struct player *p,
                                                  uint64_t depth)
{
    uint64_t r = depth;

    if (depth > 0)
        r += pass_on(p, depth - 1);
    else
        gyre_fiber_switch(&p->fiber, p->next);
    __asm__ volatile("" : "+r"(r)); /* a call that returns, not a loop */
    return r;
}

static void play(void *arg)
{
    struct player *p = arg;

    for (;;) {
        if (*p->left == 0)
            gyre_fiber_switch(&p->fiber, p->home);
        --*p->left;
        if (p->depth > 1)
            pass_on(p, p->depth - 2);
        else
            gyre_fiber_switch(&p->fiber, p->next);
    }
}

int main(int argc, char **argv)
{
    uint64_t ops = bench_number(argc, argv, 1), n = bench_number(argc, argv, 2);
    uint64_t left = n, depth = bench_number(argc, argv, 3);
    struct player *ring = calloc(n, sizeof *ring);
    struct gyre_stacks pool;
    struct gyre_stack *s;
    struct gyre_fiber self;
    struct bench b;

    bench_require(ring != NULL, "memory");
    gyre_fiber_adopt(&self);
    gyre_stacks_init(&pool, 0, GYRE_GUARD_BEST);
    for (uint64_t i = 0; i < n; i++) {
        bench_require(gyre_stacks_take(&pool, &s) == 0, "a stack");
        ring[i] = (struct player){.next = &ring[(i + 1) % n].fiber,
                                  .home = &self,
                                  .depth = depth,
                                  .left = &left};
        gyre_fiber_init(&ring[i].fiber, s->low, s->size, play, &ring[i]);
    }
    gyre_fiber_switch(&self, &ring[0].fiber); /* once around, to warm up */
    left = ops;
    bench_start(&b);
    gyre_fiber_switch(&self, &ring[0].fiber);
    bench_stop(&b);
    bench_print(&b, ops);
    return 0;
}
