/*
 * cancel.c - the tree along which cancellation spreads.
 *
 * Invariants:
 *   - `cause` is not 0 exactly when the branch is cancelled, and then so is all
 *     that is inside it and not shielded from it;
 *   - a task is interrupted in its wait, if that can be, when its innermost
 *     branch gets a cause, and by nothing else in this file;
 *   - `told` is true only of cancelled branches.
 *
 * The tree is walked by its links: tasks have small stacks, and it may be deep.
 */
#include "task/cancel.h"

#include <errno.h>

#include "task/background.h"
#include "task/internal.h"

void gyre_branch_shield(struct gyre_branch *b)
{
    b->shielded = true;
    b->cause = 0;
}

struct gyre_scope *gyre_branch_scope(struct gyre_branch *b)
{
    if (b->task != NULL && b == &b->task->base)
        return NULL;
    return GYRE_OWNER(b, struct gyre_scope, branch);
}

/* The branch is cancelled now, and so is the wait that it governs, if any. */
static void take(struct gyre_branch *b, int cause)
{
    struct gyre_task *t = b->task;

    b->cause = cause;
    if (t != NULL && t->background && b == &t->base)
        gyre_task_to_foreground(t);
    if (t == NULL || t->innermost != b || t->wait == NULL)
        return;
    if (gyre_wait_interrupt(t, -ECANCELED))
        (void)gyre_branch_tell(b);
}

/* The first branch inside `b`, or NULL. */
static struct gyre_branch *inside(struct gyre_branch *b)
{
    if (gyre_list_empty(&b->branches))
        return NULL;
    return GYRE_OWNER(b->branches.next, struct gyre_branch, link);
}

/* The next branch below `root` that is not inside `b`, or NULL. */
static struct gyre_branch *beyond(struct gyre_branch *b,
                                  struct gyre_branch *root)
{
    while (b != root && b->link.next == &b->parent->branches)
        b = b->parent;
    if (b == root)
        return NULL;
    return GYRE_OWNER(b->link.next, struct gyre_branch, link);
}

struct gyre_branch *gyre_branch_after(struct gyre_branch *b,
                                      struct gyre_branch *root)
{
    struct gyre_branch *next = inside(b);

    return next != NULL ? next : beyond(b, root);
}

void gyre_branch_cancel(struct gyre_branch *root, int cause)
{
    struct gyre_branch *b;

    take(root, cause);
    b = inside(root);
    while (b != NULL) {
        if (b->shielded || b->cause != 0) {
            b = beyond(b, root);
        } else {
            take(b, -ECANCELED);
            b = gyre_branch_after(b, root);
        }
    }
}

int gyre_branch_tell(struct gyre_branch *b)
{
    while (b != NULL && b->cause != 0) {
        b->told = true;
        b = b->shielded ? NULL : b->parent;
    }
    return -ECANCELED;
}
