/*
 * once.c - what is done once, by whoever needs it first.
 *
 * The turn to do it is a mutex.  Those who waited get it one after the other,
 * too, when it is done, look, and pass it on.
 */
#include "task/sync/once.h"

/* It may have been done meanwhile. */
static int run(struct gyre_once *o, int (*fn)(void *arg), void *arg)
{
    int err = o->done ? 0 : fn(arg);

    if (err == 0)
        o->done = true;
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
