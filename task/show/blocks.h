/*
 * blocks.h - a call that stops the whole loop is named.
 *
 * A task waits by letting others run.  One that calls read on a descriptor that
 * blocks, or sleep, or getaddrinfo, stops everybody on its thread; which is
 * easily done, in a library that knows no better, and hard to see.  The guard
 * (task/guard/guard.c) stands before such calls, and tells of them here.
 */
#ifndef GYRE_TASK_SHOW_BLOCKS_H
#define GYRE_TASK_SHOW_BLOCKS_H

#pragma GCC visibility push(default)

/*
 * The current task is about to block its thread in `call`, as "read(0)", which
 * returns to the address `site`: write that, with the task's name and its
 * backtrace from there on, to standard error.  Outside of tasks nobody else is
 * stopped, and nothing is written.
 */
void gyre_blocks(const char *call, const void *site);

#pragma GCC visibility pop

#endif
