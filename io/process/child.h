/*
 * child.h - what a child does between fork and exec.
 *
 * Private to io/, installed nowhere.  All that needs memory, or a lock, is done
 * before: another thread may have held one when we forked.  And the memory may
 * be the parent's: of that the child writes nothing but `fds`, `*shares`,
 * errno, and its own frames.
 */
#ifndef GYRE_IO_PROCESS_CHILD_H
#define GYRE_IO_PROCESS_CHILD_H

#include <stdbool.h>
#include <stddef.h>

#include "io/process/process.h"

/* In place of a descriptor: leave what is there; the one before. */
enum { GYRE_LEAVE = -1, GYRE_REPEAT = -2 };

/* What it is to do. */
struct gyre_child {
    const struct gyre_process_options *options;
    const char *program;
    const char *path; /* where to look for it */
    char *const *env;
    int *fds; /* by the number it is to have; or as above */
    int n;
    int report; /* where it says why it failed; close-on-exec */
    /* Set by a child that runs on its parent's memory: which so has become the
       program, or ended, when the parent goes on. */
    volatile bool *shares;
};

/* What it says. */
struct gyre_child_report {
    int err; /* of errno */
    enum gyre_spawn_step failed;
};

/* Make a child that runs this: its number, or -errno.  One file a system has
   it: start_linux.c, start_bsd.c. */
pid_t gyre_child_start(const struct gyre_child *c);

/* In the child: become the program, or say why not and exit. */
_Noreturn void gyre_child_run(const struct gyre_child *c);

#endif
