/*
 * memory.h - a pair of streams in memory, joined to each other.
 *
 * What is written to one is read from the other.  No descriptor is involved, so
 * they work under simulation, and a deadlock between two tasks on the two ends
 * is seen as one.
 *
 * They are as TCP is, but for two things: a write after the other end was
 * closed fails at once, and one that is closed with bytes unread ends the
 * other's reading, and does not reset it.
 */
#ifndef GYRE_IO_MEMORY_H
#define GYRE_IO_MEMORY_H

#include <stddef.h>

#include "io/stream.h"

struct gyre_loop;

#pragma GCC visibility push(default)

/*
 * Make a pair in which each end holds at most `capacity` bytes that the other
 * has not read; then its writer waits.  0 for 64 KiB.  Each end is closed on
 * its own: the other then reads to the end, and its writes get -EPIPE.
 * -ENOMEM.
 */
int gyre_memory_pair(struct gyre_loop *l, size_t capacity,
                     struct gyre_stream *out[2]);

#pragma GCC visibility pop

#endif
