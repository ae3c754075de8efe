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

int gyre_event_wait(struct gyre_event *e, gyre_time deadline)
{
    struct gyre_wait w = {.kind = &waits, .on = e};
    int err = gyre_checkpoint(deadline);

    if (err || e->set)
        return err;
    return (int)gyre_waiters_park(&e->waiters, &w, deadline);
}

size_t gyre_event_waiting(const struct gyre_event *e)
{
    return gyre_waiters_count(&e->waiters);
}
