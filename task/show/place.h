/*
 * place.h - a place in the program, in words.
 *
 * Private to task/, installed nowhere.
 */
#ifndef GYRE_TASK_SHOW_PLACE_H
#define GYRE_TASK_SHOW_PLACE_H

#include <stddef.h>

struct gyre_out;
struct gyre_task;

/* Add the name of the place, as `function+0x1f`. */
void gyre_put_place(struct gyre_out *o, const void *address);

/* Add the name of the function that is there. */
void gyre_put_function(struct gyre_out *o, const void *address);

#endif
