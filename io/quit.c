/*
 * quit.c - the first SIGINT or SIGTERM asks a server to stop.
 */
#include "io/quit.h"
#include "loop/list.h"

#include <signal.h>

void gyre_quit_stop(struct gyre_quit *q)
{
    gyre_signal_stop(q->loop, &q->interrupt);
    gyre_signal_stop(q->loop, &q->terminate);
}

static void ask(struct gyre_quit *q)
{
    gyre_quit_stop(q);
    q->asked(q);
}

static void interrupted(struct gyre_signal *s, unsigned times)
{
    ask(GYRE_OWNER(s, struct gyre_quit, interrupt));
    if (times > 1)
        raise(SIGINT);
}

static void terminated(struct gyre_signal *s, unsigned times)
{
    ask(GYRE_OWNER(s, struct gyre_quit, terminate));
    if (times > 1)
        raise(SIGTERM);
}

int gyre_quit_start(struct gyre_loop *l, struct gyre_quit *q)
{
    int err;

    q->loop = l;
    q->interrupt.caught = interrupted;
    q->terminate.caught = terminated;
    err = gyre_signal_start(l, &q->interrupt, SIGINT);
    if (err)
        return err;
    err = gyre_signal_start(l, &q->terminate, SIGTERM);
    if (err)
        gyre_signal_stop(l, &q->interrupt);
    return err;
}
