/*
 * control.h - a socket at which a run answers questions.
 *
 * Private to task/, installed nowhere.  A client connects to a Unix socket and
 * writes a line, a command (commands.h); it gets the answer, and the end.  All
 * is done by callbacks on the run's loop, none of which blocks or keeps that
 * alive.  A client has ten seconds in all; there are no more than four at a
 * time, and none holds more than 64 MiB.
 */
#ifndef GYRE_TASK_RUN_CONTROL_H
#define GYRE_TASK_RUN_CONTROL_H

struct gyre_control;
struct gyre_runtime;

/* Listen at `path`.  -ENOMEM; or as gyre_endpoint_open (endpoint.h), and
   gyre_watch_start. */
int gyre_control_new(struct gyre_control **out, struct gyre_runtime *rt,
                     const char *path);

/* Hang up on all, and take the socket away.  NULL is left alone. */
void gyre_control_free(struct gyre_control *c);

/* In the child of a fork: close what is the parent's, and leave it there.  NULL
   is left alone. */
void gyre_control_forget(struct gyre_control *c);

#endif
