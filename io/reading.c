/*
 * reading.c - reads that go on, and are told of.
 *
 * A reading is in the place of a reader, without a task, and the stream's job
 * runs for it: that makes one call, and sees to it that it is started again
 * before it tells, for after that there may be no reading any more, and no
 * stream.
 */
#include "io/reading.h"

#include <assert.h>
#include <errno.h>

#include "loop/loop.h"
#include "loop/poller.h"
#include "loop/random.h"
#include "io/read.h"

/* Nobody knows of it any more. */
static void forget(struct gyre_reading *r)
{
    struct gyre_stream *s = r->stream;

    if (r->awaited)
        gyre_loop_awaits(s->loop, -1);
    gyre_job_stop(s->loop, &s->notify);
    s->reads = false;
    s->reading = NULL;
    r->stream = NULL;
}

static void tell(struct gyre_reading *r, ssize_t n)
{
    if (n <= 0)
        gyre_reading_stop(r);
    r->read(r, n);
}

/* Have the job run when there is something to read below: again and again, if
   the stream can do that.  In a loop with a seed it is started each time, to
   have its place in the order that is drawn. */
static int await_more(struct gyre_reading *r, struct gyre_stream *s)
{
    int err;

    if (s->ops->follow == NULL || gyre_loop_seed(s->loop) != 0)
        return s->ops->when(s, GYRE_READ, &s->notify);
    err = s->ops->follow(s, &s->notify);
    r->follows = err == 0;
    return err;
}

/* Have the job run when there is something to read. */
static int await(struct gyre_reading *r, struct gyre_stream *s)
{
    if (gyre_stream_ahead(s) == 0)
        return await_more(r, s);
    gyre_job_start(s->loop, &s->notify);
    return 0;
}

/* It could not go on. */
static void fail(struct gyre_job *j)
{
    struct gyre_reading *r = GYRE_OWNER(j, struct gyre_stream, notify)->reading;

    tell(r, r->err);
}

/* The same again; or at once, to tell why that cannot be. */
static void go_on(struct gyre_reading *r, struct gyre_stream *s)
{
    int err = await(r, s);

    if (err == 0)
        return;
    r->err = err;
    s->notify.run = fail;
    gyre_job_start(s->loop, &s->notify);
}

/* What came of a read, if that was not bytes, or who reads does not follow.
   Apart, so that the rest is short. */
static __attribute__((noinline)) void conclude(struct gyre_reading *r,
                                               ssize_t n)
{
    if ((n > 0 || n == -ETIMEDOUT) && !r->follows)
        go_on(r, r->stream);
    if (n != -ETIMEDOUT)
        tell(r, n);
}

static void run(struct gyre_job *j)
{
    struct gyre_stream *s = GYRE_OWNER(j, struct gyre_stream, notify);
    struct gyre_reading *r = s->reading;
    ssize_t n;

    assert(r->size > 0);
    n = gyre_stream_ahead(s) > 0
            ? gyre_stream_take(s, r->buf, r->size, GYRE_NOW)
            : s->ops->read(s, r->buf, r->size, GYRE_NOW);
    if (n > 0 && r->follows)
        r->read(r, n);
    else
        conclude(r, n);
}

int gyre_reading_start(struct gyre_reading *r, struct gyre_stream *s)
{
    int err;

    assert(!gyre_reading_started(r) && r->size > 0);
    if (gyre_stream_has_reader(s))
        return -EBUSY;
    s->notify.run = run;
    r->follows = false;
    err = await(r, s);
    if (err)
        return err;
    s->reading = r;
    s->reads = true;
    r->stream = s;
    r->awaited = !r->background;
    if (r->awaited)
        gyre_loop_awaits(s->loop, 1);
    return 0;
}

void gyre_reading_stop(struct gyre_reading *r)
{
    struct gyre_stream *s = r->stream;

    if (s == NULL)
        return;
    forget(r);
    s->ops->forget(s, GYRE_READ);
}

bool gyre_reading_started(const struct gyre_reading *r)
{
    return r->stream != NULL;
}
