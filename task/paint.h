/*
 * paint.h - how deep a stack went.
 *
 * Private to task/, installed nowhere.  A painted stack is full of one word, so
 * that the lowest byte that was ever written to shows.  That costs a look at
 * the whole of it, and memory for all of its pages.
 */
#ifndef GYRE_TASK_PAINT_H
#define GYRE_TASK_PAINT_H

#include <stddef.h>

struct gyre_stack;

/* Paint all of `s`, on which nobody stands. */
void gyre_stack_paint(const struct gyre_stack *s);

/* How many bytes at the end of `s` are no longer painted. */
size_t gyre_stack_depth(const struct gyre_stack *s);

/* Paint `s` anew below the caller's frame, but for 2 KiB, if he stands on it;
   or else all of it. */
void gyre_stack_repaint(const struct gyre_stack *s);

#endif
