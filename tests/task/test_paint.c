/*
 * test_paint.c - the claims of paint.h.
 */
#include <criterion/criterion.h>

#include <stdint.h>

#include "task/fiber.h"
#include "task/paint.h"
#include "task/stack.h"

static _Alignas(64) char memory[64 * 1024];
static const struct gyre_stack ours = {.low = memory, .size = sizeof memory};

Test(paint, shows_the_lowest_byte_that_was_written)
{
    static const size_t depths[] = {8, 64, 4096, 4104, 65528, 65536};

    gyre_stack_paint(&ours);
    cr_expect_eq(gyre_stack_depth(&ours), 0);
    for (size_t i = 0; i < sizeof depths / sizeof depths[0]; i++) {
        memory[sizeof memory - depths[i]] = 0;
        cr_expect_eq(gyre_stack_depth(&ours), depths[i]);
    }
    gyre_stack_repaint(&ours);
    cr_expect_eq(gyre_stack_depth(&ours), 0, "who stands elsewhere paints all");
}

/* ---- of a fiber ---- */

static struct gyre_fiber loop, fiber;
static size_t before, after;

static __attribute__((noinline)) void use(size_t bytes)
{
    volatile char room[bytes];

    for (size_t i = 0; i < bytes; i++)
        room[i] = room[0] = 0;
}

static void go_deep(void *bytes)
{
    use((uintptr_t)bytes);
    before = gyre_stack_depth(&ours);
    gyre_stack_repaint(&ours);
    after = gyre_stack_depth(&ours);
    gyre_fiber_exit(&fiber, &loop);
}

Test(paint, shows_how_deep_a_fiber_went_and_can_be_renewed_under_it)
{
    gyre_fiber_adopt(&loop);
    for (uintptr_t bytes = 8000; bytes < 40000; bytes += 8000) {
        gyre_stack_paint(&ours);
        gyre_fiber_init(&fiber, memory, sizeof memory, go_deep, (void *)bytes);
        gyre_fiber_switch(&loop, &fiber);
        cr_expect_geq(before, bytes);
        cr_expect_leq(before, bytes + 4096);
        cr_expect_leq(after, 6000);
        cr_expect_gt(after, 100, "what it still needs was left");
    }
}
