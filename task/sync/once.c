/*
 * once.c - what is done once, by whoever needs it first.
 *
 * The turn to do it is a mutex.  When it is done there are no more turns: who
 * waited for one is told so instead.
 */
#include "task/sync/once.h"

#include <errno.h>

#define DONE (-EALREADY)

/* It may be done since it was asked for: to lock the mutex is to give way, now
   and then, before anything is attempted. */
static int run(struct gyre_once *o, int (*fn)(void *arg), void *arg)
{
    int err = o->done ? 0 : fn(arg);

    if (err == 0) {
        o->done = true;
        (void)gyre_waiters_wake_all(&o->mutex.waiters, DONE);
    }
    gyre_mutex_unlock(&o->mutex);
    return err;
}

int gyre_once(struct gyre_once *o, int (*fn)(void *arg), void *arg,
              gyre_time deadline)
{
    int err;

    if (o->done)
        return gyre_checkpoint(deadline);
    err = gyre_mutex_lock(&o->mutex, deadline);
    if (err == DONE)
        return 0;
    return err ? err : run(o, fn, arg);
}

bool gyre_once_is_done(const struct gyre_once *o)
{
    return o->done;
}

uint64_t gyre_once_owner(const struct gyre_once *o)
{
    return gyre_mutex_owner(&o->mutex);
}

size_t gyre_once_waiting(const struct gyre_once *o)
{
    return gyre_mutex_waiting(&o->mutex);
}
