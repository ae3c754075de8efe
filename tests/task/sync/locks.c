/*
 * locks.c - mutexes, semaphores and read-write locks, seen as one thing.
 */
#include "tests/task/sync/locks.h"

/* ---- mutexes ---- */

static void init_mutex(union lock *l)
{
    l->mutex = (struct gyre_mutex){0};
}

static int acquire_mutex(union lock *l, size_t n, gyre_time deadline)
{
    (void)n;
    return gyre_mutex_lock(&l->mutex, deadline);
}

static void release_mutex(union lock *l, size_t n)
{
    (void)n;
    gyre_mutex_unlock(&l->mutex);
}

static size_t available_mutex(const union lock *l)
{
    return gyre_mutex_owner(&l->mutex) == 0;
}

static size_t waiting_mutex(const union lock *l)
{
    return gyre_mutex_waiting(&l->mutex);
}

const struct lock_kind lock_mutex = {
    .permits = 1,
    .init = init_mutex,
    .acquire = acquire_mutex,
    .release = release_mutex,
    .available = available_mutex,
    .waiting = waiting_mutex,
};

/* ---- semaphores ---- */

static void init_semaphore(union lock *l)
{
    l->semaphore = (struct gyre_semaphore){.permits = 2, .limit = 2};
}

static int acquire_semaphore(union lock *l, size_t n, gyre_time deadline)
{
    return gyre_semaphore_acquire(&l->semaphore, n, deadline);
}

static void release_semaphore(union lock *l, size_t n)
{
    gyre_semaphore_release(&l->semaphore, n);
}

static size_t available_semaphore(const union lock *l)
{
    return gyre_semaphore_available(&l->semaphore);
}

static size_t waiting_semaphore(const union lock *l)
{
    return gyre_semaphore_waiting(&l->semaphore);
}

const struct lock_kind lock_semaphore = {
    .permits = 2,
    .init = init_semaphore,
    .acquire = acquire_semaphore,
    .release = release_semaphore,
    .available = available_semaphore,
    .waiting = waiting_semaphore,
};

/* ---- read-write locks ---- */

enum { READERS = 3 };

static void init_rwlock(union lock *l)
{
    l->rwlock = (struct gyre_rwlock){0};
}

static int acquire_rwlock(union lock *l, size_t n, gyre_time deadline)
{
    return n == 1 ? gyre_rwlock_read(&l->rwlock, deadline)
                  : gyre_rwlock_write(&l->rwlock, deadline);
}

static void release_rwlock(union lock *l, size_t n)
{
    (void)n;
    gyre_rwlock_unlock(&l->rwlock);
}

static size_t available_rwlock(const union lock *l)
{
    if (gyre_rwlock_owner(&l->rwlock) != 0)
        return 0;
    return READERS - gyre_rwlock_readers(&l->rwlock);
}

static size_t waiting_rwlock(const union lock *l)
{
    return gyre_rwlock_waiting(&l->rwlock);
}

const struct lock_kind lock_rwlock = {
    .permits = READERS,
    .init = init_rwlock,
    .acquire = acquire_rwlock,
    .release = release_rwlock,
    .available = available_rwlock,
    .waiting = waiting_rwlock,
};
