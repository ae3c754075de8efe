/*
 * supply.h - where the stacks of a run's tasks come from.
 *
 * Private to task/, installed nowhere.  A pool of stacks (stack.h) has one
 * size: so there is one of the usual size, for most tasks, and one for each
 * power of two that a task asks for.  And a stack may be lent by whoever spawns
 * a task.  What a burst of tasks needed goes back to the system after a second
 * or two.
 */
#ifndef GYRE_TASK_SUPPLY_H
#define GYRE_TASK_SUPPLY_H

#include <stdbool.h>
#include <stddef.h>

#include "loop/timer.h"
#include "task/sanitize.h"
#include "task/stack.h"

struct gyre_loop;

/* 16 KiB to 1 GiB. */
enum { GYRE_SUPPLY_SIZES = 17 };

struct gyre_supply {
    struct gyre_stacks usual;
    struct gyre_loop *loop;

    /* private */
    struct gyre_stacks sized[GYRE_SUPPLY_SIZES]; /* of 16 KiB << i; zeroed until
                                                    one is asked for */
    struct gyre_timer relaxing; /* while many stacks are idle */
};

/* Prepare a supply of stacks of `size` bytes, as gyre_stacks_init.  Cannot
   fail. */
void gyre_supply_init(struct gyre_supply *s, struct gyre_loop *l, size_t size);

/* All stacks must have been given back. */
void gyre_supply_free(struct gyre_supply *s);

/* Have stacks painted: see paint.h.  Before any is taken. */
void gyre_supply_paint(struct gyre_supply *s);

/* Take a stack of at least `size` bytes.  0; -ENOMEM, and always for more than
   1 GiB. */
int gyre_supply_take(struct gyre_supply *s, size_t size,
                     struct gyre_stack **out);

/*
 * Make a stack of the `size` bytes at `memory`, which has no guard, and whose
 * record lies in it.  Given back like others, it is the lender's again.
 */
struct gyre_stack *gyre_supply_lent(struct gyre_supply *s, void *memory,
                                    size_t size);

/* See to a stack that was given back and is of no pool, or of one that has more
   than it is to keep. */
void gyre_supply_given(struct gyre_supply *s, struct gyre_stack *stack);

/* As gyre_stacks_give, whatever pool it came from. */
GYRE_ALWAYS_INLINE void gyre_supply_give(struct gyre_supply *s,
                                         struct gyre_stack *stack)
{
    struct gyre_stacks *pool = stack->pool;

    if (pool != NULL)
        gyre_stacks_give(pool, stack);
    if (pool == NULL || pool->warm > pool->keep)
        gyre_supply_given(s, stack);
    if (pool == NULL)
        gyre_sanitize_return(stack->low, stack->size);
}

#endif
