/*
 * relay.h - from one stream to another: a proxy in five lines.
 *
 *      intptr_t proxy(struct gyre_stream *client, void *port)
 *      {
 *          struct gyre_stream *server = NULL;
 *          int err = gyre_tcp_connect("::1", *(int *)port, &server, SOON);
 *
 *          if (err == 0)
 *              err = gyre_relay(client, server, GYRE_FOREVER);
 *          gyre_close(server);     (and client is closed by who accepted it)
 *          return err;
 *      }
 */
#ifndef GYRE_IO_RELAY_H
#define GYRE_IO_RELAY_H

#include <stdint.h>

#include "timers/time.h"

struct gyre_stream;

#pragma GCC visibility push(default)

/*
 * Write to `to` what is read from `from`, until that ends, which is not passed
 * on: `to` can be written after it.  Returns how many bytes that were; or as
 * gyre_read and gyre_write, and of what was read at most 16 KiB are lost then.
 * A cancel point; the bytes before were passed on.  16 KiB of the loop's memory
 * meanwhile; -ENOMEM.
 */
int64_t gyre_copy(struct gyre_stream *from, struct gyre_stream *to,
                  gyre_time deadline) __attribute__((warn_unused_result));

/*
 * Copy both ways, until both sides have ended.  When one has, the other's
 * writing half is ended, and what that has still to say goes on.  0; or the
 * first error of either way, which ends the other.  The streams stay the
 * caller's.  A cancel point; one task more.
 */
int gyre_relay(struct gyre_stream *a, struct gyre_stream *b, gyre_time deadline)
    __attribute__((warn_unused_result));

#pragma GCC visibility pop

#endif
