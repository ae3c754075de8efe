/*
 * detach.c - a stream on its way from one loop to another.
 */
#include "io/detach.h"

#include <errno.h>
#include <unistd.h>

#include "loop/list.h"
#include "loop/loop.h"
#include "io/read.h"
#include "io/stream.h"

static bool is_idle(const struct gyre_stream *s)
{
    return !gyre_stream_has_reader(s) && gyre_line_empty(&s->writers) &&
           gyre_line_empty(&s->told);
}

/* What was read ahead is copied, for its memory is the loop's. */
static int pack(const struct gyre_stream *s, struct gyre_detached *d)
{
    *d = (struct gyre_detached){
        .patience = s->patience, .broken = s->broken, .data = s->data};
    return gyre_stream_ahead(s) > 0
               ? gyre_buf_append(&d->ahead, s->ahead->at, s->ahead->length)
               : 0;
}

int gyre_stream_detach(struct gyre_stream *s, struct gyre_detached *out)
{
    int err;

    if (!is_idle(s))
        return -EBUSY;
    if (s->ops->detach == NULL)
        return -ENOTSUP;
    err = pack(s, out);
    if (err)
        return err;
    gyre_ahead_free(s->ahead);
    s->ops->detach(s, out);
    return 0;
}

/* What was read ahead comes first: if that fails nothing has happened. */
static int unpack(struct gyre_loop *l, const struct gyre_detached *d,
                  struct gyre_buf **ahead)
{
    int err;

    *ahead = NULL;
    if (d->ahead.length == 0)
        return 0;
    *ahead = gyre_ahead_new(l);
    if (*ahead == NULL)
        return -ENOMEM;
    err = gyre_buf_append(*ahead, d->ahead.at, d->ahead.length);
    if (err)
        gyre_ahead_free(*ahead);
    return err;
}

int gyre_stream_attach(struct gyre_loop *l, struct gyre_detached *d,
                       struct gyre_stream **out)
{
    struct gyre_stream *s;
    struct gyre_buf *ahead;
    int err = unpack(l, d, &ahead);

    if (err)
        return err;
    err = d->attach(l, d, &s);
    if (err) {
        gyre_ahead_free(ahead);
        return err;
    }
    gyre_buf_free(&d->ahead);
    s->ahead = ahead;
    s->patience = d->patience;
    s->broken = d->broken;
    s->data = d->data;
    *out = s;
    return 0;
}

void gyre_detached_close(struct gyre_detached *d)
{
    gyre_buf_free(&d->ahead);
    close(d->fd);
}
