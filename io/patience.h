/*
 * patience.h - how long a call on a stream waits for anything to happen.
 *
 * Private to io/, installed nowhere.
 */
#ifndef GYRE_IO_PATIENCE_H
#define GYRE_IO_PATIENCE_H

#include "loop/loop.h"
#include "io/stream.h"

/* The nearer of `deadline` and the end of the patience of `s`, which begins
   anew with each call of what makes it. */
static inline gyre_time gyre_stream_until(const struct gyre_stream *s,
                                          gyre_time deadline)
{
    gyre_time until;

    if (s->patience == 0)
        return deadline;
    until = gyre_loop_in(s->loop, s->patience);
    return until < deadline ? until : deadline;
}

#endif
