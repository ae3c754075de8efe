/*
 * test_supply.c - the claims of supply.h.
 */
#include <criterion/criterion.h>

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "loop/loop.h"
#include "loop/sim.h"
#include "task/sanitize.h"
#include "task/supply.h"
#include "tests/support/faults.h"

#define KIB ((size_t)1024)

static struct gyre_sim *sim;
static struct gyre_loop *loop;
static struct gyre_supply supply;

static void open_supply(void)
{
    struct gyre_loop_options options = {0};

    cr_assert_eq(gyre_sim_new(&sim), 0);
    options.poller = gyre_sim_poller(sim);
    cr_assert_eq(gyre_loop_new_with(&loop, &options), 0);
    gyre_supply_init(&supply, loop, 0);
}

static void close_supply(void)
{
    gyre_supply_free(&supply);
    gyre_loop_free(loop);
}

TestSuite(supply, .init = open_supply, .fini = close_supply);

static struct gyre_stack *take(size_t size)
{
    struct gyre_stack *s;

    cr_assert_eq(gyre_supply_take(&supply, size, &s), 0);
    return s;
}

static void give(struct gyre_stack *s)
{
    gyre_supply_give(&supply, s);
}

Test(supply, gives_stacks_of_the_next_power_of_two)
{
    static const struct {
        size_t asked, got;
    } cases[] = {{1, 16},   {16, 16},   {17, 32},    {64, 64},
                 {65, 128}, {128, 128}, {1000, 1024}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct gyre_stack *s = take(cases[i].asked * KIB);
        size_t whole = cases[i].got * KIB * GYRE_STACK_FACTOR;

        cr_expect_leq(s->size, whole);
        cr_expect_gt(s->size + 4 * KIB, whole, "%zu", cases[i].asked);
        memset(s->low, 1, s->size);
        give(s);
    }
}

Test(supply, takes_those_of_the_usual_size_from_the_usual_pool)
{
    struct gyre_stack *one = take(64 * KIB), *other = take(32 * KIB);

    cr_expect_eq(one->pool, &supply.usual);
    cr_expect_neq(other->pool, &supply.usual);
    give(one);
    give(other);
    cr_expect_eq(take(40 * KIB), one);
    cr_expect_eq(take(30 * KIB), other);
    give(one);
    give(other);
}

Test(supply, has_up_to_a_gigabyte_and_no_more)
{
    const size_t most = KIB * KIB * KIB;
    struct gyre_stack *s = NULL;

    cr_expect_eq(gyre_supply_take(&supply, most + 1, &s), -ENOMEM);
    cr_expect_eq(gyre_supply_take(&supply, SIZE_MAX, &s), -ENOMEM);
#if GYRE_STACK_FACTOR == 1
    s = take(most);
    s->low[0] = s->low[s->size - 1] = 1;
    give(s);
#endif
}

Test(supply, says_so_when_there_is_none)
{
    struct gyre_stack *s;

    faults_in_mapping(true);
    cr_expect_eq(gyre_supply_take(&supply, 16 * KIB, &s), -ENOMEM);
    faults_in_mapping(false);
    give(take(16 * KIB));
}

Test(supply, makes_a_stack_of_what_is_lent)
{
    static char memory[32 * 1024 + 3];

    for (size_t i = 0; i < 4; i++) {
        struct gyre_stack *s =
            gyre_supply_lent(&supply, memory + i, sizeof memory - 3);

        cr_expect_null(s->pool);
        cr_expect_geq(s->low, memory + i);
        cr_expect_leq(s->low + s->size, memory + i + sizeof memory - 3);
        cr_expect_gt(s->size, sizeof memory - 256);
        memset(s->low, 1, s->size);
        give(s);
        memset(memory, 0, sizeof memory);
    }
}

/* Take so many of a size, and give them back. */
static void burst(size_t n, size_t size)
{
    static struct gyre_stack *stacks[100];

    for (size_t i = 0; i < n; i++)
        stacks[i] = take(size);
    for (size_t i = 0; i < n; i++)
        give(stacks[i]);
}

static void pass_seconds(int n)
{
    gyre_sim_advance(sim, n * GYRE_SECOND);
    while (n-- > 0)
        cr_expect_eq(gyre_loop_once(loop, GYRE_NOW), 0);
}

Test(supply, keeps_a_few_of_each_size_when_a_burst_is_over)
{
    struct gyre_stack *s = take(16 * KIB);
    const struct gyre_stacks *small = s->pool;

    give(s);
    burst(100, 64 * KIB);
    burst(100, 16 * KIB);
    cr_expect_eq(supply.usual.warm, 100);
    cr_expect_eq(small->warm, 100);
    cr_expect_not(gyre_loop_alive(loop), "none of it is awaited");
    for (int i = 0; i < 3; i++)
        pass_seconds(2);
    cr_expect_eq(supply.usual.warm, 64);
    cr_expect_eq(small->warm, 8);
    burst(9, 16 * KIB);
    for (int i = 0; i < 3; i++)
        pass_seconds(2);
    cr_expect_eq(small->warm, 8, "once more");
}
