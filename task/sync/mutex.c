/*
 * mutex.c - one task at a time.
 *
 * Invariant: somebody waits only while somebody has it.
 */
#include "task/sync/mutex.h"

#include <assert.h>
#include <errno.h>

#include "task/internal.h"
#include "task/sync/relock.h"

static struct gyre_task *owner(const struct gyre_wait *w,
                               const struct gyre_task *last)
{
    const struct gyre_mutex *m = w->on;

    return last == NULL ? m->hold.task : NULL;
}

static const struct gyre_wait_kind locks = {
    .name = "for a mutex",
    .owner = owner,
};

static const struct gyre_wait_kind relocks = {
    .name = "for the mutex of a condition",
    .abandon = gyre_wait_refuse,
    .owner = owner,
};

static void orphan(struct gyre_hold *h)
{
    struct gyre_mutex *m = GYRE_OWNER(h, struct gyre_mutex, hold);

    m->orphaned = true;
    m->bereaved = true;
    (void)gyre_waiters_wake_all(&m->waiters, -EOWNERDEAD);
}

static int lock(struct gyre_mutex *m, const struct gyre_wait_kind *kind,
                gyre_time deadline)
{
    struct gyre_wait w = {.kind = kind, .on = m};

    if (m->orphaned)
        return -EOWNERDEAD;
    if (gyre_hold_is_mine(&m->hold))
        return -EDEADLK;
    if (m->hold.task != NULL)
        return (int)gyre_waiters_park(&m->waiters, &w, deadline);
    if (gyre_current == NULL)
        return -EPERM;
    gyre_hold_take(&m->hold, orphan);
    return 0;
}

int gyre_mutex_lock(struct gyre_mutex *m, gyre_time deadline)
{
    int err = gyre_checkpoint(deadline);

    return err ? err : lock(m, &locks, deadline);
}

int gyre_mutex_relock(struct gyre_mutex *m)
{
    return lock(m, &relocks, GYRE_FOREVER);
}

void gyre_mutex_unlock(struct gyre_mutex *m)
{
    struct gyre_wait *next = gyre_waiters_first(&m->waiters);

    if (!gyre_hold_is_mine(&m->hold)) {
        assert(m->bereaved);
        return;
    }
    if (next == NULL) {
        gyre_hold_drop(&m->hold);
        return;
    }
    gyre_hold_give(&m->hold, next, orphan);
    (void)gyre_waiters_wake(&m->waiters, 0);
}

int gyre_mutex_recover(struct gyre_mutex *m)
{
    if (!m->orphaned)
        return -EBUSY;
    m->orphaned = false;
    gyre_hold_take(&m->hold, orphan);
    return 0;
}

uint64_t gyre_mutex_owner(const struct gyre_mutex *m)
{
    return gyre_hold_owner(&m->hold);
}

size_t gyre_mutex_waiting(const struct gyre_mutex *m)
{
    return gyre_waiters_count(&m->waiters);
}
