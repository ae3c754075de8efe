/*
 * read.h - reading a stream, for who stands in the line of its readers.
 *
 * Private to io/ and what is above it, installed nowhere.
 */
#ifndef GYRE_IO_READ_H
#define GYRE_IO_READ_H

#include <stdbool.h>

#include "io/line.h"
#include "io/stream.h"

/* How many bytes were read ahead, and not asked for yet. */
static inline size_t gyre_stream_ahead(const struct gyre_stream *s)
{
    return s->ahead != NULL ? s->ahead->length : 0;
}

/* One to read ahead into, which takes its memory where `l` does; or NULL.  Free
   it; NULL is left alone. */
struct gyre_buf *gyre_ahead_new(struct gyre_loop *l);
void gyre_ahead_free(struct gyre_buf *b);

/* Does anybody read, or wait to, be it without a task? */
static inline bool gyre_stream_has_reader(const struct gyre_stream *s)
{
    return s->idle != NULL || !gyre_line_empty(&s->readers);
}

/* May who stands in line read?  Not while another does, or somebody
   waits without a task. */
static inline bool gyre_stream_may_read(const struct gyre_stream *s,
                                        const struct gyre_caller *c)
{
    return s->idle == NULL && gyre_line_is_first(&s->readers, c);
}

/* The first in line: take what was read ahead, or else read from below: as
   gyre_read, with `n` more than 0. */
ssize_t gyre_stream_take(struct gyre_stream *s, void *buf, size_t n,
                         gyre_time deadline);

/* Put `n` bytes before what is still to be read; nobody reads, and no job
   waits.  -ENOMEM, and nothing has changed. */
int gyre_stream_unread(struct gyre_stream *s, const void *bytes, size_t n);

#endif
