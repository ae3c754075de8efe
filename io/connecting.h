/*
 * connecting.h - a connection to be made, that is told of: for callbacks.
 *
 * As gyre_tcp_connect_to (io/tcp.h), which waits in a task.  Nothing is
 * allocated but the stream.
 */
#ifndef GYRE_IO_CONNECTING_H
#define GYRE_IO_CONNECTING_H

#include <stdbool.h>
#include <stdint.h>

#include "loop/job.h"

struct gyre_addr;
struct gyre_loop;
struct gyre_stream;

/* Set `connected`, and `from`; zero the rest.  Keep it in place while it is
   started. */
struct gyre_connecting {
    /* The stream, and 0: it is the callee's to close.  Or NULL, and why not.
       Called from the loop, and never inside of another call; `c` is idle, and
       may be started anew, or freed. */
    void (*connected)(struct gyre_connecting *c, struct gyre_stream *s,
                      int err);
    const struct gyre_addr *from; /* connect from there; NULL: the system's
                                     choice.  Read when started */

    /* private */
    struct gyre_stream *stream; /* not connected yet; NULL when idle */
    bool begun;                 /* the system is at it */
    uint16_t risk;              /* the port that ours must not be; or 0 */
    int err;                    /* if it is not: how it has ended */
    struct gyre_job job;
};

#pragma GCC visibility push(default)

/*
 * Connect to `a` in the loop `l`, which it keeps alive meanwhile.  0; -ENOMEM,
 * or as socket and bind, and then nothing is started.  What else may go wrong
 * is told.  How long that takes the system decides, in minutes; who has a
 * deadline has a timer that stops it.
 */
int gyre_connecting_start(struct gyre_connecting *c, struct gyre_loop *l,
                          const struct gyre_addr *a);

/* Connect no more, and do not tell: nothing is left open.  An idle one is left
   alone. */
void gyre_connecting_stop(struct gyre_connecting *c);

/* True from gyre_connecting_start until it is stopped or about to be told. */
bool gyre_connecting_started(const struct gyre_connecting *c);

#pragma GCC visibility pop

#endif
