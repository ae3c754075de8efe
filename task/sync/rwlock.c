/*
 * rwlock.c - any number who read, or one who writes.
 *
 * Invariant: the first who waits may not go in: he wants to write while
 * somebody is inside, or to read while somebody writes.  So whatever lets
 * somebody out, or takes the first away, serves those who wait.
 */
#include "task/sync/rwlock.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>

#include "task/internal.h"

/* Somebody waits to lock. */
struct request {
    struct gyre_wait wait;
    bool writing;
};

static void orphan(struct gyre_hold *h)
{
    struct gyre_rwlock *l = GYRE_OWNER(h, struct gyre_rwlock, hold);

    l->orphaned = true;
    (void)gyre_waiters_wake_all(&l->waiters, -EOWNERDEAD);
}

/* May one go in whose turn it is? */
static bool is_open(const struct gyre_rwlock *l, bool writing)
{
    return l->hold.task == NULL && (!writing || l->readers == 0);
}

static void serve(struct gyre_rwlock *l)
{
    struct gyre_wait *w;

    while ((w = gyre_waiters_first(&l->waiters)) != NULL) {
        bool writing = GYRE_OWNER(w, struct request, wait)->writing;

        if (!is_open(l, writing))
            return;
        if (writing)
            gyre_hold_give(&l->hold, w, orphan);
        else
            l->readers++;
        (void)gyre_waiters_wake(&l->waiters, 0);
    }
}

/* ---- waits ---- */

/* He may have been the one whom those behind him waited for. */
static bool leave(struct gyre_wait *w)
{
    gyre_list_remove(&w->link);
    serve(w->on);
    return true;
}

static struct gyre_task *writer(const struct gyre_wait *w,
                                const struct gyre_task *last)
{
    const struct gyre_rwlock *l = w->on;

    return last == NULL ? l->hold.task : NULL;
}

static void describe(const struct gyre_wait *w, char *text, size_t n)
{
    bool writing = GYRE_OWNER(w, struct request, wait)->writing;

    snprintf(text, n, "to %s", writing ? "write" : "read");
}

static const struct gyre_wait_kind locks = {
    .name = "for a read-write lock",
    .abandon = leave,
    .owner = writer,
    .describe = describe,
};

/* ---- locking ---- */

static int lock(struct gyre_rwlock *l, bool writing, gyre_time deadline)
{
    struct request r = {.wait = {.kind = &locks, .on = l}, .writing = writing};
    int err = gyre_checkpoint(deadline);

    if (err)
        return err;
    if (l->orphaned)
        return -EOWNERDEAD;
    if (gyre_hold_is_mine(&l->hold))
        return -EDEADLK;
    if (gyre_waiters_first(&l->waiters) != NULL || !is_open(l, writing))
        return (int)gyre_waiters_park(&l->waiters, &r.wait, deadline);
    if (!writing)
        l->readers++;
    else if (gyre_current != NULL)
        gyre_hold_take(&l->hold, orphan);
    else
        return -EPERM;
    return 0;
}

int gyre_rwlock_read(struct gyre_rwlock *l, gyre_time deadline)
{
    return lock(l, false, deadline);
}

int gyre_rwlock_write(struct gyre_rwlock *l, gyre_time deadline)
{
    return lock(l, true, deadline);
}

void gyre_rwlock_unlock(struct gyre_rwlock *l)
{
    if (gyre_hold_is_mine(&l->hold)) {
        gyre_hold_drop(&l->hold);
    } else if (l->orphaned) {
        return;
    } else {
        assert(l->hold.task == NULL && l->readers > 0);
        l->readers--;
    }
    serve(l);
}

int gyre_rwlock_recover(struct gyre_rwlock *l)
{
    if (!l->orphaned)
        return -EBUSY;
    l->orphaned = false;
    gyre_hold_take(&l->hold, orphan);
    return 0;
}

uint64_t gyre_rwlock_owner(const struct gyre_rwlock *l)
{
    return gyre_hold_owner(&l->hold);
}

size_t gyre_rwlock_readers(const struct gyre_rwlock *l)
{
    return l->readers;
}

size_t gyre_rwlock_waiting(const struct gyre_rwlock *l)
{
    return gyre_waiters_count(&l->waiters);
}
