/*
 * accepting.c - connections, told of as they come.
 *
 * Its job makes one call, and sees to it that it is started again before it
 * tells: after that there may be no accepting any more, and no listener.
 */
#include "io/accepting.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>

#include "loop/loop.h"
#include "io/listener.h"
#include "io/tcp.h"

static struct gyre_loop *loop_of(const struct gyre_accepting *a)
{
    return a->listener->fd.loop;
}

/* Nobody knows of it any more. */
static void forget(struct gyre_accepting *a)
{
    if (a->awaited)
        gyre_loop_awaits(loop_of(a), -1);
    gyre_job_stop(loop_of(a), &a->job);
    gyre_timer_stop(loop_of(a), &a->timer);
    a->listener->accepting = NULL;
    a->listener = NULL;
    if (a->gone != NULL)
        *a->gone = true;
}

/* The listener is closed. */
static void called(struct gyre_caller *c)
{
    forget(GYRE_OWNER(c, struct gyre_accepting, caller));
}

/* Have the job run when somebody may have come, and there is no pause. */
static int await(struct gyre_accepting *a, struct gyre_listener *l)
{
    if (l->until <= gyre_loop_now(l->fd.loop))
        return gyre_fd_when(&l->fd, GYRE_READ, &a->job);
    gyre_timer_start(l->fd.loop, &a->timer, l->until);
    return 0;
}

/* The same again; or at once, to tell why that cannot be. */
static void go_on(struct gyre_accepting *a)
{
    a->err = await(a, a->listener);
    if (a->err)
        gyre_job_start(loop_of(a), &a->job);
}

/* What came of an attempt, or of waiting for the next. */
static void tell(struct gyre_accepting *a, struct gyre_stream *s, int err)
{
    if (err == 0 || err == -ETIMEDOUT)
        go_on(a);
    else
        gyre_accepting_stop(a);
    if (err != -ETIMEDOUT)
        a->accepted(a, s, err);
}

/* Who is told of a shortage may stop `a`, and free it, or close the
   listener. */
static void accept_once(struct gyre_accepting *a)
{
    struct gyre_stream *s = NULL;
    bool gone = false;
    int err;

    a->gone = &gone;
    err = gyre_listener_accept(a->listener, &s, GYRE_NOW);
    if (gone) {
        gyre_close(s);
        return;
    }
    a->gone = NULL;
    tell(a, s, err);
}

static void run(struct gyre_job *j)
{
    struct gyre_accepting *a = GYRE_OWNER(j, struct gyre_accepting, job);

    if (a->err)
        tell(a, NULL, a->err);
    else
        accept_once(a);
}

static void fire(struct gyre_timer *t)
{
    run(&GYRE_OWNER(t, struct gyre_accepting, timer)->job);
}

int gyre_accepting_start(struct gyre_accepting *a, struct gyre_listener *l)
{
    int err;

    assert(!gyre_accepting_started(a));
    if (!gyre_line_empty(&l->inside))
        return -EBUSY;
    a->job.run = run;
    a->timer = (struct gyre_timer){.fire = fire, .background = true};
    a->gone = NULL;
    err = await(a, l);
    if (err)
        return err;
    a->listener = l;
    l->accepting = a;
    a->err = 0;
    a->awaited = !a->background;
    if (a->awaited)
        gyre_loop_awaits(l->fd.loop, 1);
    gyre_line_join_called(&l->inside, &a->caller, called);
    return 0;
}

void gyre_accepting_stop(struct gyre_accepting *a)
{
    struct gyre_listener *l = a->listener;

    if (l == NULL)
        return;
    forget(a);
    gyre_fd_forget(&l->fd, GYRE_READ);
    gyre_line_leave(&l->inside, &a->caller);
}

bool gyre_accepting_started(const struct gyre_accepting *a)
{
    return a->listener != NULL;
}
