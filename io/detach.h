/*
 * detach.h - a stream on its way from one loop to another.
 *
 * A stream belongs to a loop, and so to a thread.  To hand it to another it is
 * detached, which leaves a value that is nobody's and can be carried about, and
 * attached where it is to go on:
 *
 *      gyre_stream_detach(s, &d);      in the one
 *      ... a post, a remote channel, a portal carries `d` ...
 *      gyre_stream_attach(l, &d, &s);  in the other, on its thread
 *
 * What was read ahead goes along, so no byte is lost.
 */
#ifndef GYRE_IO_DETACH_H
#define GYRE_IO_DETACH_H

#include <stdbool.h>

#include "timers/time.h"
#include "io/buf.h"

struct gyre_loop;
struct gyre_stream;
struct gyre_stream_ops;

struct gyre_detached {
    /* private */
    int (*attach)(struct gyre_loop *l, struct gyre_detached *d,
                  struct gyre_stream **out);
    const struct gyre_stream_ops *ops;
    int fd;
    int kind; /* of `fd`: enum gyre_fd_kind */
    struct gyre_buf ahead;
    gyre_time patience;
    bool broken;
    void *data;
};

#pragma GCC visibility push(default)

/*
 * Take the stream off its loop: 0, and `s` is gone.  -EBUSY if somebody is
 * inside a call on it, or a job, a reading or a writing waits; -ENOTSUP for a
 * kind that cannot be moved, as memory; -ENOMEM for what was read ahead.  Then
 * it is as it was.  One system call.
 */
int gyre_stream_detach(struct gyre_stream *s, struct gyre_detached *out);

/* Have it go on in the loop `l`: 0, and `d` is spent.  -ENOMEM, and `d` is as
   it was. */
int gyre_stream_attach(struct gyre_loop *l, struct gyre_detached *d,
                       struct gyre_stream **out);

/* Close what was detached, and is to be attached nowhere.  Any thread. */
void gyre_detached_close(struct gyre_detached *d);

#pragma GCC visibility pop

#endif
