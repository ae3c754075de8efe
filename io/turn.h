/*
 * turn.h - turns to write a stream.
 *
 * Private to io/, installed nowhere.  Writers stand in a line (io/line.h), and
 * the first has the turn, so that what each writes stays together.  Who writes
 * once, without waiting, needs none while it is free.
 *
 * Invariant: while the stream is broken nobody stands in line.
 */
#ifndef GYRE_IO_TURN_H
#define GYRE_IO_TURN_H

#include <errno.h>
#include <stdbool.h>

#include "timers/time.h"
#include "io/line.h"
#include "io/stream.h"

/* Could it be taken now? */
static inline bool gyre_turn_is_free(const struct gyre_stream *s)
{
    return gyre_line_empty(&s->writers) && !s->broken;
}

/*
 * Stand in line, and wait for the turn: 0, or why there is none, and then
 * nothing is left of us.  A cancel point if the turn is not ours already; if it
 * is, what is done in it is the cancel point.
 */
int gyre_turn_take(struct gyre_stream *s, struct gyre_caller *c,
                   gyre_time deadline);

/* The same; a cancel point in any case. */
int gyre_turn_wait(struct gyre_stream *s, struct gyre_caller *c,
                   gyre_time deadline);

/* The turn is nobody's: it passes to the first in line. */
static inline void gyre_turn_next(struct gyre_stream *s)
{
    if (s->broken)
        gyre_line_send_home(&s->writers, -EPIPE);
    else if (!gyre_line_empty(&s->writers))
        gyre_line_call(&s->writers);
}

/* Our turn is over. */
static inline void gyre_turn_pass(struct gyre_stream *s, struct gyre_caller *c)
{
    gyre_line_leave(&s->writers, c);
    gyre_turn_next(s);
}

/* The same, when what was written ended with `err`, and a part was taken, or
   not.  Returns how the call ends. */
static inline int gyre_turn_end(struct gyre_stream *s, struct gyre_caller *c,
                                int err, bool part)
{
    if (c->sent_home)
        return c->sent_home;
    if (err && part)
        s->broken = true;
    gyre_turn_pass(s, c);
    return err;
}

#endif
