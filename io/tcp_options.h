/*
 * tcp_options.h - options of TCP connections.
 *
 * All return 0, or -ENOTSUP for a stream that is no TCP; or as setsockopt.  By
 * tasks and callbacks, unless noted.
 */
#ifndef GYRE_IO_TCP_OPTIONS_H
#define GYRE_IO_TCP_OPTIONS_H

#include <stdbool.h>

#include "timers/time.h"

struct gyre_stream;

#pragma GCC visibility push(default)

/* Send small writes at once, as from the beginning; or wait for more to go with
   them. */
int gyre_tcp_set_nodelay(struct gyre_stream *s, bool on);

/*
 * When nothing has come for `idle`, ask whether the peer is there, `count`
 * times at most, every `interval`, and then fail what waits (RFC 9293, 3.8.4).
 * In whole seconds, rounded up; an `interval`, or a `count`, of 0 leaves the
 * system's.  An `idle` of 0 asks no more, as it is at first.
 */
int gyre_tcp_set_keepalive(struct gyre_stream *s, gyre_time idle,
                           gyre_time interval, int count);

/* Give the connection up when what was sent has not been acknowledged for so
   long, in milliseconds, rounded up; 0: when the system does.  -ENOTSUP where
   that cannot be set. */
int gyre_tcp_set_user_timeout(struct gyre_stream *s, gyre_time after);

/* Bytes that the system keeps, of those written, and those to be read; 0 leaves
   it at that.  Linux takes twice as many, for its own needs, and neither more
   than it allows.  For local sockets, too.  A TCP peer has been told how much
   may come: with room for less, it is dropped, and comes again after seconds.
   So do not lower what is to be read. */
int gyre_stream_set_buffers(struct gyre_stream *s, int send, int receive);

/* Have gyre_close reset the connection instead of ending it. */
int gyre_tcp_reset_on_close(struct gyre_stream *s);

/*
 * Send a byte as urgent (RFC 6093 advises against it), when those who came
 * before have written: as gyre_write.  It comes out of band, and a watch for
 * GYRE_PRIORITY is told; or, from a BSD, in order.
 */
int gyre_tcp_send_urgent(struct gyre_stream *s, char byte, gyre_time deadline)
    __attribute__((warn_unused_result));

#pragma GCC visibility pop

#endif
