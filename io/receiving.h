/*
 * receiving.h - datagrams that are told of as they come: for callbacks.
 *
 * As gyre_receive (io/datagram.h), which waits in a task.  Nothing is
 * allocated, and the bytes go where the caller wants them.  A callback sends by
 * gyre_send with GYRE_NOW: -ETIMEDOUT is then "not now", and
 * gyre_datagrams_when_sendable tells when.
 */
#ifndef GYRE_IO_RECEIVING_H
#define GYRE_IO_RECEIVING_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "loop/job.h"

struct gyre_addr;
struct gyre_datagrams;

/* Set `received`, `buf`, `size`, and `background`; zero the rest.  Keep it in
   place while it is started. */
struct gyre_receiving {
    /*
     * A datagram, of `n` bytes, from 0 on: if `n` is more than `size`, it was
     * cut.  Or an error, as of gyre_receive, and `from` is NULL: it goes on
     * nevertheless if an earlier datagram did not arrive, and else is idle now.
     * Called from the loop, once a pass at most, and never inside of another
     * call; may change `buf` and `size`, stop and free `r`, or close the
     * socket.
     */
    void (*received)(struct gyre_receiving *r, ssize_t n,
                     const struct gyre_addr *from);
    void *buf; /* the caller's; may be changed at any time */
    size_t size;
    bool background; /* does not keep the loop alive; read when started */

    /* private */
    struct gyre_datagrams *datagrams; /* NULL when idle */
    bool awaited;                     /* counted by the loop */
    int err;                          /* to be told yet, or 0 */
    struct gyre_job job;
};

#pragma GCC visibility push(default)

/* Receive from `d`, again and again.  0; -EBUSY if a task receives, or another
   receiving is started; or why the descriptor cannot be watched, and then
   nothing is started. */
int gyre_receiving_start(struct gyre_receiving *r, struct gyre_datagrams *d);

/* Receive no more: what comes is still to be received, as far as the system has
   room.  An idle one is left alone.  O(1), without a system call. */
void gyre_receiving_stop(struct gyre_receiving *r);

/* True from gyre_receiving_start until it is stopped, cannot go on, or the
   socket is closed. */
bool gyre_receiving_started(const struct gyre_receiving *r);

#pragma GCC visibility pop

#endif
