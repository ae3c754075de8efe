/*
 * defer.c - what is to be undone, however a task ends.
 *
 * Invariant: those of a task are linked from its `defers`, the last first, and
 * the `at` of each is what points to it.
 */
#include "task/defer.h"

#include <assert.h>
#include <stddef.h>

#include "task/breach.h"
#include "task/internal.h"

static _Noreturn void left(const struct gyre_task *t)
{
    gyre_task_breach(t, "handler deferred", t->deferred_at,
                     "was left without gyre_defer_run");
}

/* `d`, deferred by `t`, is about to be written to: not if it is dead.  `frame`
   lies under all that is alive. */
static void check(const struct gyre_task *t, const struct gyre_defer *d,
                  const void *frame)
{
    if (gyre_task_below(t, d, frame))
        left(t);
}

GYRE_NOT_INLINED void gyre_defer(struct gyre_defer *d, void (*undo)(void *arg),
                                 void *arg)
{
    struct gyre_task *t = gyre_current;

    assert(t != NULL);
    check(t, t->defers, GYRE_FRAME);
    if (t->defers == d) /* and that block was left */
        left(t);
    *d = (struct gyre_defer){.undo = undo,
                             .arg = arg,
                             .next = t->defers,
                             .at = &t->defers,
                             .site = __builtin_return_address(0)};
    if (d->next != NULL)
        d->next->at = &d->next;
    t->defers = d;
    t->deferred_at = d->site;
}

static void take_out(struct gyre_defer *d, const void *frame)
{
    struct gyre_task *t = gyre_current;

    if (t != NULL)
        check(t, d->next, frame);
    if (t != NULL && d->at == &t->defers)
        t->deferred_at = d->next != NULL ? d->next->site : NULL;
    *d->at = d->next;
    if (d->next != NULL)
        d->next->at = d->at;
    d->at = NULL;
}

GYRE_NOT_INLINED void gyre_defer_drop(struct gyre_defer *d)
{
    if (d->at != NULL)
        take_out(d, GYRE_FRAME);
}

/* The handler may free `d`. */
GYRE_NOT_INLINED void gyre_defer_run(struct gyre_defer *d)
{
    void (*undo)(void *arg) = d->undo;
    void *arg = d->arg;

    if (d->at == NULL)
        return;
    take_out(d, GYRE_FRAME);
    undo(arg);
}

/* No frame of the task's is alive any more. */
void gyre_defers_run(struct gyre_task *t)
{
    while (t->defers != NULL) {
        check(t, t->defers, t);
        gyre_defer_run(t->defers);
    }
}
