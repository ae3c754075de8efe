/*
 * background.h - whose waits keep the loop alive, and whose do not.
 *
 * Private to task/ and what is above it, installed nowhere.  What it is for is
 * said in scope.h.  A task is in the background from its beginning until it is
 * cancelled: then somebody waits for its end, and what it does to that end
 * counts.
 */
#ifndef GYRE_TASK_BACKGROUND_H
#define GYRE_TASK_BACKGROUND_H

struct gyre_loop;
struct gyre_task;

/* The current task is about to wait for what comes from outside by way of `l`,
   a descriptor or a thread; it is done waiting.  Between the two the loop is
   alive, unless the task is in the background. */
void gyre_awaits_begin(struct gyre_loop *l);
void gyre_awaits_end(struct gyre_loop *l);

/* From now on all that `t` waits for counts. */
void gyre_task_to_foreground(struct gyre_task *t);

#endif
