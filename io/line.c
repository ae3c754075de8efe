/*
 * line.c - those who are inside calls on an object, in the order they came.
 */
#include "io/line.h"

/* It is over for another reason than being called. */
bool gyre_line_give_up(struct gyre_wait *w)
{
    GYRE_OWNER(w, struct gyre_caller, wait)->parked = false;
    return true;
}

int gyre_line_park(struct gyre_caller *c, const struct gyre_wait_kind *kind,
                   void *on, gyre_time deadline)
{
    int err;

    c->wait = (struct gyre_wait){.kind = kind, .on = on};
    c->parked = true;
    err = (int)gyre_wait_park(&c->wait, deadline);
    return c->sent_home ? c->sent_home : err;
}

static void wake(struct gyre_caller *c)
{
    if (c->calls) {
        c->called(c);
    } else if (c->parked) {
        c->parked = false;
        gyre_wait_wake(&c->wait, 0);
    }
}

void gyre_line_call(struct gyre_list *line)
{
    if (!gyre_list_empty(line))
        wake(GYRE_OWNER(line->next, struct gyre_caller, link));
}

void gyre_line_send_home(struct gyre_list *line, int err)
{
    while (!gyre_list_empty(line)) {
        struct gyre_caller *c =
            GYRE_OWNER(gyre_list_take(line), struct gyre_caller, link);

        c->sent_home = err;
        wake(c);
    }
}
