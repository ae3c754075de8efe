/*
 * event.c - something that has happened, or not yet.
 *
 * Invariant: nobody waits for an event that is set.
 */
#include "task/sync/event.h"

static const struct gyre_wait_kind waits = {.name = "for an event"};

void gyre_event_set(struct gyre_event *e)
{
    e->set = true;
    (void)gyre_waiters_wake_all(&e->waiters, 0);
}

void gyre_event_clear(struct gyre_event *e)
{
    e->set = false;
}

bool gyre_event_is_set(const struct gyre_event *e)
{
    return e->set;
}

static bool pass(struct gyre_case *c)
{
    const struct gyre_event *e = c->wait.on;

    c->result = 0;
    return e->set;
}

struct gyre_case gyre_case_event(struct gyre_event *e)
{
    return (struct gyre_case){
        .attempt = pass,
        .line = &e->waiters,
        .wait = {.kind = &waits, .on = e},
    };
}

int gyre_event_wait(struct gyre_event *e, gyre_time deadline)
{
    struct gyre_case c = gyre_case_event(e);

    return (int)gyre_case_await(&c, deadline);
}

size_t gyre_event_waiting(const struct gyre_event *e)
{
    return gyre_waiters_count(&e->waiters);
}
