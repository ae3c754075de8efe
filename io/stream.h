/*
 * stream.h - bytes in order, both ways.
 *
 * What HTTP and every other protocol speaks to: a TCP connection, a Unix
 * socket, memory, somebody's TLS.  A stream is made by whoever knows its kind
 * (io/tcp.h, io/memory.h) and closed by whoever holds it.
 *
 * One task reads at a time; a second gets -EBUSY.  Writers queue, first come,
 * first served, and what each writes stays together.  There is no hidden queue
 * of bytes: a write returns when the kernel, or the peer, has taken them, and
 * so a slow reader slows its writer.
 *
 * EAGAIN, EINTR and SIGPIPE never get out.  Calls with a deadline are for
 * tasks; callbacks may make them with GYRE_NOW, which never parks (-ETIMEDOUT
 * is then "not now"), and all the others.
 */
#ifndef GYRE_IO_STREAM_H
#define GYRE_IO_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "timers/time.h"
#include "loop/job.h"
#include "io/buf.h"
#include "io/line.h"

struct gyre_addr;
struct gyre_detached;
struct gyre_loop;
struct gyre_reading;
struct gyre_stream;

/*
 * What makes a kind of stream; a stream embeds struct gyre_stream first.  The
 * functions are called by one reader and one writer at a time.  `read`, `write`
 * and `send_file` are cancel points and begin as such (see gyre_checkpoint),
 * which may let others run, as parking does: who comes back to find that his
 * stream was closed meanwhile returns -EBADF, and touches it no more.
 */
struct gyre_stream_ops {
    const char *name;

    /* As gyre_read; `n` is not 0. */
    ssize_t (*read)(struct gyre_stream *s, void *buf, size_t n,
                    gyre_time deadline);

    /* Take some of the bytes, at least one, and return how many.  There is at
       least one byte. */
    ssize_t (*write)(struct gyre_stream *s, const struct iovec *iov, int n,
                     gyre_time deadline);

    /* As gyre_shutdown, whose checkpoint is passed; and as gyre_close, when
       nobody is inside any more but who will find it closed. */
    int (*shutdown)(struct gyre_stream *s, gyre_time deadline);
    void (*close)(struct gyre_stream *s);

    /* Start `j` when a call for `event`, GYRE_READ or GYRE_WRITE, may not park;
       or do not after all.  It may have been started by then.  One job an
       event, and nobody in `read`, or in `write`, meanwhile. */
    int (*when)(struct gyre_stream *s, unsigned event, struct gyre_job *j);
    void (*forget)(struct gyre_stream *s, unsigned event);

    /* As `when` for GYRE_READ, again and again, until it is forgotten; what
       `j` does is to `read`, and nobody else does: as gyre_fd_follow.  NULL for
       streams that cannot: they are asked by `when` after each `read`. */
    int (*follow)(struct gyre_stream *s, struct gyre_job *j);

    /* As `write`, with `n` bytes of a file, at least one; or -ENOTSUP.  NULL
       for streams that cannot: then the file is read and written. */
    ssize_t (*send_file)(struct gyre_stream *s, int file, off_t offset,
                         size_t n, gyre_time deadline);

    /* Reset the connection, though the stream is not closed: calls on it, those
       under way as well, fail from now on; what had come may be lost, or still
       be read.  What is no connection is closed; a stream over another has that
       cut.  NULL for streams that cannot. */
    void (*cut)(struct gyre_stream *s);

    /* Tell what it is made of, and free it without closing that: see
       io/detach.h.  NULL for streams that cannot be moved. */
    void (*detach)(struct gyre_stream *s, struct gyre_detached *d);
};

struct gyre_stream {
    const struct gyre_stream_ops *ops;
    struct gyre_loop *loop;
    void *data; /* the holder's own; NULL at first */

    /* No call of a task waits longer than this for anything to happen, whatever
       its deadline: -ETIMEDOUT.  The holder's to set; 0, at first: as long as
       its deadline says. */
    gyre_time patience;

    /* private */
    struct gyre_buf *ahead;   /* read, but not asked for yet; or NULL */
    struct gyre_line readers; /* the first reads: see io/line.h */
    struct gyre_line writers; /* the first has the turn */
    struct gyre_line told;    /* writings that are over: see io/writing.h */
    struct gyre_job notify;   /* runs for who waits without a task: */
    union {
        struct gyre_job *idle;        /* a job, or NULL if nobody does */
        struct gyre_reading *reading; /* or a reading, if it `reads` */
    };
    bool reads;   /* see above */
    bool broken;  /* a write failed half-way */
    bool wanting; /* `ahead` was not enough for who last read */
    bool taken;   /* bytes were, since who looks has unset it */
};

#pragma GCC visibility push(default)

/* Prepare the common part of a stream of the loop `l`.  For makers of
   streams. */
void gyre_stream_init(struct gyre_stream *s, const struct gyre_stream_ops *ops,
                      struct gyre_loop *l);

/*
 * Read up to `n` bytes: as soon as there are any, and no more than there are.
 * > 0: how many; 0: the peer has ended, and so it stays; -EBUSY: another task
 * reads; -EBADF: the stream was closed meanwhile, and is gone; or what the
 * system says.  `n` of 0 reads nothing.  A cancel point: what was not returned
 * is still to be read.
 */
ssize_t gyre_read(struct gyre_stream *s, void *buf, size_t n,
                  gyre_time deadline) __attribute__((warn_unused_result));

