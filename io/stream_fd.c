/*
 * stream_fd.c - streams over a descriptor: what their kinds have in common.
 */
#include "io/stream_fd.h"

#include <errno.h>
#include <string.h>

#include "loop/allocator.h"
#include "loop/loop.h"
#include "io/detach.h"

int gyre_stream_fd_new(struct gyre_loop *l, int fd, enum gyre_fd_kind kind,
                       const struct gyre_stream_ops *ops, size_t size,
                       struct gyre_stream **out)
{
    struct gyre_stream_fd *s =
        gyre_resize(gyre_loop_allocator(l), NULL, 0, size);

    if (s == NULL)
        return -ENOMEM;
    gyre_stream_init(&s->stream, ops, l);
    gyre_fd_open(&s->fd, l, fd, kind);
    memset(s + 1, 0, size - sizeof *s);
    *out = &s->stream;
    return 0;
}

ssize_t gyre_stream_fd_read(struct gyre_stream *s, void *buf, size_t n,
                            gyre_time deadline)
{
    return gyre_fd_read(gyre_stream_fd_of(s), buf, n, deadline);
}

ssize_t gyre_stream_fd_write(struct gyre_stream *s, const struct iovec *iov,
                             int n, gyre_time deadline)
{
    return gyre_fd_writev(gyre_stream_fd_of(s), iov, n, deadline);
}

void gyre_stream_fd_end(struct gyre_stream *s, size_t size)
{
    struct gyre_stream_fd *f = GYRE_OWNER(s, struct gyre_stream_fd, stream);

    gyre_fd_close(&f->fd);
    gyre_resize(gyre_loop_allocator(s->loop), f, size, 0);
}

void gyre_stream_fd_close(struct gyre_stream *s)
{
    gyre_stream_fd_end(s, sizeof(struct gyre_stream_fd));
}

int gyre_stream_fd_when(struct gyre_stream *s, unsigned event,
                        struct gyre_job *j)
{
    return gyre_fd_when(gyre_stream_fd_of(s), event, j);
}

void gyre_stream_fd_forget(struct gyre_stream *s, unsigned event)
{
    gyre_fd_forget(gyre_stream_fd_of(s), event);
}

/* For who reads by gyre_stream_fd_read. */
int gyre_stream_fd_follow(struct gyre_stream *s, struct gyre_job *j)
{
    return gyre_fd_follow(gyre_stream_fd_of(s), j);
}

/* Who waits without a task is told by the nudge, and learns why when he
   asks. */
void gyre_stream_fd_cut(struct gyre_stream *s)
{
    struct gyre_fd *f = gyre_stream_fd_of(s);

    gyre_fd_nudge(f, GYRE_READ);
    gyre_fd_nudge(f, GYRE_WRITE);
    gyre_fd_close(f);
}

static int attach(struct gyre_loop *l, struct gyre_detached *d,
                  struct gyre_stream **out)
{
    return gyre_stream_fd_new(l, d->fd, (enum gyre_fd_kind)d->kind, d->ops,
                              sizeof(struct gyre_stream_fd), out);
}

void gyre_stream_fd_detach(struct gyre_stream *s, struct gyre_detached *d)
{
    struct gyre_stream_fd *f = GYRE_OWNER(s, struct gyre_stream_fd, stream);

    d->attach = attach;
    d->ops = s->ops;
    d->kind = (int)f->fd.kind;
    d->fd = gyre_fd_release(&f->fd);
    gyre_resize(gyre_loop_allocator(s->loop), f, sizeof *f, 0);
}
