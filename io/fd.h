/*
 * fd.h - a non-blocking descriptor, and the tasks that wait for it.
 *
 * The one place where readiness meets tasks.  All that is above is "do this,
 * and park me until it is done".
 *
 * How: the system call is tried first; only on EAGAIN does the task park.  The
 * descriptor is registered with the loop when the first task parks, once, for
 * edges, and what the loop reports is remembered here, so that in the steady
 * state an operation that can proceed costs one system call and one that cannot
 * costs none.
 */
#ifndef GYRE_IO_FD_H
#define GYRE_IO_FD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "timers/time.h"
#include "loop/job.h"
#include "loop/watch.h"
#include "io/line.h"

struct gyre_loop;

/* What a descriptor is, as far as waiting for it goes. */
enum gyre_fd_kind {
    GYRE_FD_OTHER,  /* a pipe, a terminal, a file */
    GYRE_FD_SOCKET, /* written with MSG_NOSIGNAL */
    GYRE_FD_TCP,    /* the same; and a short read means no more is there */
};

/* Embedded by its owner; in place from gyre_fd_open to gyre_fd_close. */
struct gyre_fd {
    int fd; /* -1 when closed; the owner's to read */

    /* private */
    uint8_t kind;  /* enum gyre_fd_kind */
    uint8_t ready; /* GYRE_READ, GYRE_WRITE: may succeed */
    bool exact;    /* a read that falls short has got all there is */
    bool follows;  /* `to_read` stays, and is run: see gyre_fd_follow */
    struct gyre_watch watch;
    struct gyre_loop *loop;
    struct gyre_line readers; /* those inside calls: see io/line.h */
    struct gyre_line writers;
    struct gyre_job *to_read;  /* to start when that may succeed, or NULL */
    struct gyre_job *to_write; /* the same */
};

#pragma GCC visibility push(default)

/*
 * Take over `fd`, which must not block (see gyre_fd_nonblocking), in the loop
 * `l`.  Cannot fail, and registers nothing yet.
 */
void gyre_fd_open(struct gyre_fd *f, struct gyre_loop *l, int fd,
                  enum gyre_fd_kind kind);

/*
 * Close the descriptor.  Tasks that are inside a call on it get -EBADF,
 * whatever they were at, and touch `f` no more, so it may be freed at once.
 * Never parks.  Harmless when closed; and when zeroed, and never opened.
 */
void gyre_fd_close(struct gyre_fd *f);

/* Stop watching, and hand the descriptor back to the caller, open. */
int gyre_fd_release(struct gyre_fd *f);

/*
 * Do what can block: call attempt(f, arg) until it returns anything but
 * -EAGAIN, and return that; in between, park until a read (GYRE_READ) or a
 * write (GYRE_WRITE) may succeed.  Who asks first is served first.  The attempt
 * makes one system call on f->fd, of the kind of `event`, and does not park.
 * -EBADF when the descriptor was closed meanwhile: then neither `f` nor what it
 * is part of may be touched; or why it cannot be watched, -EPERM of what would
 * block and cannot be polled.  -ETIMEDOUT is the deadline's alone: an attempt's
 * own comes back as -ECONNRESET.  A cancel point.
 *
 * It is how all calls on descriptors are made, here and in other libraries.
 */
intptr_t gyre_fd_try(struct gyre_fd *f, unsigned event,
                     intptr_t (*attempt)(struct gyre_fd *f, void *arg),
                     void *arg, gyre_time deadline)
    __attribute__((warn_unused_result));

/*
 * Read, or write, as soon as that does not block.  As gyre_read and
 * gyre_write_some; but readers queue here as writers do.
 */
ssize_t gyre_fd_read(struct gyre_fd *f, void *buf, size_t n, gyre_time deadline)
    __attribute__((warn_unused_result));
ssize_t gyre_fd_writev(struct gyre_fd *f, const struct iovec *iov, int n,
                       gyre_time deadline) __attribute__((warn_unused_result));

/* Does a task, or a job, wait to read? */
bool gyre_fd_has_reader(const struct gyre_fd *f);

/*
 * A call for `event` that was not made by gyre_fd_try said EAGAIN, as one that
 * begins something does: no other is tried before the loop tells that it may
 * succeed.  0, or why the descriptor cannot be watched.
 */
int gyre_fd_blocked(struct gyre_fd *f, unsigned event);

/* Have who waits for `event` try again: there is news that the loop cannot
   tell. */
void gyre_fd_nudge(struct gyre_fd *f, unsigned event);

/*
 * Start `j` once, in the loop's ready queue, when a call for `event`
 * (GYRE_READ, GYRE_WRITE) may not park: so something can wait without a task.
 * In place of a caller: -EBUSY if a task waits for the same, or a job; or why
 * the descriptor cannot be watched.  `j` is the caller's, and stays in place
 * until it is started, forgotten, or the descriptor is closed; once it is
 * started it is the caller's to stop.  Does not keep the loop alive, as a
 * parked task does.
 */
int gyre_fd_when(struct gyre_fd *f, unsigned event, struct gyre_job *j);

/*
 * The same for reading, again and again, until it is forgotten: `j` is started
 * now, and after each gyre_fd_read, if there may be something; and when the
 * loop tells that more has come it is run, inside of no other call, in place of
 * being started.  Nobody but that job reads meanwhile: who waits in
 * gyre_fd_read is not told of what comes.
 */
int gyre_fd_follow(struct gyre_fd *f, struct gyre_job *j);

/* Do not start that job after all; harmless if there is none. */
void gyre_fd_forget(struct gyre_fd *f, unsigned event);

/* Make `fd` non-blocking and close-on-exec.  0 or -errno.  Not for descriptors
   0 to 2, which other processes share. */
int gyre_fd_nonblocking(int fd);

#pragma GCC visibility pop

#endif
