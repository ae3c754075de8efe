/*
 * stacks.h - how deep the stacks of tasks went.
 *
 * For choosing gyre_run_options.stack_size, and gyre_spawn_options.stack_size.
 * A run measures only if it is asked to, by gyre_run_options.measure_stacks or
 * by GYRE_STACKS=1 in the environment; then it reports on standard error as its
 * main task ends:
 *
 *      gyre: stacks, by the functions of their tasks
 *         ended    live   deepest        of  would do
 *          1200       0      5312     65536     16384  fetch
 *             0       1     21640     65536     65536  serve (main)
 *
 * What would do has as much again to spare, and is a power of two from 16 KiB
 * on.  Beside the frames of a task its stack holds its record, of some 500
 * bytes.  Under a sanitizer stacks and frames are several times the size; there
 * what would do is for a plain build, and a guess.
 *
 * Measuring makes all memory of each stack resident, and looks at it from the
 * far end when its task ends: some 5 us for 64 KiB.  Without it nothing is
 * slower by more than a test when a task ends.
 */
#ifndef GYRE_TASK_SHOW_STACKS_H
#define GYRE_TASK_SHOW_STACKS_H

#pragma GCC visibility push(default)

/*
 * Write that report, as things are now, to the descriptor `fd`, the deepest
 * first; tasks that live are told of as deep as they went so far.  In a task.
 * Returns how many lines, the first two apart; -ENOTSUP if the run does not
 * measure.
 */
int gyre_stack_report(int fd);

#pragma GCC visibility pop

#endif
