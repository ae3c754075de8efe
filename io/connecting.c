/*
 * connecting.c - a connection to be made, that is told of.
 */
#include "io/connecting.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>

#include "loop/list.h"
#include "loop/loop.h"
#include "loop/poller.h"
#include "io/internal.h"

/* It is over; the stream is the caller's. */
static struct gyre_stream *end(struct gyre_connecting *c)
{
    struct gyre_stream *s = c->stream;

    gyre_job_stop(s->loop, &c->job);
    gyre_loop_awaits(s->loop, -1);
    c->stream = NULL;
    return s;
}

/* It is over already: all that is left is to tell, from the loop. */
static void conclude(struct gyre_connecting *c, int err)
{
    c->begun = false;
    c->err = err;
    gyre_job_start(c->stream->loop, &c->job);
}

static int outcome(const struct gyre_connecting *c)
{
    int fd = gyre_tcp_fd(c->stream)->fd;
    int err = c->begun ? gyre_connect_outcome(fd) : c->err;

    return err == 0 ? gyre_connect_check(fd, c->risk) : err;
}

static void run(struct gyre_job *j)
{
    struct gyre_connecting *c = GYRE_OWNER(j, struct gyre_connecting, job);
    int err = outcome(c);
    struct gyre_stream *s = end(c);

    if (err) {
        gyre_close(s);
        s = NULL;
    }
    c->connected(c, s, err);
}

/* Have the job run when the socket can be written: then it is over. */
static int await(struct gyre_connecting *c)
{
    struct gyre_fd *f = gyre_tcp_fd(c->stream);
    int err = gyre_fd_blocked(f, GYRE_WRITE);

    return err ? err : gyre_fd_when(f, GYRE_WRITE, &c->job);
}

static void begin(struct gyre_connecting *c, const struct gyre_addr *a)
{
    int err = gyre_connect_begin(gyre_tcp_fd(c->stream)->fd, a);

    c->begun = err == -EAGAIN;
    if (c->begun)
        err = await(c);
    if (err || !c->begun)
        conclude(c, err);
}

int gyre_connecting_start(struct gyre_connecting *c, struct gyre_loop *l,
                          const struct gyre_addr *a)
{
    int err;

    assert(!gyre_connecting_started(c));
    err = gyre_tcp_prepare(l, c->from, a, &c->stream);
    if (err)
        return err;
    c->job.run = run;
    c->risk = gyre_connect_risk(c->from, a);
    gyre_loop_awaits(l, 1);
    begin(c, a);
    return 0;
}

void gyre_connecting_stop(struct gyre_connecting *c)
{
    if (c->stream != NULL)
        gyre_close(end(c));
}

bool gyre_connecting_started(const struct gyre_connecting *c)
{
    return c->stream != NULL;
}
