/*
 * pieces.h - pieces of memory to be written, and how far that is.
 *
 * Private to io/: for those who write, piece by piece, what is more than one
 * call takes.
 */
#ifndef GYRE_IO_PIECES_H
#define GYRE_IO_PIECES_H

#include "io/patience.h"
#include "io/stream.h"
#include "io/writing.h"

#define GYRE_PIECES 1024 /* in one system call: IOV_MAX, everywhere */

/* Write some of what is left: a piece that was begun alone, as it must not be
   changed, and whole ones together.  There is at least one byte. */
static inline ssize_t gyre_pieces_write(const struct gyre_pieces *p,
                                        struct gyre_stream *s,
                                        gyre_time deadline)
{
    gyre_time until = gyre_stream_until(s, deadline);
    struct iovec rest;

    if (p->skip == 0)
        return s->ops->write(s, p->iov, p->n < GYRE_PIECES ? p->n : GYRE_PIECES,
                             until);
    rest.iov_base = (char *)p->iov->iov_base + p->skip;
    rest.iov_len = p->iov->iov_len - p->skip;
    return s->ops->write(s, &rest, 1, until);
}

/* `n` bytes more were written; empty pieces are passed over as well. */
static inline void gyre_pieces_advance(struct gyre_pieces *p, size_t n)
{
    n += p->skip;
    while (p->n > 0 && n >= p->iov->iov_len) {
        n -= p->iov->iov_len;
        p->iov++;
        p->n--;
    }
    p->skip = n;
}

#endif
