/*
 * stream.c - what all streams have in common: beginning, waiting without a
 * task, and ending.  Reading is in stream_read.c, writing in stream_write.c.
 */
#include "io/stream.h"

#include <errno.h>

#include "loop/loop.h"
#include "loop/poller.h"
#include "io/line.h"
#include "io/read.h"
#include "io/reading.h"

static void notify(struct gyre_job *j)
{
    struct gyre_stream *s = GYRE_OWNER(j, struct gyre_stream, notify);
    struct gyre_job *idle = s->idle;

    s->idle = NULL;
    idle->run(idle);
}

void gyre_stream_init(struct gyre_stream *s, const struct gyre_stream_ops *ops,
                      struct gyre_loop *l)
{
    *s = (struct gyre_stream){.ops = ops, .loop = l};
}

void gyre_close(struct gyre_stream *s)
{
    if (s == NULL)
        return;
    if (s->reads)
        gyre_reading_stop(s->reading);
    gyre_job_stop(s->loop, &s->notify);
    gyre_line_send_home(&s->readers, -EBADF);
    gyre_line_send_home(&s->writers, -EBADF);
    gyre_line_send_home(&s->told, -EBADF);
    gyre_ahead_free(s->ahead);
    s->ops->close(s);
}

/* ---- waiting without a task ---- */

int gyre_stream_when_readable(struct gyre_stream *s, struct gyre_job *j)
{
    int err = 0;

    if (gyre_stream_has_reader(s))
        return -EBUSY;
    s->notify.run = notify;
    if (gyre_stream_ahead(s) > 0 && !s->wanting)
        gyre_job_start(s->loop, &s->notify);
    else
        err = s->ops->when(s, GYRE_READ, &s->notify);
    if (err == 0)
        s->idle = j;
    return err;
}

void gyre_stream_forget(struct gyre_stream *s)
{
    if (s->idle == NULL || s->reads)
        return;
    gyre_job_stop(s->loop, &s->notify);
    s->ops->forget(s, GYRE_READ);
    s->idle = NULL;
}
