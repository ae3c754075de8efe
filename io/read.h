/*
 * read.h - reading a stream, for who stands first in the line of its readers.
 *
 * Private to io/, installed nowhere.
 */
#ifndef GYRE_IO_READ_H
#define GYRE_IO_READ_H

#include "io/stream.h"

/* Take what was read ahead, or else read from below: as gyre_read, with `n` more
   than 0. */
ssize_t gyre_stream_take(struct gyre_stream *s, void *buf, size_t n,
                         gyre_time deadline);

#endif