/*
 * Read exactly `n` bytes.  0; -EPIPE if the peer ends before; otherwise as
 * gyre_read.  On any error what was read so far is not lost: it is still to be
 * read.
 */
int gyre_read_exact(struct gyre_stream *s, void *buf, size_t n,
                    gyre_time deadline) __attribute__((warn_unused_result));

/*
 * Read up to and including the first `delimiter`, at most `n` bytes.  Returns
 * how many; 0 if the peer ended before the first byte; -EPIPE if it ended
 * before the delimiter, -EMSGSIZE if there is none in the first `n` bytes;
 * otherwise as gyre_read.  On any error, nothing is taken: all of it is still
 * to be read.
 */
ssize_t gyre_read_until(struct gyre_stream *s, char delimiter, char *buf,
                        size_t n, gyre_time deadline)
    __attribute__((warn_unused_result));

/*
 * Read a line, up to and including "\n" or "\r\n", at most `n` bytes with it,
 * and put a NUL in the place of that.  What the peer ends with is a line
 * without.  Returns how many bytes were taken, at least 1; 0 if the peer has
 * ended before the first; -EMSGSIZE, and nothing is taken, if the line is
 * longer: gyre_skip_until passes over it.  Otherwise as gyre_read.
 */
ssize_t gyre_read_line(struct gyre_stream *s, char *buf, size_t n,
                       gyre_time deadline) __attribute__((warn_unused_result));

/* Pass over all up to and including the next `delimiter`, however much it is.
   0; -EPIPE if the peer ends before; otherwise as gyre_read.  On an error some
   is gone. */
int gyre_skip_until(struct gyre_stream *s, char delimiter, gyre_time deadline)
    __attribute__((warn_unused_result));

/*
 * Wait until the next `n` bytes have come, and copy them: they are still to be
 * read.  Returns how many, fewer only if the peer ends behind them, 0 if there
 * is none; otherwise as gyre_read.
 */
ssize_t gyre_peek(struct gyre_stream *s, void *buf, size_t n,
                  gyre_time deadline) __attribute__((warn_unused_result));

/*
 * Write `n` bytes, when those who came before have written theirs.  0 when all
 * were taken.  On an error some may have been, and then the writing half is
 * broken (gyre_stream_broken tells): this stream's writers, now and later, get
 * -EPIPE. -ECANCELED or -ETIMEDOUT before the first byte breaks nothing.
 * -EPIPE, -ECONNRESET or -ENOTCONN if the peer reads no more; -EBADF as in
 * gyre_read.  A cancel point.
 */
int gyre_write(struct gyre_stream *s, const void *buf, size_t n,
               gyre_time deadline) __attribute__((warn_unused_result));

/* The same for the bytes of `n` pieces, one after the other. */
int gyre_writev(struct gyre_stream *s, const struct iovec *iov, int n,
                gyre_time deadline) __attribute__((warn_unused_result));

/* Write what is taken at the first attempt that takes any: how many bytes, at
   least 1 unless `n` is 0.  Never breaks the stream.  Otherwise as
   gyre_write. */
ssize_t gyre_write_some(struct gyre_stream *s, const void *buf, size_t n,
                        gyre_time deadline) __attribute__((warn_unused_result));

/*
 * Write `n` bytes of the file `file`, which is the caller's, from `offset` on,
 * without copying them where the system can do that.  0; -ENODATA if the file
 * ends before, and the writing half is broken then; -EINVAL if it is no file
 * that can be read; otherwise as gyre_write, or as pread.  Waits for the disk,
 * if it must.
 */
int gyre_send_file(struct gyre_stream *s, int file, off_t offset, size_t n,
                   gyre_time deadline) __attribute__((warn_unused_result));

/* Did a write fail half-way, so that nothing can be written any more? */
bool gyre_stream_broken(const struct gyre_stream *s);

/* End the writing half, when those who came before have written: the peer reads
   to the end.  0, or as gyre_write.  A cancel point. */
int gyre_shutdown(struct gyre_stream *s, gyre_time deadline)
    __attribute__((warn_unused_result));

/* Close and free the stream, at once.  Who is parked in it gets -EBADF, and
   does not touch it any more.  NULL is left alone.  Never parks. */
void gyre_close(struct gyre_stream *s);

/* The descriptor of a stream over a socket, for options that are not here: not
   to be read, written, or closed.  -ENOTSUP for another stream. */
int gyre_stream_descriptor(struct gyre_stream *s);

/* At which address this end of it is, and the other.  -ENOTSUP as above, or
   as getsockname and getpeername. */
int gyre_stream_local(struct gyre_stream *s, struct gyre_addr *out);
int gyre_stream_peer(struct gyre_stream *s, struct gyre_addr *out);

/*
 * Run `j` once, when a read may not park: so something idle can wait without a
 * task.  It may park all the same; then ask again.  What gyre_read_exact or
 * gyre_read_until has left because it was not enough does not count, until more
 * comes.  In place of a reader: -EBUSY if a task reads, or a job waits; or why
 * the descriptor cannot be watched.  `j` is the caller's, and stays in place
 * until it runs, is forgotten, or the stream is closed.  Does not keep the loop
 * alive, as a parked reader does.
 */
int gyre_stream_when_readable(struct gyre_stream *s, struct gyre_job *j);

/* Do not run that job after all; harmless if there is none. */
void gyre_stream_forget(struct gyre_stream *s);

#pragma GCC visibility pop

#endif
