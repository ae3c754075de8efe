/*
 * receiving.c - datagrams that are told of as they come.
 *
 * Its job makes one call, and sees to it that it is started again before it
 * tells: after that there may be no receiving any more, and no socket.
 */
#include "io/receiving.h"

#include <assert.h>
#include <errno.h>

#include "loop/loop.h"
#include "io/datagram.h"
#include "io/internal.h"

static struct gyre_loop *loop_of(const struct gyre_receiving *r)
{
    return r->datagrams->fd.loop;
}

/* Have the job run when there may be something. */
static int await(struct gyre_receiving *r, struct gyre_datagrams *d)
{
    return gyre_fd_when(&d->fd, GYRE_READ, &r->job);
}

/* The same again; or at once, to tell why that cannot be. */
static void go_on(struct gyre_receiving *r)
{
    r->err = await(r, r->datagrams);
    if (r->err)
        gyre_job_start(loop_of(r), &r->job);
}

static void run(struct gyre_job *j)
{
    struct gyre_receiving *r = GYRE_OWNER(j, struct gyre_receiving, job);
    struct gyre_addr from;
    ssize_t n = r->err;

    if (n != 0) {
        gyre_receiving_stop(r);
        r->received(r, n, NULL);
        return;
    }
    n = gyre_receive_now(r->datagrams, r->buf, r->size, &from);
    if (n >= 0 || n == -ETIMEDOUT || gyre_is_of_the_path((int)n))
        go_on(r);
    else
        gyre_receiving_stop(r);
    if (n != -ETIMEDOUT)
        r->received(r, n, n < 0 ? NULL : &from);
}

int gyre_receiving_start(struct gyre_receiving *r, struct gyre_datagrams *d)
{
    int err;

    assert(!gyre_receiving_started(r));
    if (d->receiving != NULL)
        return -EBUSY;
    r->job.run = run;
    err = await(r, d);
    if (err)
        return err;
    r->datagrams = d;
    d->receiving = r;
    r->err = 0;
    r->awaited = !r->background;
    if (r->awaited)
        gyre_loop_awaits(d->fd.loop, 1);
    return 0;
}

void gyre_receiving_stop(struct gyre_receiving *r)
{
    struct gyre_datagrams *d = r->datagrams;

    if (d == NULL)
        return;
    if (r->awaited)
        gyre_loop_awaits(d->fd.loop, -1);
    gyre_job_stop(d->fd.loop, &r->job);
    gyre_fd_forget(&d->fd, GYRE_READ);
    d->receiving = NULL;
    r->datagrams = NULL;
}

bool gyre_receiving_started(const struct gyre_receiving *r)
{
    return r->datagrams != NULL;
}
