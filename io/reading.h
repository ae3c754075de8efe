/*
 * reading.h - reads that go on, and are told of: for callbacks.
 *
 * A task that reads waits until there is something (io/stream.h).  A callback
 * cannot wait: it starts a reading, which calls back with bytes as they come,
 * until it is stopped.  It is in the place of the stream's reader, so a task
 * that reads meanwhile gets -EBUSY; stopped, the stream can be read by tasks,
 * and nothing is lost in between.
 *
 * Nothing is allocated, and the bytes go where the caller wants them.  Readings
 * that are told at different times may share one buffer, so a connection that
 * has nothing to say need have none.
 */
#ifndef GYRE_IO_READING_H
#define GYRE_IO_READING_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct gyre_stream;

/* Set `read`, `buf`, `size`, and `background`; zero the rest.  Keep it in place
   while it is started. */
struct gyre_reading {
    /*
     * > 0: so many bytes are in `buf`; 0: the peer has ended; or an error, as
     * of gyre_read.  After the last two it is idle.  Called from the loop, at
     * most once a pass and once a poll, and never inside of another call; may
     * change `buf` and `size`, stop and free `r`, or close the stream.
     */
    void (*read)(struct gyre_reading *r, ssize_t n);
    void *buf;       /* the caller's; may be changed at any time */
    size_t size;     /* not 0 */
    bool background; /* does not keep the loop alive; read when started */

    /* private */
    bool awaited;               /* counted by the loop */
    bool follows;               /* the job goes on by itself */
    int err;                    /* to be told, if it cannot go on */
    struct gyre_stream *stream; /* whose `reading` it is; NULL when idle */
};

#pragma GCC visibility push(default)

/*
 * Read `s`, again and again: what was read ahead first.  0; -EBUSY if a task
 * reads, or something waits for that; or why the descriptor cannot be watched,
 * and then nothing is started.
 */
int gyre_reading_start(struct gyre_reading *r, struct gyre_stream *s);

/* Read no more: what comes is still to be read.  An idle one is left alone.
   O(1), without a system call: it is also how to pause, for a peer whose bytes
   pile up; gyre_reading_start goes on. */
void gyre_reading_stop(struct gyre_reading *r);

/* True from gyre_reading_start until it is stopped, has told of an end or an
   error, or the stream is closed. */
bool gyre_reading_started(const struct gyre_reading *r);

#pragma GCC visibility pop

#endif
