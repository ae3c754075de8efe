/*
 * label.h - what to call a task, or a function.
 *
 * Private to task/, installed nowhere.
 */
#ifndef GYRE_TASK_SHOW_LABEL_H
#define GYRE_TASK_SHOW_LABEL_H

#include <stddef.h>

enum { GYRE_LABEL = 128 }; /* bytes are enough */

/* Write `name` into the `n` bytes at `text`, or if it is NULL the name of the
   function `fn`, or its address. */
void gyre_label(char *text, size_t n, const char *name, const void *fn);

#endif
