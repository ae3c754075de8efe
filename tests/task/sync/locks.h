/*
 * locks.h - mutexes, semaphores and read-write locks, seen as one thing: so
 * many permits, of which a task acquires some.
 */
#ifndef TESTS_TASK_SYNC_LOCKS_H
#define TESTS_TASK_SYNC_LOCKS_H

#include <stddef.h>

#include "timers/time.h"
#include "task/sync/mutex.h"
#include "task/sync/rwlock.h"
#include "task/sync/semaphore.h"

union lock {
    struct gyre_mutex mutex;
    struct gyre_semaphore semaphore;
    struct gyre_rwlock rwlock;
};

struct lock_kind {
    size_t permits;
    void (*init)(union lock *l);
    int (*acquire)(union lock *l, size_t n, gyre_time deadline);
    void (*release)(union lock *l, size_t n);
    size_t (*available)(const union lock *l);
    size_t (*waiting)(const union lock *l);
};

/* One permit; two; and three, of which a reader needs one, and a writer all. */
extern const struct lock_kind lock_mutex, lock_semaphore, lock_rwlock;

#endif
