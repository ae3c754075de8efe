/*
 * memory.h - a pair of streams in memory, joined to each other.
 *
 * What is written to one is read from the other.  No descriptor is involved, so
 * they work under simulation, and a deadlock between two tasks on the two ends
 * is seen as one.  And what goes wrong on a network can be made to go wrong on
 * them: delay, narrowness, pieces of any size, silence, a reset.  Its times are
 * those of the loop, so under simulation they cost none.
 *
 * They are as TCP is, but for two things: a write after the other end was
 * closed fails at once, and one that is closed with bytes unread ends the
 * other's reading, and does not reset it.
 */
#ifndef GYRE_IO_MEMORY_H
#define GYRE_IO_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "io/stream.h"

struct gyre_loop;

/* What lies between the ends, the same both ways.  A zeroed one is a pair with
   nothing in between. */
struct gyre_memory_options {
    size_t capacity;    /* as in gyre_memory_pair */
    gyre_time latency;  /* from a byte's leaving to its arrival */
    uint64_t bandwidth; /* bytes that leave in a second; 0: any number.  Those
                           that one call writes arrive with the last */
    size_t piece;       /* bytes a call reads or writes, at most; 0: any */
    bool ragged;        /* each call draws how many, up to `piece`
                           (loop/random.h) */
    size_t reset_after; /* bytes written, both ways together; 0: never */
};

#pragma GCC visibility push(default)

/*
 * Make a pair in which each end holds at most `capacity` bytes that the other
 * has not read; then its writer waits.  0 for 64 KiB.  Each end is closed on
 * its own: the other then reads to the end, and its writes get -EPIPE.
 * -ENOMEM.
 */
int gyre_memory_pair(struct gyre_loop *l, size_t capacity,
                     struct gyre_stream *out[2]);
int gyre_memory_pair_with(struct gyre_loop *l,
                          const struct gyre_memory_options *options,
                          struct gyre_stream *out[2]);

/*
 * Between `s`, which was made so, and its peer nothing arrives any more, not
 * even an end; or, healed, all that should have by now does, and the rest when
 * it is time.  Writers notice nothing, until there is no room.
 */
void gyre_memory_partition(struct gyre_stream *s);
void gyre_memory_heal(struct gyre_stream *s);

/* What is under way between `s` and its peer is lost.  Both read what had
   arrived, and then get -ECONNRESET, as do writers at once. */
void gyre_memory_reset(struct gyre_stream *s);

#pragma GCC visibility pop

#endif
