/*
 * supply.c - where the stacks of a run's tasks come from.
 *
 * Invariant: while any pool has more idle stacks that hold pages than it is to
 * keep, `relaxing` is started.
 */
#include "task/supply.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>

#include "loop/list.h"
#include "loop/loop.h"
#include "task/paint.h"
#include "task/sanitize.h"

#define SMALLEST      ((size_t)16 * 1024)
#define LARGEST       (SMALLEST << (GYRE_SUPPLY_SIZES - 1))
#define LINE          ((uintptr_t)64)
#define RELAXED_AFTER GYRE_SECOND

/* Stacks that keep their pages however long nobody needs them. */
enum {
    KEPT = 64,
    KEPT_SIZED = 8, /* of each other size, which few ask for */
};

static struct gyre_stacks *end_of_pools(struct gyre_supply *s)
{
    return s->sized + GYRE_SUPPLY_SIZES;
}

static bool is_used(const struct gyre_stacks *pool)
{
    return pool->size != 0;
}

/* ---- giving back to the system ---- */

static void relax_later(struct gyre_supply *s)
{
    gyre_time now = gyre_loop_now(s->loop);

    gyre_timer_start(s->loop, &s->relaxing,
                     gyre_time_after(now, RELAXED_AFTER));
}

/* What a burst of tasks needed is not held for ever. */
static void relax(struct gyre_timer *timer)
{
    struct gyre_supply *s = GYRE_OWNER(timer, struct gyre_supply, relaxing);
    bool more = gyre_stacks_relax(&s->usual, s->usual.keep);

    for (struct gyre_stacks *p = s->sized; p < end_of_pools(s); p++)
        more |= is_used(p) && gyre_stacks_relax(p, p->keep);
    if (more)
        relax_later(s);
}

/* ---- beginning and ending ---- */

void gyre_supply_init(struct gyre_supply *s, struct gyre_loop *l, size_t size)
{
    *s = (struct gyre_supply){.loop = l};
    s->relaxing = (struct gyre_timer){.fire = relax, .background = true};
    gyre_stacks_init(&s->usual, size, GYRE_GUARD_BEST);
    s->usual.keep = KEPT;
}

void gyre_supply_free(struct gyre_supply *s)
{
    gyre_timer_stop(s->loop, &s->relaxing);
    gyre_stacks_free(&s->usual);
    for (struct gyre_stacks *p = s->sized; p < end_of_pools(s); p++)
        if (is_used(p))
            gyre_stacks_free(p);
}

void gyre_supply_paint(struct gyre_supply *s)
{
    s->usual.painted = true;
}

/* ---- stacks ---- */

/* The least that is enough, counted in doublings of the smallest. */
static int doublings(size_t size)
{
    int i = 0;

    while (SMALLEST << i < size)
        i++;
    return i;
}

static struct gyre_stacks *pool_of(struct gyre_supply *s, size_t size)
{
    int i = doublings(size);
    struct gyre_stacks *pool = &s->sized[i];

    if ((SMALLEST << i) * GYRE_STACK_FACTOR == s->usual.size)
        return &s->usual;
    if (!is_used(pool)) {
        gyre_stacks_init(pool, SMALLEST << i, GYRE_GUARD_BEST);
        pool->painted = s->usual.painted;
        pool->keep = KEPT_SIZED;
    }
    return pool;
}

int gyre_supply_take(struct gyre_supply *s, size_t size,
                     struct gyre_stack **out)
{
    if (size > LARGEST)
        return -ENOMEM;
    return gyre_stacks_take(pool_of(s, size), out);
}

struct gyre_stack *gyre_supply_lent(struct gyre_supply *s, void *memory,
                                    size_t size)
{
    uintptr_t low = ((uintptr_t)memory + LINE - 1) & ~(LINE - 1);
    uintptr_t end = (uintptr_t)memory + size;
    uintptr_t record = (end - sizeof(struct gyre_stack)) & ~(LINE - 1);
    struct gyre_stack *stack = (struct gyre_stack *)record;

    assert(size >= SMALLEST);
    *stack = (struct gyre_stack){.low = (char *)low, .size = record - low};
    stack->valgrind = gyre_sanitize_map(stack->low, stack->size);
    if (s->usual.painted)
        gyre_stack_paint(stack);
    return stack;
}

void gyre_supply_given(struct gyre_supply *s, struct gyre_stack *stack)
{
    if (stack->pool == NULL)
        gyre_sanitize_unmap(stack->low, stack->size, stack->valgrind);
    else if (!gyre_timer_started(&s->relaxing))
        relax_later(s);
}
