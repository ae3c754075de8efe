/*
 * commands.c - what can be asked of a run, a line each.
 */
#include "task/run/commands.h"

#include <stddef.h>
#include <string.h>

#include "task/internal.h"
#include "task/run/onlookers.h"
#include "task/show/format.h"
#include "task/show/out.h"

static void help(struct gyre_out *o, struct gyre_runtime *rt);

static void top(struct gyre_out *o, struct gyre_runtime *rt)
{
    gyre_onlookers_top(rt->onlookers, o);
}

static void trace(struct gyre_out *o, struct gyre_runtime *rt)
{
    gyre_onlookers_trace(rt->onlookers, o);
}

static const struct command {
    const char *name;
    const char *gives; /* in the list */
    void (*answer)(struct gyre_out *o, struct gyre_runtime *rt);

    /* What is kept for as long as it is to tell of; or NULL. */
    void (*begin)(struct gyre_onlookers *o);
    void (*end)(struct gyre_onlookers *o);
} commands[] = {
    {"ps", "all tasks, what they wait for, and where they are", gyre_put_text},
    {"json", "the same, for programs (task/show/dump.h)", gyre_put_json},
    {"graph", "who waits for whom, for Graphviz", gyre_put_dot},
    {"top", "what tasks have cost since this was asked first", top,
     gyre_onlookers_top_begin, gyre_onlookers_top_end},
    {"trace", "what was done since this was asked first, for Perfetto", trace,
     gyre_onlookers_trace_begin, gyre_onlookers_trace_end},
    {"help", "this list", help},
};

enum { COMMANDS = sizeof commands / sizeof commands[0] };

static void help(struct gyre_out *o, struct gyre_runtime *rt)
{
    (void)rt;
    for (size_t i = 0; i < COMMANDS; i++)
        gyre_put_format(o, "%-7s %s\n", commands[i].name, commands[i].gives);
    gyre_put(o, "With a span, as in \"trace 5s\", the answer comes after that, "
                "and nothing\nis kept for it any longer.\n");
}

/* NULL: there is no such. */
static const struct command *find(const char *line)
{
    for (size_t i = 0; i < COMMANDS; i++) {
        if (strcmp(line, commands[i].name) == 0)
            return &commands[i];
    }
    return NULL;
}

void gyre_command(struct gyre_out *o, struct gyre_runtime *rt, const char *line)
{
    const struct command *c = find(line);

    if (c != NULL) {
        c->answer(o, rt);
        return;
    }
    gyre_put(o, "There is no such command, but these:\n");
    help(o, rt);
}

void gyre_command_begin(struct gyre_runtime *rt, const char *line)
{
    const struct command *c = find(line);

    if (c != NULL && c->begin != NULL)
        c->begin(rt->onlookers);
}

void gyre_command_end(struct gyre_runtime *rt, const char *line)
{
    const struct command *c = find(line);

    if (c != NULL && c->end != NULL)
        c->end(rt->onlookers);
}
