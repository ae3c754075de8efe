/*
 * background.c - whose waits keep the loop alive, and whose do not.
 *
 * Invariant: of a task in the background no timer counts, and `waived` counts
 * in place of the loop; of any other `waived` is 0.
 */
#include "task/background.h"

#include "task/internal.h"

void gyre_awaits_begin(struct gyre_loop *l)
{
    if (gyre_current->background)
        gyre_current->waived++;
    else
        gyre_ready_awaits(l, 1);
}

void gyre_awaits_end(struct gyre_loop *l)
{
    if (gyre_current->background)
        gyre_current->waived--;
    else
        gyre_ready_awaits(l, -1);
}

/* Whether a timer counts is settled when it is started. */
static void start_again(struct gyre_loop *l, struct gyre_timer *timer)
{
    if (!gyre_timer_started(timer))
        return;
    timer->background = false;
    gyre_timer_start(l, timer, gyre_timer_due(timer));
}

void gyre_task_to_foreground(struct gyre_task *t)
{
    struct gyre_loop *l = t->runtime->loop;

    t->background = false;
    gyre_loop_awaits(l, t->waived);
    t->waived = 0;
    if (t->timer != NULL)
        start_again(l, t->timer);
    for (struct gyre_branch *b = t->innermost; b != &t->base; b = b->parent)
        start_again(l, &gyre_branch_scope(b)->timer);
}
