/*
 * relock.h - a mutex is locked again by who has given it up for a while.
 *
 * Private to task/, installed nowhere.
 */
#ifndef GYRE_TASK_SYNC_RELOCK_H
#define GYRE_TASK_SYNC_RELOCK_H

#include "task/sync/mutex.h"

/* As gyre_mutex_lock, but neither a cancel point nor ended by anything but the
   mutex.  0 or -EOWNERDEAD. */
int gyre_mutex_relock(struct gyre_mutex *m);

#endif
