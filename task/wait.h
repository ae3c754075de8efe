/*
 * wait.h - how a task waits: the only place in the library where one stops.
 *
 * To wait for something, a task puts a struct gyre_wait, which lives on its own
 * stack, where whoever makes that something happen will find it, and parks.
 * Three parties may end the wait: the waker, the deadline and a cancellation.
 * Exactly one does.  If it is not the waker, `abandon` is called first, so that
 * no pointer to the dead stack frame is left behind; or it says that it is too
 * late for that, and the waker is waited for after all.
 *
 *      task                              waker
 *      ----                              -----
 *      err = gyre_checkpoint(deadline)
 *      put w on a queue
 *      gyre_wait_park(&w, deadline)
 *        (other tasks run)               take w off the queue
 *                                        gyre_wait_wake(w, result)
 *      returns result
 *
 * What was waited for changes hands on the wake: a task that is woken and then
 * cancelled still gets its result, and sees the cancellation at its next cancel
 * point.  So a token handed over with a wake is never lost.
 *
 * With GYRE_NOW nothing ever parks, so callbacks, which are no tasks and have
 * no scope, may call any cancel point with that deadline: it is how they read
 * and write.  They cannot have what a task must own, as a mutex: -EPERM.
 *
 * This is for authors of waits of their own.  A function built on it takes a
 * `gyre_time deadline` last, and is thereby a cancel point.
 */
#ifndef GYRE_TASK_WAIT_H
#define GYRE_TASK_WAIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "timers/time.h"
#include "loop/list.h"

struct gyre_task;
struct gyre_wait;

/*
 * What waits of one kind have in common: a constant.  All but the name may be
 * NULL.  None of the functions may switch tasks, and but for the first they
 * only look: they may be called at any time while the task is parked.
 */
struct gyre_wait_kind {
    const char *name; /* after "waits": "for a mutex", "to read" */

    /* Take `w` off whatever it was put on, and return true; or false, if what
       it waits for has begun and cannot be undone, so that it will be woken;
       then it may be asked again.  NULL: `link` is removed from its list. */
    bool (*abandon)(struct gyre_wait *w);

    /* Who must act for `w` to end: the first of them, or the next after
       `last`; NULL if there is none, or if that is not known. */
    struct gyre_task *(*owner)(const struct gyre_wait *w,
                               const struct gyre_task *last);

    /* Write what more there is to say, as "descriptor 7", into the `n` bytes
       at `text`. */
    void (*describe)(const struct gyre_wait *w, char *text, size_t n);

    /* For waits on several things at once (task/sync/select.h): `w` ends
       because `chosen`, one of its parts, has been woken.  NULL for others. */
    void (*choose)(struct gyre_wait *w, struct gyre_wait *chosen);
};

/* One task's wait: say what kind it is and, if there is such a thing, what it
   is for; zero the rest. */
struct gyre_wait {
    struct gyre_list link; /* for the use of whoever is to wake it */
    const struct gyre_wait_kind *kind; /* NULL: of none that has a name */
    void *on;                          /* the mutex, the descriptor, or NULL */

    /* private */
    struct gyre_task *task; /* who is parked on this, or on what it is part of;
                               NULL once the wait is over */
    intptr_t result;
    gyre_time since;
};

#pragma GCC visibility push(default)

/*
 * Every cancel point begins with this, before it attempts anything.  It costs
 * the task one of its 32 credits, and at none left sends it to the back of the
 * ready queue (but not with GYRE_NOW), so that a task whose every operation
 * succeeds at once starves nobody; parking refills them.  0, or -ECANCELED in a
 * cancelled scope, until that scope is left.
 *
 * It may let other tasks run, which may close or free what the caller is about
 * to use.  It also checks that the caller has left no scope open in a frame
 * that is gone: so call it from a function whose own frame is small, or that
 * frame might hide the other.
 */
int gyre_checkpoint(gyre_time deadline) __attribute__((warn_unused_result));

/*
 * Park the current task.  Returns what gyre_wait_wake was given; -ETIMEDOUT
 * once `deadline` is past, at once for GYRE_NOW; -ECANCELED if the task's
 * innermost scope is cancelled, or already was.  On return nobody has a pointer
 * to `w`.
 */
intptr_t gyre_wait_park(struct gyre_wait *w, gyre_time deadline)
    __attribute__((warn_unused_result));

/*
 * End the wait `w`, which is on no queue any more, with `result`.  The task
 * runs later, from the loop; `w` may not be touched after the call.  On the
 * loop's thread, from a task or a callback.
 */
void gyre_wait_wake(struct gyre_wait *w, intptr_t result);

#pragma GCC visibility pop

#endif
