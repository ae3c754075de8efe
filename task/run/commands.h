/*
 * commands.h - what can be asked of a run, a line each.
 *
 * Private to task/, installed nowhere.
 */
#ifndef GYRE_TASK_RUN_COMMANDS_H
#define GYRE_TASK_RUN_COMMANDS_H

struct gyre_out;
struct gyre_runtime;

/* Answer `line`, which has no end of line; if there is no such command, with a
   list of those that there are. */
void gyre_command(struct gyre_out *o, struct gyre_runtime *rt,
                  const char *line);

#endif
