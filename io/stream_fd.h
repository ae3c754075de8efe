/*
 * stream_fd.h - streams over a descriptor: what their kinds have in common.
 *
 * Private to io/, installed nowhere.  A kind is a struct gyre_stream_ops; what
 * it does as all do it names from here.
 */
#ifndef GYRE_IO_STREAM_FD_H
#define GYRE_IO_STREAM_FD_H

#include <stddef.h>

#include "io/fd.h"
#include "io/stream.h"

/* At the beginning of what a kind has more. */
struct gyre_stream_fd {
    struct gyre_stream stream;
    struct gyre_fd fd;
};

static inline struct gyre_fd *gyre_stream_fd_of(struct gyre_stream *s)
{
    return &GYRE_OWNER(s, struct gyre_stream_fd, stream)->fd;
}

/* A stream over `fd`, which it takes over if it returns 0, in `size` bytes, of
   which what is behind struct gyre_stream_fd is zeroed.  -ENOMEM. */
int gyre_stream_fd_new(struct gyre_loop *l, int fd, enum gyre_fd_kind kind,
                       const struct gyre_stream_ops *ops, size_t size,
                       struct gyre_stream **out);

/* For struct gyre_stream_ops. */
ssize_t gyre_stream_fd_read(struct gyre_stream *s, void *buf, size_t n,
                            gyre_time deadline);
ssize_t gyre_stream_fd_write(struct gyre_stream *s, const struct iovec *iov,
                             int n, gyre_time deadline);
int gyre_stream_fd_when(struct gyre_stream *s, unsigned event,
                        struct gyre_job *j);
void gyre_stream_fd_forget(struct gyre_stream *s, unsigned event);
int gyre_stream_fd_follow(struct gyre_stream *s, struct gyre_job *j);
void gyre_stream_fd_cut(struct gyre_stream *s);

/* To close a kind that is of `size` bytes. */
void gyre_stream_fd_end(struct gyre_stream *s, size_t size);

/* The same, for kinds that have nothing more. */
void gyre_stream_fd_close(struct gyre_stream *s);
void gyre_stream_fd_detach(struct gyre_stream *s, struct gyre_detached *d);

#endif
