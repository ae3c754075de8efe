/*
 * line.h - those who are inside calls on an object, in the order they came.
 *
 * Whoever makes a call that may park, or give way, stands in a line of the
 * object with a record on its own stack, from before that until it is done; the
 * first in line is served.  So nobody overtakes, and who closes the object
 * finds all of them, be they parked, or woken but yet to run, or sent to the
 * back of the ready queue: he sends them home, and they touch the object no
 * more, which may be gone.  Where nobody stands, a call that does neither need
 * not.
 *
 * Who is no task has its record in storage of its own, and is called back
 * instead of parking: gyre_line_join_called.
 *
 * For who makes objects that several may call at a time; streams and
 * descriptors stand on it.
 *
 *      struct gyre_caller c;
 *      gyre_line_join(line, &c);
 *      err = gyre_checkpoint(deadline);
 *      ... while it is not our turn, or what we need is not there:
 *              err = gyre_line_park(&c, kind, object, deadline);
 *      gyre_line_leave(line, &c);
 *      if (c.sent_home)
 *          return c.sent_home;             (and that is all)
 */
#ifndef GYRE_IO_LINE_H
#define GYRE_IO_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "timers/time.h"
#include "loop/job.h"
#include "task/wait.h"

struct gyre_loop;

/* Zeroed, nobody stands there. */
struct gyre_line {
    struct gyre_caller *first; /* or NULL */
};

struct gyre_caller {
    int sent_home; /* why, or 0 */

    /* private */
    bool calls;               /* no task: `called` is */
    struct gyre_caller *next; /* in line, in a ring; NULL when in none */
    struct gyre_caller *prev;
    union {
        struct gyre_wait *parked; /* in gyre_line_park; or NULL */
        void (*called)(struct gyre_caller *c);
    };
};

#pragma GCC visibility push(default)

/* Does nobody stand in `line`? */
static inline bool gyre_line_empty(const struct gyre_line *line)
{
    return line->first == NULL;
}

/* Is it the turn of `c`, which is in `line`? */
static inline bool gyre_line_is_first(const struct gyre_line *line,
                                      const struct gyre_caller *c)
{
    return line->first == c;
}

/* Who comes after `c`, which is in `line`; or NULL. */
static inline struct gyre_caller *gyre_line_next(const struct gyre_line *line,
                                                 const struct gyre_caller *c)
{
    return c->next != line->first ? c->next : NULL;
}

/* Join and leave a line in which others stand. */
void gyre_line_join_others(struct gyre_line *line, struct gyre_caller *c);
void gyre_line_leave_others(struct gyre_line *line, struct gyre_caller *c);

/* Stand last in `line`. */
static inline void gyre_line_join(struct gyre_line *line, struct gyre_caller *c)
{
    c->sent_home = 0;
    c->calls = false;
    c->parked = NULL;
    if (gyre_line_empty(line))
        line->first = c->next = c->prev = c;
    else
        gyre_line_join_others(line, c);
}

/*
 * The same, for no task.  called(c) is called when `c` has become the first, or
 * something has come that the first waits for; and when it is sent home, which
 * `sent_home` tells.  It runs inside of another's call: so it starts a job,
 * say, and no more.
 */
static inline void gyre_line_join_called(struct gyre_line *line,
                                         struct gyre_caller *c,
                                         void (*called)(struct gyre_caller *c))
{
    gyre_line_join(line, c);
    c->calls = true;
    c->called = called;
}

/* Leave `line`; harmless when sent home, and touches no other object then. */
static inline void gyre_line_leave(struct gyre_line *line,
                                   struct gyre_caller *c)
{
    if (c->next == c)
        line->first = NULL;
    else if (c->next != NULL)
        gyre_line_leave_others(line, c);
    c->next = NULL;
}

/*
 * Park until called: 0; or sent home: why; or as gyre_wait_park.  `kind`, whose
 * `abandon` is gyre_line_give_up, and `on` say what for.
 */
int gyre_line_park(struct gyre_caller *c, const struct gyre_wait_kind *kind,
                   void *on, gyre_time deadline);
bool gyre_line_give_up(struct gyre_wait *w);

/* If the first in line is parked, or is called, have it look again. */
void gyre_line_call(struct gyre_line *line);

/* The same, where a job may wait beside the line: if one does it is started in
   the loop `l`, and `*waiting` is NULL again. */
static inline void gyre_line_tell(struct gyre_line *line,
                                  struct gyre_job **waiting,
                                  struct gyre_loop *l)
{
    struct gyre_job *j = *waiting;

    if (j != NULL) {
        *waiting = NULL;
        gyre_job_start(l, j);
    }
    if (!gyre_line_empty(line))
        gyre_line_call(line);
}

/* Send everybody home with `err`: none of them comes back to the object. */
void gyre_line_send_home(struct gyre_line *line, int err);

#pragma GCC visibility pop

#endif
