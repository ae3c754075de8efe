/*
 * cancel.h - the tree along which cancellation spreads.
 *
 * Private to task/, installed nowhere.  A branch (struct gyre_branch, in
 * scope.h) stands for an open scope or for a task.  When one is cancelled so is
 * all that is inside, down to shields, and tasks are taken off their waits.
 */
#ifndef GYRE_TASK_CANCEL_H
#define GYRE_TASK_CANCEL_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

#include "loop/list.h"
#include "task/scope.h"

/* Causes that are no errors; an error is its own. */
enum {
    ASKED = 1, /* gyre_scope_cancel, gyre_future_cancel */
};

/* Put `b`, which governs `t`, inside `parent`, or nowhere if that is NULL. */
static inline void gyre_branch_init(struct gyre_branch *b,
                                    struct gyre_branch *parent,
                                    struct gyre_task *t)
{
    b->link.next = NULL;
    gyre_list_init(&b->branches);
    b->parent = parent;
    b->task = t;
    b->cause = parent != NULL && parent->cause != 0 ? -ECANCELED : 0;
    b->told = false;
    b->shielded = false;
    if (parent != NULL)
        gyre_list_append(&parent->branches, &b->link);
}

/* Take it out again; nothing may be left inside. */
static inline void gyre_branch_leave(struct gyre_branch *b)
{
    gyre_list_remove(&b->link);
}

/* Take nothing over from outside; before anything has happened inside. */
void gyre_branch_shield(struct gyre_branch *b);

/* Cancel `b`, which is not cancelled, and what is inside. */
void gyre_branch_cancel(struct gyre_branch *b, int cause);

/* A cancel point inside `b`, which is cancelled, fails on account of it:
   -ECANCELED. */
int gyre_branch_tell(struct gyre_branch *b);

/* The next branch below `root` after `b`, outside before inside; or NULL. */
struct gyre_branch *gyre_branch_after(struct gyre_branch *b,
                                      struct gyre_branch *root);

/* The scope that `b` is the branch of, or NULL if it is a task's. */
struct gyre_scope *gyre_branch_scope(struct gyre_branch *b);

/* Is a result of -ECANCELED that comes out of `b` its echo, and no failure? */
static inline bool gyre_branch_echoes(const struct gyre_branch *b)
{
    return b->cause != 0;
}

/* Does the cause count?  One that nobody was told of does not, unless it was
   asked for: what was done in time stays done. */
static inline bool gyre_branch_counts(const struct gyre_branch *b)
{
    return b->told || b->cause == ASKED;
}

#endif
