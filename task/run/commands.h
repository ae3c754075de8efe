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

/* `line` is to be answered after a while, and with what is done in that: begin
   to keep it.  Each beginning has an end, after the answer or in its stead;
   what was not kept before is kept no longer then. */
void gyre_command_begin(struct gyre_runtime *rt, const char *line);
void gyre_command_end(struct gyre_runtime *rt, const char *line);

#endif
