/*
 * rwlock.h - any number who read, or one who writes.
 *
 * As with a mutex (mutex.h), whom the lock is handed to has it even if he is
 * then cancelled.  It is handed out in order of arrival: a reader does not
 * overtake a writer who waits, so that neither kind starves, and readers who
 * come one after the other go in together.
 *
 * Who writes is known, and if he ends without unlocking whoever waits, or wants
 * to lock from then on, gets -EOWNERDEAD, until somebody recovers it, who then
 * writes, and mends what is half done.  Readers are counted and not known.  So
 * if one of them ends so writers wait for ever; and one who, reading, wants to
 * read once more waits for the writer who waits for him, as does one who wants
 * to write.
 *
 * For the tasks of one loop.  A zeroed lock is unlocked; it allocates nothing,
 * and there is nothing to undo.  It must stay in place while it is locked.
 */
#ifndef GYRE_TASK_SYNC_RWLOCK_H
#define GYRE_TASK_SYNC_RWLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "timers/time.h"
#include "task/hold.h"
#include "task/waiters.h"

struct gyre_rwlock {
    /* private */
    struct gyre_hold hold;       /* of who writes */
    struct gyre_waiters waiters; /* of both kinds */
    size_t readers;
    bool orphaned; /* who wrote has ended */
};

#pragma GCC visibility push(default)

/* Wait until the current task may read, or write.  0; -EDEADLK if it already
   writes, for that wait could not end; -EOWNERDEAD; -EPERM for a callback that
   wants to write, as it is no task.  Cancel points. */
int gyre_rwlock_read(struct gyre_rwlock *l, gyre_time deadline)
    __attribute__((warn_unused_result));
int gyre_rwlock_write(struct gyre_rwlock *l, gyre_time deadline)
    __attribute__((warn_unused_result));

/* Stop reading, or writing, whatever the current task does.  Not after
   -EOWNERDEAD: who has not locked it might let a reader out, as readers are not
   known.  (Until the lock is recovered that has no effect.) */
void gyre_rwlock_unlock(struct gyre_rwlock *l);

/* Write, if who wrote has ended and nobody has recovered the lock since: 0; or
   -EBUSY, if it is to be locked as ever.  By a task. */
int gyre_rwlock_recover(struct gyre_rwlock *l)
    __attribute__((warn_unused_result));

/* The id of the task that writes, or 0. */
uint64_t gyre_rwlock_owner(const struct gyre_rwlock *l);

/* How many read. */
size_t gyre_rwlock_readers(const struct gyre_rwlock *l);

/* How many wait, to read or to write.  O(n). */
size_t gyre_rwlock_waiting(const struct gyre_rwlock *l);

#pragma GCC visibility pop

#endif
