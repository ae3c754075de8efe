/*
 * writer.h - writing without waiting, up to a mark.
 *
 * gyre_write waits until the bytes are taken, and so needs no memory for them.
 * A writer copies them and writes them by and by, which is for who cannot wait,
 * or writes many small pieces.  What it holds is told, and when it is time to
 * write no more, and to go on: at the high mark and the low one.  Nobody is
 * refused beyond the mark: who puts is asked to look, or to wait.
 *
 * It writes as soon as a writing does (io/writing.h), and gathers what is put
 * while that is not over.
 * Its writes stand in the stream's line of writers among others.
 */
#ifndef GYRE_IO_WRITER_H
#define GYRE_IO_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/uio.h>

#include "timers/time.h"
#include "io/buf.h"
#include "io/line.h"
#include "io/writing.h"

struct gyre_stream;

/* Set what is to differ, zero the rest; in place from gyre_writer_open to
   gyre_writer_close. */
struct gyre_writer {
    size_t high; /* bytes held: with more it is full; 0: 64 KiB */
    size_t low;  /* and so it stays until there are no more than that; 0: a
                    quarter of `high` */

    /* It is full no more; or it has failed, which the next call tells.  Called
       from the loop; may close it, and free it.  NULL: nobody is told. */
    void (*drained)(struct gyre_writer *w);

    /* private */
    struct gyre_stream *stream;
    struct gyre_buf under_way; /* being written */
    struct gyre_buf gathered;  /* to be written next */
    struct gyre_writing writing;
    struct iovec iov;
    struct gyre_line draining; /* who waits for the low mark: io/line.h */
    struct gyre_line flushing; /* and for nothing to be held */
    bool full;
    int err; /* it failed with, or 0 */
};

#pragma GCC visibility push(default)

/* Begin to write to `s`, which stays the caller's, and is to be closed after
   `w` is.  Cannot fail. */
void gyre_writer_open(struct gyre_writer *w, struct gyre_stream *s);

/*
 * Write `n` bytes, of which a copy is made.  0; -ENOMEM, and nothing is
 * written; or what the stream has failed with.  From a task or a callback.
 */
int gyre_writer_put(struct gyre_writer *w, const void *bytes, size_t n);

/* Bytes that the stream has not taken yet. */
size_t gyre_writer_held(const struct gyre_writer *w);

/* Is it time to put no more?  From more than `high` held until a write is over,
   and there are no more than `low`. */
bool gyre_writer_full(const struct gyre_writer *w);

/*
 * Wait until it is not full; until it holds nothing.  0; what the stream has
 * failed with; -EBADF if it was closed meanwhile, and is gone.  A cancel point:
 * what is held goes on being written.
 */
int gyre_writer_drain(struct gyre_writer *w, gyre_time deadline)
    __attribute__((warn_unused_result));
int gyre_writer_flush(struct gyre_writer *w, gyre_time deadline)
    __attribute__((warn_unused_result));

/* Write no more of what is held; who waits gets -EBADF.  A write that was under
   way is cut off, and if part of it was taken the stream's writing half is
   broken (gyre_stream_broken).  Harmless when closed.  Never parks. */
void gyre_writer_close(struct gyre_writer *w);

#pragma GCC visibility pop

#endif
