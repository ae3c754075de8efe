/*
 * reading.c - reads that go on, and are told of.
 *
 * A reading stands in the line of readers, without a task.  Its job makes one
 * call, and sees to it that it is started again before it tells: after that
 * there may be no reading any more, and no stream.
 */
#include "io/reading.h"

#include <assert.h>
#include <errno.h>

#include "loop/loop.h"
#include "loop/poller.h"
#include "io/read.h"

/* Nobody knows of it any more. */
static void forget(struct gyre_reading *r)
{
    if (r->awaited)
        gyre_loop_awaits(r->stream->loop, -1);
    gyre_job_stop(r->stream->loop, &r->job);
    r->stream = NULL;
}

/* It is sent home, as the stream is closed; else it is being called by who read
   before it, and could not have. */
static void called(struct gyre_caller *c)
{
    if (c->sent_home)
        forget(GYRE_OWNER(c, struct gyre_reading, caller));
}

static void tell(struct gyre_reading *r, ssize_t n)
{
    if (n <= 0)
        gyre_reading_stop(r);
    r->read(r, n);
}

/* Have the job run when there is something to read. */
static int await(struct gyre_reading *r, struct gyre_stream *s)
{
    if (s->ahead.length == 0)
        return s->ops->when(s, GYRE_READ, &r->job);
    gyre_job_start(s->loop, &r->job);
    return 0;
}

/* The same again; or at once, to tell why that cannot be. */
static void go_on(struct gyre_reading *r)
{
    r->err = await(r, r->stream);
    if (r->err)
        gyre_job_start(r->stream->loop, &r->job);
}

static void run(struct gyre_job *j)
{
    struct gyre_reading *r = GYRE_OWNER(j, struct gyre_reading, job);
    ssize_t n = r->err;

    assert(r->size > 0);
    if (n == 0)
        n = gyre_stream_take(r->stream, r->buf, r->size, GYRE_NOW);
    if (n > 0 || n == -ETIMEDOUT)
        go_on(r);
    if (n != -ETIMEDOUT)
        tell(r, n);
}

int gyre_reading_start(struct gyre_reading *r, struct gyre_stream *s)
{
    int err;

    assert(!gyre_reading_started(r) && r->size > 0);
    if (s->idle != NULL || !gyre_list_empty(&s->readers))
        return -EBUSY;
    r->job.run = run;
    err = await(r, s);
    if (err)
        return err;
    r->stream = s;
    r->err = 0;
    r->awaited = !r->background;
    if (r->awaited)
        gyre_loop_awaits(s->loop, 1);
    gyre_line_join_called(&s->readers, &r->caller, called);
    return 0;
}

void gyre_reading_stop(struct gyre_reading *r)
{
    struct gyre_stream *s = r->stream;

    if (s == NULL)
        return;
    forget(r);
    s->ops->forget(s, GYRE_READ);
    gyre_line_leave(&r->caller);
}

bool gyre_reading_started(const struct gyre_reading *r)
{
    return r->stream != NULL;
}
