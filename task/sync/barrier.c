/*
 * barrier.c - nobody goes on before all are there.
 *
 * Invariants: `waiting` counts the waiters, and there are fewer than parties;
 * nobody waits at a barrier that is aborted.
 */
#include "task/sync/barrier.h"

#include <assert.h>
#include <errno.h>

static bool leave(struct gyre_wait *w)
{
    struct gyre_barrier *b = w->on;

    gyre_list_remove(&w->link);
    b->waiting--;
    return true;
}

static const struct gyre_wait_kind waits = {
    .name = "at a barrier",
    .abandon = leave,
};

/* All are there.  Places are given now, for some may have left since they
   came. */
static ssize_t let_go(struct gyre_barrier *b)
{
    ssize_t place = 0;

    while (gyre_waiters_wake(&b->waiters, place))
        place++;
    b->waiting = 0;
    return place;
}

ssize_t gyre_barrier_wait(struct gyre_barrier *b, gyre_time deadline)
{
    struct gyre_wait w = {.kind = &waits, .on = b};
    int err = gyre_checkpoint(deadline);

    assert(b->parties > 0);
    if (err)
        return err;
    if (b->aborted)
        return -EPIPE;
    if (b->waiting + 1 == b->parties)
        return let_go(b);
    b->waiting++;
    return gyre_waiters_park(&b->waiters, &w, deadline);
}

static void call_off(struct gyre_barrier *b)
{
    (void)gyre_waiters_wake_all(&b->waiters, -EPIPE);
    b->waiting = 0;
}

void gyre_barrier_reset(struct gyre_barrier *b)
{
    call_off(b);
    b->aborted = false;
}

void gyre_barrier_abort(struct gyre_barrier *b)
{
    call_off(b);
    b->aborted = true;
}

bool gyre_barrier_is_aborted(const struct gyre_barrier *b)
{
    return b->aborted;
}

size_t gyre_barrier_waiting(const struct gyre_barrier *b)
{
    return b->waiting;
}
