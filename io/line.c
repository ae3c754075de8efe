/*
 * line.c - those who are inside calls on an object, in the order they came.
 */
#include "io/line.h"

/* A caller that is parked: on the stack only then, as most never are. */
struct parking {
    struct gyre_wait wait;
    struct gyre_caller *caller;
};

/* It is over for another reason than being called. */
bool gyre_line_give_up(struct gyre_wait *w)
{
    GYRE_OWNER(w, struct parking, wait)->caller->parked = NULL;
    return true;
}

int gyre_line_park(struct gyre_caller *c, const struct gyre_wait_kind *kind,
                   void *on, gyre_time deadline)
{
    struct parking p = {.wait = {.kind = kind, .on = on}, .caller = c};
    int err;

    c->parked = &p.wait;
    err = (int)gyre_wait_park(&p.wait, deadline);
    return c->sent_home ? c->sent_home : err;
}

static void wake(struct gyre_caller *c)
{
    struct gyre_wait *w = c->parked;

    if (c->calls) {
        c->called(c);
    } else if (w != NULL) {
        c->parked = NULL;
        gyre_wait_wake(w, 0);
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
