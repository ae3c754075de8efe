/*
 * watch.h - calls when a file descriptor is ready.
 *
 * One watch a descriptor; it may ask for reading and writing at once.  A watch
 * is level-triggered: it is called in every round in which its descriptor is
 * ready, unless it asks for GYRE_EDGE.  What cannot be polled (regular files,
 * /dev/null) counts as always ready to read and write: called every round, or
 * once with GYRE_EDGE.
 *
 * The loop never closes a descriptor.  Stop the watch first, then close, and
 * start it again for another file.  Done the other way round, it is not called
 * for what lingers once it is stopped; but a dup that lives on may cost the
 * loop a start of all its watches over again.
 */
#ifndef GYRE_LOOP_WATCH_H
#define GYRE_LOOP_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "loop/list.h"
#include "loop/poller.h"

struct gyre_loop;

/* Set `ready` (and `background`), zero the rest; keep it in place while it is
   started. */
struct gyre_watch {
    /* `events`: what was asked for and is so, and GYRE_HANGUP or GYRE_ERROR. */
    void (*ready)(struct gyre_watch *w, unsigned events);
    bool background; /* does not keep the loop alive; read when
                        started */

    /* private */
    bool awaited;   /* counted in gyre_loop.watching */
    bool polled;    /* by the poller; else it is always ready */
    uint8_t events; /* asked for; 0 when idle */
    int fd;
};

#pragma GCC visibility push(default)

/*
 * Call `w` when `fd` is ready for any of `events` (GYRE_READ, GYRE_WRITE,
 * GYRE_PRIORITY, GYRE_HANGUP; with GYRE_EDGE once for each change).  A watch
 * started on `fd` already now asks for `events` instead.  -EBADF; -EBUSY if
 * another watch is started on `fd`; -ENOMEM; -ENOTSUP under simulation if `fd`
 * is a real descriptor; -ECANCELED of a parent's loop (gyre_loop_inherited); or
 * as epoll_ctl.  On failure the watch is as it was.
 */
int gyre_watch_start(struct gyre_loop *l, struct gyre_watch *w, int fd,
                     unsigned events);

/*
 * Do not call `w` any more, not even for an event already in hand.  An idle
 * watch is left alone.  One system call.
 */
void gyre_watch_stop(struct gyre_loop *l, struct gyre_watch *w);

/* True from gyre_watch_start until gyre_watch_stop. */
bool gyre_watch_started(const struct gyre_watch *w);

/* Is `w` started on what can be polled?  Else it is always ready, whether or
   not it would block. */
bool gyre_watch_polled(const struct gyre_watch *w);

/* The watch that is started on `fd`, or NULL. */
struct gyre_watch *gyre_loop_watch_of(const struct gyre_loop *l, int fd);

#pragma GCC visibility pop

#endif
