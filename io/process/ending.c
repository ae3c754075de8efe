/*
 * ending.c - the end of a child, that is told of.
 */
#include "io/process/ending.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>

#include "loop/loop.h"
#include "io/process/process.h"

/* Nobody knows of it any more. */
static void forget(struct gyre_ending *e)
{
    if (e->awaited)
        gyre_loop_awaits(e->process->loop, -1);
    gyre_job_stop(e->process->loop, &e->job);
    e->process = NULL;
}

static void run(struct gyre_job *j)
{
    struct gyre_ending *e = GYRE_OWNER(j, struct gyre_ending, job);

    gyre_ending_stop(e);
    e->ended(e, e->err);
}

static void called(struct gyre_caller *c);

/* Tell soon, unless the child is closed before. */
static void tell(struct gyre_ending *e, int err)
{
    e->err = err;
    gyre_line_join_called(&e->process->told, &e->caller, called);
    gyre_job_start(e->process->loop, &e->job);
}

/* The child has ended, or is closed. */
static void called(struct gyre_caller *c)
{
    struct gyre_ending *e = GYRE_OWNER(c, struct gyre_ending, caller);

    if (c->sent_home == -EBADF)
        forget(e);
    else
        tell(e, c->sent_home < 0 ? c->sent_home : 0);
}

void gyre_ending_start(struct gyre_ending *e, struct gyre_process *p)
{
    assert(!gyre_ending_started(e));
    e->job.run = run;
    e->process = p;
    e->awaited = !e->background;
    if (e->awaited)
        gyre_loop_awaits(p->loop, 1);
    if (gyre_process_ended(p))
        tell(e, p->ended < 0 ? p->ended : 0);
    else
        gyre_line_join_called(&p->waiting, &e->caller, called);
}

void gyre_ending_stop(struct gyre_ending *e)
{
    struct gyre_process *p = e->process;

    if (p == NULL)
        return;
    forget(e);
    gyre_line_leave(gyre_process_ended(p) ? &p->told : &p->waiting, &e->caller);
}

bool gyre_ending_started(const struct gyre_ending *e)
{
    return e->process != NULL;
}
