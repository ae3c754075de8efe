/*
 * turn.c - turns to write a stream.
 */
#include "io/turn.h"

#include "task/wait.h"

static const struct gyre_wait_kind turns = {
    .name = "for its turn to write",
    .abandon = gyre_line_give_up,
};

/* No part of its callers, or gcc takes the record for one that stays in line
   when it is gone; nor is the next. */
int gyre_turn_wait(struct gyre_stream *s, struct gyre_caller *c,
                   gyre_time deadline)
{
    int err;

    gyre_line_join(&s->writers, c);
    err = gyre_checkpoint(deadline);
    while (err == 0 && !c->sent_home) {
        if (s->broken)
            err = -EPIPE;
        else if (gyre_line_is_first(&s->writers, c))
            return 0;
        else
            err = gyre_line_park(c, &turns, s, deadline);
    }
    if (c->sent_home)
        return c->sent_home;
    gyre_turn_pass(s, c);
    return err;
}

int gyre_turn_take(struct gyre_stream *s, struct gyre_caller *c,
                   gyre_time deadline)
{
    if (!gyre_turn_is_free(s))
        return gyre_turn_wait(s, c, deadline);
    gyre_line_join(&s->writers, c);
    return 0;
}
