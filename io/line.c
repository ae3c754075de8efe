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

void gyre_line_join_others(struct gyre_line *line, struct gyre_caller *c)
{
    struct gyre_caller *first = line->first;

    c->next = first;
    c->prev = first->prev;
    c->prev->next = c;
    first->prev = c;
}

void gyre_line_leave_others(struct gyre_line *line, struct gyre_caller *c)
{
    if (line->first == c)
        line->first = c->next;
    c->prev->next = c->next;
    c->next->prev = c->prev;
}

void gyre_line_call(struct gyre_line *line)
{
    if (!gyre_line_empty(line))
        wake(line->first);
}

void gyre_line_send_home(struct gyre_line *line, int err)
{
    while (!gyre_line_empty(line)) {
        struct gyre_caller *c = line->first;

        gyre_line_leave(line, c);
        c->sent_home = err;
        wake(c);
    }
}
