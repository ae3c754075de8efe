/*
 * condition.c - wait until what a mutex guards has changed.
 *
 * A wait here is two, one after the other: to be notified, which anything may
 * end, and for the mutex, which nothing else ends.  So how the first ended is
 * settled before the second begins.
 */
#include "task/sync/condition.h"

#include <assert.h>
#include <errno.h>

#include "task/sync/relock.h"

static const struct gyre_wait_kind waits = {.name = "for a condition"};

/* Who must not wait keeps the mutex: to lock it again might take time. */
int gyre_condition_wait(struct gyre_condition *c, struct gyre_mutex *m,
                        gyre_time deadline)
{
    struct gyre_wait w = {.kind = &waits, .on = c};
    int err = gyre_checkpoint(deadline);
    int lost;

    assert(gyre_hold_is_mine(&m->hold));
    if (err)
        return err;
    if (deadline == GYRE_NOW)
        return -ETIMEDOUT;
    gyre_mutex_unlock(m);
    err = (int)gyre_waiters_park(&c->waiters, &w, deadline);
    lost = gyre_mutex_relock(m);
    return lost ? lost : err;
}

int gyre_condition_wait_for(struct gyre_condition *c, struct gyre_mutex *m,
                            bool (*is_so)(void *arg), void *arg,
                            gyre_time deadline)
{
    int err = gyre_checkpoint(deadline);

    while (err == 0 && !is_so(arg))
        err = gyre_condition_wait(c, m, deadline);
    return err == -ETIMEDOUT && is_so(arg) ? 0 : err;
}

void gyre_condition_notify(struct gyre_condition *c)
{
    (void)gyre_waiters_wake(&c->waiters, 0);
}

void gyre_condition_notify_all(struct gyre_condition *c)
{
    (void)gyre_waiters_wake_all(&c->waiters, 0);
}

size_t gyre_condition_waiting(const struct gyre_condition *c)
{
    return gyre_waiters_count(&c->waiters);
}
