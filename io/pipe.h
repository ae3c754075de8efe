/*
 * pipe.h - streams over descriptors: pipes, FIFOs, terminals, files, and
 * whatever was inherited; the standard streams among them.
 *
 * They are as all streams (io/stream.h), with this:
 *   - many go one way only: reading what only writes, or the other way round,
 *     is -ENOTSUP;
 *   - gyre_shutdown closes what only writes, so that who reads comes to the
 *     end, and is -ENOTSUP for what does both (but sockets);
 *   - an end is final, also of a terminal where ^D was typed, or a file that
 *     grows later.  A terminal that has hung up (EIO) has ended;
 *   - a server that resets what goes on (io/server.h) closes them: no reset
 *     could be told to the other side, which comes to the end; and who shares
 *     one keeps it;
 *   - a FIFO has not ended before somebody has written to it, or come to: a
 *     reader waits for the first writer, and comes to the end after the last;
 *   - regular files, and devices such as /dev/null, never have anybody wait,
 *     though the disk may: for large ones there are other ways.
 *
 * SIGPIPE never comes of a write here; nor is it ignored for the process.
 */
#ifndef GYRE_IO_PIPE_H
#define GYRE_IO_PIPE_H

#include "timers/time.h"

struct gyre_loop;
struct gyre_stream;

#pragma GCC visibility push(default)

/*
 * A stream over `fd`, whatever that is, which it takes over if it returns 0: it
 * is made non-blocking, also for those who share it (see gyre_stream_share),
 * and close-on-exec.  A stream socket makes a stream as tcp.h has them.
 * -EINVAL if it is a socket of another kind, or one that listens
 * (gyre_listener_adopt); -ENOMEM; or as fcntl and fstat.
 */
int gyre_stream_adopt(struct gyre_loop *l, int fd, struct gyre_stream **out);

/*
 * A stream over what `fd` is of, which stays the caller's, and as it is:
 * blocking or not is a matter of all who share it, of the shell, say, that goes
 * on with the same terminal.  So it is the way to the standard streams:
 *
 *      err = gyre_stream_share(l, STDIN_FILENO, &in);
 *
 * A pipe or a terminal is opened once more, by its name in /proc, where the
 * system has that and lets us; a socket is told with each call not to block.
 * Otherwise poll is asked before each call, and little is written at a time:
 * then nothing blocks, unless another process reads or writes the same at the
 * same moment.  Takes a descriptor of its own.
 *
 * -EBADF if `fd` is closed, or what has its number by now is no file (a program
 * that is started with its standard input closed finds the loop's own there);
 * otherwise as gyre_stream_adopt, or -EMFILE.
 */
int gyre_stream_share(struct gyre_loop *l, int fd, struct gyre_stream **out);

/* A pipe: what is written to out[1] is read from out[0].  -ENOMEM, or as
   pipe. */
int gyre_pipe_pair(struct gyre_loop *l, struct gyre_stream *out[2]);

/*
 * Open the FIFO `path` for reading (GYRE_READ) or writing (GYRE_WRITE).  Does
 * not wait for the other side: a reader waits in gyre_read for the first who
 * writes, and for a writer while nobody reads it is -ENXIO.  -EINVAL if it is
 * no FIFO; -EBUSY for open's EAGAIN; -ENOMEM; or as open.  In the files' pool,
 * for the disk may block.  A cancel point: nothing is left open.
 */
int gyre_fifo_open(const char *path, unsigned event, struct gyre_stream **out,
                   gyre_time deadline) __attribute__((warn_unused_result));

#pragma GCC visibility pop

#endif
