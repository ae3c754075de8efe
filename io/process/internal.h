/*
 * internal.h - what the files in io/process/ share, and nobody else may
 * include.
 */
#ifndef GYRE_IO_PROCESS_INTERNAL_H
#define GYRE_IO_PROCESS_INTERNAL_H

#include "io/process/process.h"

/* process.c: nothing yet, and closed. */
void gyre_process_init(struct gyre_process *p, struct gyre_loop *l);

/* process.c: `pid` is its child from now on, if it returns 0, and leads a
   `group` or not.  -ENOMEM. */
int gyre_process_watch(struct gyre_process *p, pid_t pid, bool group);

#endif
