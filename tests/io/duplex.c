/*
 * duplex.c - a stream of two that go one way each.
 */
#include "tests/io/duplex.h"

#include <criterion/criterion.h>

#include "loop/allocator.h"
#include "loop/loop.h"
#include "io/fd.h"
#include "io/service.h"

struct duplex {
    struct gyre_stream stream;
    struct gyre_stream *in, *out;
};

static struct duplex *duplex_of(struct gyre_stream *s)
{
    return GYRE_OWNER(s, struct duplex, stream);
}

static ssize_t duplex_read(struct gyre_stream *s, void *buf, size_t n,
                           gyre_time deadline)
{
    struct gyre_stream *in = duplex_of(s)->in;

    return in->ops->read(in, buf, n, deadline);
}

static ssize_t duplex_write(struct gyre_stream *s, const struct iovec *iov,
                            int n, gyre_time deadline)
{
    struct gyre_stream *out = duplex_of(s)->out;

    return out->ops->write(out, iov, n, deadline);
}

static int duplex_shutdown(struct gyre_stream *s, gyre_time deadline)
{
    struct gyre_stream *out = duplex_of(s)->out;

    return out->ops->shutdown(out, deadline);
}

static void duplex_close(struct gyre_stream *s)
{
    struct duplex *d = duplex_of(s);

    gyre_close(d->in);
    gyre_close(d->out);
    gyre_resize(gyre_loop_allocator(s->loop), d, sizeof *d, 0);
}

static struct gyre_stream *way(struct gyre_stream *s, unsigned event)
{
    return event == GYRE_READ ? duplex_of(s)->in : duplex_of(s)->out;
}

static int duplex_when(struct gyre_stream *s, unsigned event,
                       struct gyre_job *j)
{
    return way(s, event)->ops->when(way(s, event), event, j);
}

static void duplex_forget(struct gyre_stream *s, unsigned event)
{
    way(s, event)->ops->forget(way(s, event), event);
}

static void duplex_cut(struct gyre_stream *s)
{
    gyre_service_cut(duplex_of(s)->in);
    gyre_service_cut(duplex_of(s)->out);
}

static const struct gyre_stream_ops ops = {
    .name = "duplex",
    .read = duplex_read,
    .write = duplex_write,
    .shutdown = duplex_shutdown,
    .close = duplex_close,
    .when = duplex_when,
    .forget = duplex_forget,
    .cut = duplex_cut,
};

struct gyre_stream *make_duplex(struct gyre_stream *in, struct gyre_stream *out)
{
    struct duplex *d =
        gyre_resize(gyre_loop_allocator(in->loop), NULL, 0, sizeof *d);

    cr_assert_not_null(d);
    gyre_stream_init(&d->stream, &ops, in->loop);
    d->in = in;
    d->out = out;
    return &d->stream;
}
