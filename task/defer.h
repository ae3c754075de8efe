/*
 * defer.h - what is to be undone, however a task ends.
 *
 * A task that is cancelled goes on to its end, and undoes what it has done on
 * the way, as any C function does.  Where there are many ways out, what is to
 * be undone can be said where it is done:
 *
 *      struct gyre_defer GYRE_DEFERRED d = {0};
 *      struct gyre_stream *s;
 *      ...
 *      gyre_defer(&d, close_stream, s);
 *      ... returns, from wherever: then s is closed
 *      gyre_defer_drop(&d);                (or it was handed on)
 *
 * and with the attribute that happens at the end of the block.  Without it, in
 * an object that outlives the task, or that the handler frees, it happens when
 * the task ends, before its future is set.  The last deferred is the first run.
 *
 * Handlers run on the task's own stack, as part of the task, and may park.  In
 * a cancelled task their cancel points fail as all others do, unless a handler
 * opens a shield for itself (gyre_scope_open_shielded).
 *
 * One left in a frame that is gone is found when the next is deferred, and when
 * the task ends; that aborts, with the names of the task and of the site.
 */
#ifndef GYRE_TASK_DEFER_H
#define GYRE_TASK_DEFER_H

/* Zeroed it has nothing to do; in place while it has. */
struct gyre_defer {
    /* private */
    void (*undo)(void *arg);
    void *arg;
    struct gyre_defer *next; /* deferred before */
    struct gyre_defer **at;  /* what points to it; NULL: nothing to do */
    const void *site;        /* who deferred it */
};

/* `struct gyre_defer GYRE_DEFERRED d = {0};` is run when it goes out of
   sight. */
#define GYRE_DEFERRED __attribute__((cleanup(gyre_defer_run), unused))

#pragma GCC visibility push(default)

/* Have undo(arg) called when this task ends, unless `d` is run or dropped
   before.  `d` has nothing to do yet.  For tasks only; cannot fail.  O(1). */
void gyre_defer(struct gyre_defer *d, void (*undo)(void *arg), void *arg);

/* Undo it now; nothing, if there is nothing to do any more.  By the task that
   deferred it. */
void gyre_defer_run(struct gyre_defer *d);

/* Do not undo it after all.  From anywhere; O(1). */
void gyre_defer_drop(struct gyre_defer *d);

#pragma GCC visibility pop

#endif
