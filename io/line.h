/*
 * line.h - those who are inside calls on an object, in the order they came.
 *
 * Private to io/, installed nowhere.  Whoever makes a call that may park, or
 * give way, stands in a line of the object with a record on its own stack, from
 * before that until it is done; the first in line is served.  So nobody
 * overtakes, and who closes the object finds all of them, be they parked, or
 * woken but yet to run, or sent to the back of the ready queue: he sends them
 * home, and they touch the object no more, which may be gone.
 *
 *      struct gyre_caller c;
 *      gyre_line_join(line, &c);
 *      err = gyre_checkpoint(deadline);
 *      ... while it is not our turn, or what we need is not there:
 *              err = gyre_line_park(&c, deadline);
 *      gyre_line_leave(&c);
 *      if (c.sent_home)
 *          return c.sent_home;             (and that is all)
 */
#ifndef GYRE_IO_LINE_H
#define GYRE_IO_LINE_H

#include <stdbool.h>

#include "timers/time.h"
#include "loop/list.h"
#include "task/wait.h"

struct gyre_caller {
    struct gyre_list link; /* in the line; alone once it is sent home */
    struct gyre_wait wait;
    bool parked;
    int sent_home; /* why, or 0 */
};

/* Stand last in `line`, a list head. */
static inline void gyre_line_join(struct gyre_list *line, struct gyre_caller *c)
{
    c->parked = false;
    c->sent_home = 0;
    gyre_list_append(line, &c->link);
}

/* Leave the line; harmless when sent home, and touches no other object then. */
static inline void gyre_line_leave(struct gyre_caller *c)
{
    gyre_list_remove(&c->link);
}

/* Is it the turn of `c`, which is in `line`? */
static inline bool gyre_line_is_first(const struct gyre_list *line,
                                      const struct gyre_caller *c)
{
    return line->next == &c->link;
}

/*
 * Park until called: 0; or sent home: why; or as gyre_wait_park.  `kind`, whose
 * `abandon` is gyre_line_give_up, and `on` say what for.
 */
int gyre_line_park(struct gyre_caller *c, const struct gyre_wait_kind *kind,
                   void *on, gyre_time deadline);
bool gyre_line_give_up(struct gyre_wait *w);

/* If the first in line is parked, have it look again. */
void gyre_line_call(struct gyre_list *line);

/* Send everybody home with `err`: none of them comes back to the object. */
void gyre_line_send_home(struct gyre_list *line, int err);

#endif
