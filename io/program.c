/*
 * program.c - how a server behaves that is a whole program.
 */
#include "io/program.h"

#include <signal.h>
#include <stdio.h>

#include "loop/list.h"
#include "io/tcp.h"

void gyre_program_stop(struct gyre_program *p)
{
    gyre_signal_stop(p->loop, &p->interrupt);
    gyre_signal_stop(p->loop, &p->terminate);
}

static void ask(struct gyre_program *p)
{
    gyre_program_stop(p);
    p->stop(p);
}

static void interrupted(struct gyre_signal *s, unsigned times)
{
    ask(GYRE_OWNER(s, struct gyre_program, interrupt));
    if (times > 1)
        raise(SIGINT);
}

static void terminated(struct gyre_signal *s, unsigned times)
{
    ask(GYRE_OWNER(s, struct gyre_program, terminate));
    if (times > 1)
        raise(SIGTERM);
}

/* What the process was told to ignore it goes on ignoring: nohup, or a shell's
   background. */
static int catch (struct gyre_loop *l, struct gyre_signal *s, int number)
{
    return gyre_signal_ignored(number) ? 0 : gyre_signal_start(l, s, number);
}

int gyre_program_start(struct gyre_loop *l, struct gyre_program *p)
{
    int err;

    p->loop = l;
    p->interrupt.caught = interrupted;
    p->terminate.caught = terminated;
    err = catch (l, &p->interrupt, SIGINT);
    if (err)
        return err;
    err = catch (l, &p->terminate, SIGTERM);
    if (err)
        gyre_signal_stop(l, &p->interrupt);
    return err;
}

void gyre_program_announce(const struct gyre_listener *l)
{
    char text[GYRE_ADDR_TEXT];
    struct gyre_addr a;

    if (gyre_listener_addr(l, &a) != 0)
        return;
    printf("listening on %s\n", gyre_addr_format(&a, text, sizeof text));
    fflush(stdout);
}
