/*
 * format.h - the forms that a dump can have, a file each.
 *
 * Private to task/ and what is above it; installed nowhere.
 */
#ifndef GYRE_TASK_SHOW_FORMAT_H
#define GYRE_TASK_SHOW_FORMAT_H

#include "task/internal.h"
#include "task/show/dump.h"
#include "task/show/out.h"

/* Write a dump of the tasks of `rt`; on its thread. */
void gyre_put_text(struct gyre_out *o, struct gyre_runtime *rt);
void gyre_put_json(struct gyre_out *o, struct gyre_runtime *rt);
void gyre_put_dot(struct gyre_out *o, struct gyre_runtime *rt);

/* gyre_dump, of the tasks of `rt`. */
int gyre_dump_run(struct gyre_runtime *rt, int fd,
                  enum gyre_dump_format format);

#endif
