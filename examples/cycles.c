/* Two tasks are deadlocked while the rest of the program goes on: GYRE_CYCLES
   reports them. */
#include <gyre.h>
#include <stdlib.h>

static struct gyre_mutex left, right;

static int take_both(struct gyre_mutex *first, struct gyre_mutex *second)
{
    int err = gyre_mutex_lock(first, GYRE_FOREVER);

    if (err)
        return err;
    err = gyre_sleep(gyre_in(GYRE_SECOND));
    if (err == 0)
        err = gyre_mutex_lock(second, GYRE_FOREVER);
    if (err == 0)
        gyre_mutex_unlock(second);
    gyre_mutex_unlock(first);
    return err;
}

static intptr_t from_the_left(void *arg)
{
    (void)arg;
    return take_both(&left, &right);
}

static intptr_t from_the_right(void *arg)
{
    (void)arg;
    return take_both(&right, &left);
}

static intptr_t serve(void *arg)
{
    struct gyre_scope scope;
    int err;

    (void)arg;
    gyre_scope_open(&scope, GYRE_FOREVER);
    gyre_spawn(&scope, NULL, from_the_left, NULL);
    gyre_spawn(&scope, NULL, from_the_right, NULL);
    err = gyre_sleep(gyre_in(60 * GYRE_SECOND)); /* as a server that is alive and well */
    gyre_scope_cancel(&scope);
    return gyre_scope_close(&scope, err);
}

int main(void)
{
    setenv("GYRE_CYCLES", "5", 0);
    return gyre_simulate(serve, NULL) != 0;
}
