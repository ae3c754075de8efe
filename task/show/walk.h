/*
 * walk.h - from frame to frame, outwards.
 *
 * Private to task/, installed nowhere: how backtrace.c gets to know the frames
 * it shows.  Implemented by walk_unwind.c and by walk_frames.c, of which the
 * Makefile chooses one.
 */
#ifndef GYRE_TASK_SHOW_WALK_H
#define GYRE_TASK_SHOW_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What has been met on one walk. */
struct gyre_walk {
    const void **frames;
    size_t n;
    size_t max;       /* at least 1 */
    const void *from; /* what is met before that is passed by, if not NULL */

    /* Where the task's frames lie.  Nothing outside is taken for one. */
    const char *low;
    size_t size;
};

/* Meet the next frame: false if it was the last that is wanted. */
bool gyre_walk_meet(struct gyre_walk *w, const void *site);

/*
 * Walk from the caller of this outwards.  It is called directly by
 * gyre_switch_look, with the struct gyre_walk, or by gyre_backtrace.
 */
void gyre_walk_callers(void *walk);

/* Walk from what the handler of a signal, which calls this, has interrupted. */
void gyre_walk_interrupted(struct gyre_walk *w, const void *context);

/* The function with the call that returns to `site`, or 0 if not known. */
uintptr_t gyre_walk_function(const void *site);

#endif
