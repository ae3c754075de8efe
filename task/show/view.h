/*
 * view.h - what can be said of one task, as of now.
 *
 * Private to task/ and what is above it; installed nowhere.  It is collected
 * here and put into words elsewhere (dump_text.c and others).
 */
#ifndef GYRE_TASK_SHOW_VIEW_H
#define GYRE_TASK_SHOW_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "timers/time.h"
#include "task/internal.h"

enum { GYRE_VIEW_FRAMES = 32 };

enum gyre_task_state { GYRE_TASK_RUNNING, GYRE_TASK_READY, GYRE_TASK_PARKED };

/* A task and its wait; good until the task runs, or another does. */
struct gyre_task_view {
    const struct gyre_task *task;
    const struct gyre_task *parent; /* or NULL */
    int depth;                      /* how many are above it */
    enum gyre_task_state state;
    bool cancelled;   /* its next cancel point says so */
    const char *kind; /* what it waits for; NULL if it is not parked */
    const void *on;   /* the object, or NULL */
    char what[64];    /* more of it, or empty */
    gyre_time age;    /* of the wait */
    gyre_time left;   /* until a deadline, or a limit around it, ends that;
                         GYRE_FOREVER: none will */
    const void
        *frames[GYRE_VIEW_FRAMES]; /* return addresses, innermost first */
    size_t height;                 /* how many of them */
};

/* Begin to look at tasks of `rt`, as of the time returned. */
gyre_time gyre_views_begin(struct gyre_runtime *rt);

/* How long, as of `now`, until the wait of `t` ends without its being woken;
   GYRE_FOREVER: it will not. */
gyre_time gyre_task_left(const struct gyre_task *t, gyre_time now);

/* Look at `t`, as of `now`. */
void gyre_task_look(struct gyre_task_view *v, const struct gyre_task *t,
                    gyre_time now);

/* Does `t`, a sibling of the task in `v`, do the same in the same place;
   whatever its name is, and what of a kind it waits for?  If so, it is seen in
   `like`, as of `now`. */
bool gyre_task_is_alike(const struct gyre_task *t,
                        const struct gyre_task_view *v, gyre_time now,
                        struct gyre_task_view *like);

/* Who must act for the wait of `t` to end: the first, or the next after `last`;
   NULL if it is not parked, or if there is no other.  Of several things that a
   task waits for at once any may end the wait: then nobody must. */
struct gyre_task *gyre_task_held_up_by(const struct gyre_task *t,
                                       const struct gyre_task *last);

#endif
