/*
 * words.h - a task, and what it waits for, in words.
 *
 * Private to task/ and what is above it; installed nowhere.
 */
#ifndef GYRE_TASK_SHOW_WORDS_H
#define GYRE_TASK_SHOW_WORDS_H

#include "task/show/out.h"
#include "task/show/view.h"

/* "#4 deposit": its number, and its name or that of its function. */
void gyre_put_title(struct gyre_out *o, const struct gyre_task *t);

/* "1.500 s". */
void gyre_put_span(struct gyre_out *o, gyre_time span);

/* ", held up by #4, #5": who must act for its wait to end, the first few; or
   nothing. */
void gyre_put_owners(struct gyre_out *o, const struct gyre_task *t);

/* A sentence on what the task is doing.  Of those who hold it up it names only
   `owner`, or the first few if that is NULL. */
void gyre_put_task(struct gyre_out *o, const struct gyre_task_view *v,
                   const struct gyre_task *owner);

/* Who is in the cycle that `first` is in, as found by gyre_cycles_walk, and
   what each waits for as of `now`: a few lines.  It is called a deadlock only
   if none of the waits has a deadline, or a limit around it. */
void gyre_put_cycle(struct gyre_out *o, const struct gyre_task *first,
                    gyre_time now);

#endif
